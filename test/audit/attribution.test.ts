import { describe, expect, test } from 'vitest';
import { createAttribution } from '../../server/src/audit/attribution.ts';
import type { RecordedPackage } from '../../server/src/audit/record.ts';
import type { Licence, TouchedFile, TracedEvent } from '../../server/src/audit/traced.ts';

function recorded(cpv: string): RecordedPackage {
  const [, category = '', name = '', version = ''] = /^(.+)\/(.+)-(\d.*)$/.exec(cpv) ?? [];
  return { category, name, version, slot: '0', subslot: '0', use: [] };
}

const FILES: Record<string, [cpv: string, licence: Licence]> = {
  '/usr/include/png.h': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/bin/libpng-config': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/share/doc/libpng/README': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/bin/gawk': ['sys-apps/gawk-5', 'hidden'],
  '/usr/bin/python3.12': ['dev-lang/python-3.12', 'package-manager-only'],
  '/usr/bin/meson': ['dev-build/meson-1.5', 'declared'],
  '/usr/bin/make': ['dev-build/make-4', 'declared'],
  '/usr/libexec/gcc/cc1': ['sys-devel/gcc-14', 'declared'],
};

function touch(path: string): TouchedFile[] {
  const found = FILES[path];
  return found === undefined
    ? []
    : [{ package: recorded(found[0]), path, hidden: found[1] === 'hidden', licence: found[1] }];
}

/** `/pm/ebuild.sh PHASE` starts a phase; everything under /pm is the package manager's, `emake` there gives its children back. */
function observe(events: TracedEvent[], ebuildBegins?: string) {
  const attribution = createAttribution({
    ownWork: {
      folders: ['/pm'],
      ebuildHelpers: ['emake'],
      ...(ebuildBegins === undefined ? {} : { ebuildBegins }),
    },
    phaseOf: (executable, argv) => (executable === '/pm/ebuild.sh' ? argv[1] : undefined),
    touch,
    needsToRun: (program, other) => program.name === 'meson' && other.name === 'python',
  });
  for (const event of events) attribution.observe(event);
  return attribution;
}

const start = (serial: number, parent: number): TracedEvent => ({ kind: 'process', serial, parent });
const exec = (
  serial: number,
  path: string,
  argv = [path],
  interpreters: string[] = [],
  found = true,
): TracedEvent => ({
  kind: 'exec',
  serial,
  path,
  argv,
  interpreters: interpreters.map((one) => ({ path: one })),
  found,
});
const open = (serial: number, path: string): TracedEvent => ({
  kind: 'access',
  serial,
  operation: 'open',
  path,
});
const stat = (serial: number, path: string): TracedEvent => ({
  kind: 'access',
  serial,
  operation: 'stat',
  path,
});

const compilePhase = [
  start(1, 0),
  exec(1, '/pm/ebuild'),
  start(2, 1),
  exec(2, '/pm/ebuild.sh', ['ebuild.sh', 'compile']),
];

describe('what is denied', () => {
  test('a header is told with the chain that led to it, and points to DEPEND', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/pm/emake', ['bash', '/pm/emake']),
      exec(3, '/usr/bin/make'),
      start(4, 3),
      exec(4, '/usr/libexec/gcc/cc1'),
      stat(4, '/usr/include/png.h'),
      open(4, '/usr/include/png.h'),
      open(4, '/usr/include/png.h'),
      stat(4, '/usr/include/png.h'),
    ]);
    expect(attribution.denials('compile')).toMatchObject([
      {
        package: { name: 'libpng' },
        variable: 'DEPEND',
        evidence: [
          {
            phase: 'compile',
            chain: ['src_compile', 'make', 'cc1'],
            operation: 'read',
            path: '/usr/include/png.h',
            result: 'denied',
            count: 2,
          },
        ],
      },
    ]);
    expect(attribution.denials('configure')).toEqual([]);
  });

  test('a program points to BDEPEND, and of two packages the later comes first', () => {
    const attribution = observe([
      ...compilePhase,
      open(2, '/usr/include/png.h'),
      exec(2, '/usr/bin/gawk', ['gawk'], [], false),
    ]);
    expect(attribution.denials('compile').map((one) => [one.package.name, one.variable])).toEqual([
      ['gawk', 'BDEPEND'],
      ['libpng', 'DEPEND'],
    ]);
  });

  test('data says nothing about use', () => {
    expect(observe([...compilePhase, stat(2, '/usr/share/doc/libpng/README')]).denials('compile')).toEqual(
      [],
    );
  });

  test('a phase’s own preparations, and what was forked for them, are the package manager’s', () => {
    const events = [
      ...compilePhase,
      stat(2, '/usr/bin/gawk'),
      start(3, 2),
      stat(3, '/usr/bin/gawk'),
      stat(2, '/build/temp/environment'),
      start(4, 2),
      open(4, '/usr/include/png.h'),
    ];
    const names = (ebuildBegins?: string) =>
      observe(events, ebuildBegins)
        .denials('compile')
        .map((one) => one.package.name);
    expect(names('/temp/environment')).toEqual(['libpng']);
    expect(names()).toEqual(['libpng', 'gawk']);
  });

  test('what the package manager itself looks for is not the ebuild’s', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/pm/helper', ['python3', '/pm/helper']),
      start(4, 3),
      exec(4, '/usr/bin/gawk', ['gawk'], [], false),
    ]);
    expect(attribution.denials('compile')).toEqual([]);
  });
});

