import type { Need, PackageUse, Probe, Removal } from '../../server/src/audit/record.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import type { Evidence, RecordedPackage } from '../../server/src/trace/evidence.ts';
import type { UseKind } from '../../server/src/trace/use-kind.ts';

/** `media-libs/libpng`, or with slot and subslot `media-libs/libpng:0/16`. */
export function recordedPackage(text: string): RecordedPackage {
  const [, category = '', name = '', slot = '0', subslot = slot] =
    /^([^/]+)\/([^:]+)(?::([^/]+)(?:\/(.+))?)?$/.exec(text) ?? [];
  return { category, name, version: '1.6.43', slot, subslot, use: [] };
}

export const evidence: Evidence = {
  phase: 'compile',
  program: '/usr/libexec/gcc/cc1',
  chain: ['src_compile', 'make', 'cc1'],
  operation: 'read',
  path: '/usr/include/png.h',
  result: 'denied',
  count: 2,
};

const PATHS: Readonly<Record<UseKind, string>> = {
  program: '/usr/bin/tool',
  'build-module': '/usr/share/aclocal/tool.m4',
  header: '/usr/include/tool.h',
  library: '/usr/lib64/libtool.so',
  'pkg-config': '/usr/lib64/pkgconfig/tool.pc',
  cmake: '/usr/lib64/cmake/tool/toolConfig.cmake',
  description: '/usr/share/gir-1.0/Tool.gir',
  data: '/usr/share/tool/data',
  linked: '/usr/lib64/libtool.so.1',
  named: '/usr/lib64/libz.so.1',
  interpreter: '/usr/bin/tool',
};

export function need(variable: DependencyVariable, name: string, more: Partial<Need> = {}): Need {
  return {
    variable,
    package: recordedPackage(name),
    atom: name,
    certainty: 'proven',
    evidence: [evidence],
    ...more,
  };
}

export function use(name: string, kinds: readonly UseKind[], more: Partial<PackageUse> = {}): PackageUse {
  return {
    package: recordedPackage(name),
    atom: name.replace(/:.*/, ''),
    licence: 'declared',
    kinds: kinds.map((kind) => ({
      kind,
      evidence: [
        {
          ...evidence,
          operation: kind === 'linked' ? 'link' : kind === 'program' ? 'execute' : 'read',
          program: kind === 'linked' ? '/usr/bin/hello' : evidence.program,
          path: PATHS[kind],
          result: 'seen',
          count: 1,
        },
      ],
    })),
    bounds: [],
    ...more,
  };
}

export function probe(
  name: string,
  variables: readonly DependencyVariable[] = ['DEPEND', 'RDEPEND'],
  more: Partial<Probe> = {},
): Probe {
  return {
    package: recordedPackage(name),
    atom: name.replace(/:.*/, ''),
    variables,
    effect: 'changes',
    differences: [
      { aspect: 'linked-library', change: 'added', path: '/usr/bin/hello', name: 'libpng16.so.16' },
    ],
    evidence: [evidence],
    ...more,
  };
}

export function removal(
  variable: DependencyVariable,
  atom: string,
  outcome: Removal['outcome'] = 'same',
  tested = false,
): Removal {
  return { variable, atom, outcome, tested, differences: [] };
}
