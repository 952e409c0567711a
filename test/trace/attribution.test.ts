import { describe, expect, test } from 'vitest';
import type { Operation, TraceEvent } from '../../server/src/trace/event.ts';
import { heapInUse } from '../support/heap.ts';
import { attribute, begin, exec, type Files, named, open, start, stat } from './traced-build.ts';

const FILES: Files = {
  '/usr/include/png.h': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/share/doc/libpng/README': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/bin/gawk': ['sys-apps/gawk-5', 'hidden'],
  '/usr/bin/python3.12': ['dev-lang/python-3.12', 'package-manager-only'],
  '/usr/bin/make': ['dev-build/make-4', 'declared'],
  '/usr/libexec/gcc/cc1': ['sys-devel/gcc-14', 'declared'],
};

const observe = (events: readonly TraceEvent[], ebuildBegins?: readonly string[]) =>
  attribute({ files: FILES, ...(ebuildBegins === undefined ? {} : { ebuildBegins }) }, events);

const compilePhase = begin('compile');

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
    expect(attribution.denials('compile').map((denial) => [denial.package.name, denial.variable])).toEqual([
      ['gawk', 'BDEPEND'],
      ['libpng', 'DEPEND'],
    ]);
  });

  test('of two denials the one that is hardly ever a reason comes last, however late it came', () => {
    const attribution = observe([
      ...compilePhase,
      start(3, 2),
      exec(3, '/build/configure', ['configure'], ['/bin/sh']),
      stat(3, '/usr/bin/gawk'),
      stat(3, '/usr/share/doc/libpng/README'),
    ]);
    expect(attribution.denials('compile').map((denial) => [denial.package.name, denial.weak])).toEqual([
      ['gawk', false],
      ['libpng', true],
    ]);
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
    const names = (ebuildBegins?: readonly string[]) =>
      observe(events, ebuildBegins)
        .denials('compile')
        .map((denial) => denial.package.name);
    expect(names(['/temp/environment', '.ebuild'])).toEqual(['libpng']);
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

test('half a million accesses by 100,000 processes take no memory that grows with them', () => {
  const attribution = observe(compilePhase);
  const observeMany = (from: number) => {
    for (let serial = from; serial < from + 50_000; serial++) {
      // Every process is a child of the previous one, which ends before the next but one starts.
      attribution.observe(start(serial, serial === 10 ? 2 : serial - 1));
      attribution.observe(exec(serial, `/build/tool-${serial}`));
      for (let i = 0; i < 4; i++) attribution.observe(stat(serial, `/usr/include/none/${serial}-${i}.h`));
      attribution.observe(open(serial, '/usr/include/png.h'));
      if (serial > 11) attribution.observe({ kind: 'exited', serial: serial - 2 });
    }
  };
  observeMany(10);
  const before = heapInUse();
  observeMany(50_010);
  expect(heapInUse() - before).toBeLessThan(2 ** 20);
  const [denial] = attribution.denials('compile');
  expect(denial?.evidence.length).toBeLessThanOrEqual(4);
  expect(denial?.evidence[0]?.chain.length).toBeLessThanOrEqual(33);
});

test('a link that the build has made leads to the package, and a program behind it is run', () => {
  const attribution = observe([
    ...compilePhase,
    { ...open(2, '/build/inc/png.h'), hops: ['/usr/include/png.h'] } as TraceEvent,
    start(3, 2),
    {
      ...{ kind: 'exec', serial: 3, argv: ['gen.py'], found: true, ...named('/build/gen.py') },
      interpreters: [{ path: '/build/bin/python3', hops: ['/usr/bin/python3.12'] }],
    },
  ]);
  expect(attribution.denials('compile').map((denial) => denial.package.name)).toEqual(['libpng']);
  expect(attribution.uses().map((use) => use.package.name)).toEqual(['python']);
});

describe('a change of a file that is not there', () => {
  const change = (operation: Operation, path: string, to?: string): TraceEvent => ({
    ...{ kind: 'access', serial: 2, operation, result: 'unknown' },
    ...named(path),
    ...(to === undefined ? {} : { to }),
  });
  const png = '/usr/include/png.h';
  const EVENTS: readonly (readonly [string, TraceEvent])[] = [
    ...(['write', 'unlink', 'mkdir', 'attributes', 'rename'] as const).map(
      (operation) => [operation, change(operation, png)] as const,
    ),
    ['rename to it', change('rename', '/build/x', png)],
    ['link to it', change('link', '/build/x', png)],
    ['symlink at it', change('symlink', png, 'x')],
    ['write through a link', { ...change('write', '/build/l'), hops: [png] } as TraceEvent],
  ];

  test.each(EVENTS)('says that it is missing, as a look-up does: %s', (_, event) => {
    const { denials } = observe([...compilePhase, event]);
    expect(denials('compile').map((denial) => denial.package.name)).toEqual(['libpng']);
  });

  test('the text of a link names no file yet, and a change of a visible file is no use of it', () => {
    const attribution = observe([
      ...compilePhase,
      change('symlink', '/build/x', png),
      change('write', '/usr/libexec/gcc/cc1'),
    ]);
    expect(attribution.denials('compile')).toEqual([]);
    expect(attribution.uses()).toEqual([]);
  });
});