describe('what only the package manager’s sake makes visible', () => {
  test('run by the ebuild’s own script, it is told', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/usr/bin/python3.12', ['python3', 'gen.py']),
    ]);
    expect(attribution.unlicensedRuns()).toMatchObject([
      {
        package: { name: 'python' },
        evidence: [{ operation: 'execute', path: '/usr/bin/python3.12', result: 'seen' }],
      },
    ]);
  });

  test('as the interpreter of a script in the build folder, too', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/build/gen.py', ['gen.py'], ['/usr/bin/python3.12']),
    ]);
    expect(attribution.unlicensedRuns()).toHaveLength(1);
  });

  test('as the interpreter of a declared program it is that program’s business', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/usr/bin/meson', ['meson'], ['/usr/bin/python3.12']),
      start(4, 3),
      exec(4, '/usr/bin/python3.12', ['python3', '-c', '1']),
    ]);
    expect(attribution.unlicensedRuns()).toEqual([]);
  });

  test('run by the package manager it is nobody’s finding', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/usr/bin/python3.12', ['python3', '/pm/helper.py']),
    ]);
    expect(attribution.unlicensedRuns()).toEqual([]);
  });
});

test('packages seen, phase and gaps are counted; unknown processes are no error', () => {
  const attribution = observe([
    ...compilePhase,
    open(99, '/usr/bin/make'),
    { kind: 'gap', serial: 2, reason: 'io_uring' },
    { kind: 'gap', serial: 3, reason: 'io_uring' },
    { kind: 'end', status: 0 },
  ]);
  expect([attribution.packagesSeen, attribution.phase, attribution.gaps]).toEqual([
    1,
    'compile',
    ['io_uring'],
  ]);
});

test('a million accesses by 200,000 processes take no memory that grows with them', () => {
  const attribution = observe(compilePhase);
  const observeMany = (from: number) => {
    for (let serial = from; serial < from + 100_000; serial++) {
      // Every process is a child of the one before, and is gone before the next but one is seen.
      attribution.observe(start(serial, serial === 10 ? 2 : serial - 1));
      attribution.observe(exec(serial, `/build/tool-${serial}`));
      for (let i = 0; i < 4; i++) attribution.observe(stat(serial, `/usr/include/none/${serial}-${i}.h`));
      attribution.observe(open(serial, '/usr/include/png.h'));
      if (serial > 11) attribution.observe({ kind: 'exited', serial: serial - 2 });
    }
  };
  observeMany(10);
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  observeMany(100_010);
  globalThis.gc?.();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(30 * 2 ** 20);
  const [denial] = attribution.denials('compile');
  expect(denial?.evidence.length).toBeLessThanOrEqual(4);
  expect(denial?.evidence[0]?.chain.length).toBeLessThanOrEqual(33);
});

test('a link that the build has made leads to the package, and a program behind it is run', () => {
  const attribution = observe([
    ...compilePhase,
    { kind: 'access', serial: 2, operation: 'open', path: '/build/inc/png.h', hops: ['/usr/include/png.h'] },
    start(3, 2),
    {
      ...{ kind: 'exec', serial: 3, argv: ['gen.py'], found: true, path: '/build/gen.py' },
      interpreters: [{ path: '/build/bin/python3', hops: ['/usr/bin/python3.12'] }],
    },
  ]);
  expect(attribution.denials('compile').map((one) => one.package.name)).toEqual(['libpng']);
  expect(attribution.unlicensedRuns().map((one) => one.package.name)).toEqual(['python']);
});
