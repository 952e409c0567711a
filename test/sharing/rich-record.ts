import type { TrialRecord } from '../../server/src/audit/record.ts';
import type { Evidence, RecordedPackage } from '../../server/src/trace/evidence.ts';
import { USE_KINDS } from '../../server/src/trace/use-kind.ts';
import { makeRecord, NOTHING_DECLARED, NOTHING_INHERITED } from '../support/trial-record.ts';
import { IMAGE, TEXT } from './made-records.ts';

const PNG: RecordedPackage = {
  category: 'media-libs',
  name: 'libpng',
  version: '1.6.39-r1',
  slot: '0',
  subslot: '16',
  use: ['apng', 'abi_x86_64'],
};
const EVIDENCE: Evidence = {
  phase: 'compile',
  program: '/usr/bin/cc1',
  chain: ['src_compile', 'make', 'cc1'],
  operation: 'read',
  path: '/usr/include/png.h',
  result: 'denied',
  count: 3,
};
const BOUNDS = [{ operator: '>=' as const, version: '1.6', statedBy: 'pkg-config --exists libpng' }];
const DIFFERENCES = [
  {
    aspect: 'symbol' as const,
    change: 'added' as const,
    path: '/usr/bin/foo',
    name: 'png',
    imported: true as const,
  },
];

/** A record in which every key has a value. */
export const RICH: TrialRecord = makeRecord(TEXT, {
  evaluated: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' },
  inherited: { ...NOTHING_INHERITED, BDEPEND: ['>=dev-build/cmake-3.28.5', '!dev-util/x[y(+)?]'] },
  use: ['amd64'],
  iuse: ['png', 'test'],
  image: IMAGE,
  installed: {
    files: ['/usr/bin/foo'],
    elf: [{ path: '/usr/bin/foo', soname: 'libfoo.so', needed: ['libpng16.so.16'] }],
  },
  failure: { phase: 'test', firstError: 'foo.c:1: error: "x"' },
  needs: [
    {
      variable: 'DEPEND',
      package: PNG,
      atom: 'media-libs/libpng:=',
      certainty: 'proven',
      evidence: [EVIDENCE],
      named: {
        kind: 'python-metadata',
        wanted: 'png',
        ground: 'headers',
        purpose: 'x',
        stated: 'png (>=1)',
        isForVersion: true,
      },
      bounds: BOUNDS,
      instead: [PNG],
      calledBy: { eclass: 'cmake', function: 'cmake_src_configure' },
      others: ['media-libs/other'],
      deprecated: true,
      eclasses: ['meson'],
      languageEclass: 'python-any-r1',
    },
  ],
  probes: [
    {
      package: PNG,
      atom: 'media-libs/libpng:=',
      variables: ['DEPEND', 'RDEPEND'],
      effect: 'breaks',
      beside: [PNG],
      asksOnlyVariables: true,
      differences: DIFFERENCES,
      evidence: [EVIDENCE],
      bounds: BOUNDS,
      failure: { phase: 'configure', firstError: 'x' },
    },
  ],
  uses: [
    {
      package: PNG,
      atom: 'media-libs/libpng:0=',
      licence: 'closure',
      through: ['sys-libs/zlib'],
      calledIn: '/usr/include/x.h',
      kinds: USE_KINDS.map((kind) => ({ kind, evidence: [EVIDENCE] })),
      bounds: BOUNDS,
      flags: ['apng'],
      deprecated: true,
      relinked: false,
      requirement: 'png',
      lacksIn: 'BDEPEND',
    },
  ],
  named: [
    {
      package: PNG,
      atom: 'media-libs/libpng',
      named: { kind: 'soname', wanted: 'libpng16.so.16' },
      isOptional: true,
      licence: 'declared',
      evidence: [{ ...EVIDENCE, operation: 'name', result: 'seen' }],
    },
  ],
  unresolved: [{ kind: 'library', wanted: 'libx.so', user: '/usr/bin/foo', ownPath: '/usr/lib/libx.so' }],
  removals: [
    { variable: 'DEPEND', atom: 'sys-libs/zlib', outcome: 'same', tested: true, differences: DIFFERENCES },
  ],
  options: [{ system: 'cmake', name: 'WITH_PNG', values: 'boolean' }],
  incidents: [{ kind: 'network-access', evidence: EVIDENCE }],
  notInstalled: [{ variable: 'RDEPEND', atom: '>=dev-libs/gone-2:0/3=[x,-y]' }],
  gaps: ['the state flag="x" was not tried'],
  untested: 'left-out',
  suffixedPrograms: [{ wanted: 'cmake3', path: '/usr/bin/cmake', package: PNG }],
  cycles: ['media-libs/libpng'],
  environment: { TZ: 'UTC', 'host name': 'ebuild-audit' },
  variants: [
    makeRecord(TEXT, { use: ['amd64', 'png'], iuse: ['png', 'test'], image: 'ef'.repeat(32), storedAt: 5 }),
  ],
  storedAt: 7,
  sharedBy: ['x'],
});
