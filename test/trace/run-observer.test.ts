import { describe, expect, test } from 'vitest';
import type { TraceEvent } from '../../server/src/trace/event.ts';
import { createRunObserver, type ObservedRun } from '../../server/src/trace/run-observer.ts';
import { exec, type Files, knowRoot, list, miss, open, start, stat } from './traced-build.ts';

const LIB = '/usr/lib64';
const SITE = '/usr/lib/python3.12/site-packages';

const FILES: Files = {
  '/usr/bin/env': ['sys-apps/coreutils-9', 'system'],
  '/usr/bin/viewer': ['dev-test/viewer-1', 'declared'],
  '/usr/share/viewer/data': ['dev-test/viewer-1', 'hidden'],
  '/usr/bin/python3.12': ['dev-lang/python-3.12', 'declared'],
  [`${LIB}/libexpat.so.1`]: ['dev-libs/expat-2', 'closure'],
  [`${LIB}/libpng16.so.16`]: ['media-libs/libpng-1.6', 'hidden'],
  [`${LIB}/libjpeg.so.62`]: ['media-libs/libjpeg-turbo-3', 'closure'],
  [`${LIB}/libz.so.1`]: ['sys-libs/zlib-1.3', 'closure'],
  '/usr/bin/pngfix': ['media-libs/libpng-1.6', 'hidden'],
  '/usr/share/doc/libpng/README': ['media-libs/libpng-1.6', 'hidden'],
  [`${SITE}/yaml`]: ['dev-python/pyyaml-6', 'hidden'],
};

/** The libraries that each file links. */
const LINKED: Readonly<Record<string, readonly string[]>> = {
  '/usr/bin/viewer': ['libjpeg.so.62'],
  [`${LIB}/libjpeg.so.62`]: ['libz.so.1'],
};

function observe(...events: TraceEvent[]): ObservedRun {
  const observer = createRunObserver({
    ...knowRoot({ files: FILES, needs: { python: ['expat'] }, hidden: { [`${SITE}/`]: [`${SITE}/yaml`] } }),
    isOwn: (path) => path.includes('viewer'),
    linkedBy: (path) => LINKED[path] ?? [],
  });
  for (const event of [start(1, 0), exec(1, '/usr/bin/env'), ...events]) observer.observe(event);
  return observer.result();
}

const viewer = exec(1, '/usr/bin/viewer');

describe('what a run was denied', () => {
  test('a program, a library or a file that it opens is a reason, and points to RDEPEND', () => {
    expect(observe(viewer, open(1, `${LIB}/libpng16.so.16`)).denials).toMatchObject([
      {
        package: { name: 'libpng' },
        phase: 'runtime',
        variable: 'RDEPEND',
        weak: false,
        evidence: [{ program: '/usr/bin/viewer', operation: 'read', result: 'denied', count: 1 }],
      },
    ]);
    expect(observe(viewer, stat(1, '/usr/bin/pngfix')).denials).toMatchObject([{ weak: false }]);
  });

  test('a file that is only looked up, or missing in the list of a folder, is hardly one', () => {
    const looked = observe(viewer, stat(1, '/usr/share/doc/libpng/README'), list(1, SITE));
    expect(looked.denials.map((denial) => [denial.package.name, denial.weak])).toEqual([
      ['pyyaml', true],
      ['libpng', true],
    ]);
    const both = observe(
      viewer,
      stat(1, '/usr/share/doc/libpng/README'),
      open(1, `${LIB}/libpng16.so.16`),
      list(1, SITE),
    );
    expect(both.denials.map((denial) => [denial.package.name, denial.weak])).toEqual([
      ['libpng', false],
      ['pyyaml', true],
    ]);
  });

  test('nothing of the installed package itself', () => {
    expect(observe(viewer, open(1, '/usr/share/viewer/data'), miss(1, '/usr/share/viewer')).denials).toEqual(
      [],
    );
  });
});

describe('what a run loaded by name', () => {
  const names = ({ loaded }: ObservedRun) => loaded.map(({ evidence }) => evidence.path);

  test('is a library that neither the program nor a library of it links', () => {
    const linked = [open(1, `${LIB}/libjpeg.so.62`), open(1, `${LIB}/libz.so.1`)];
    expect(names(observe(viewer, ...linked))).toEqual([]);
    expect(names(observe(viewer, ...linked.toReversed()))).toEqual([`${LIB}/libz.so.1`]);
    // A child that only forked keeps the libraries of its parent.
    expect(names(observe(viewer, start(2, 1), ...[open(2, `${LIB}/libjpeg.so.62`)]))).toEqual([]);
  });

  test('is not a library that another package’s program needs', () => {
    expect(names(observe(exec(1, '/usr/bin/python3.12'), open(1, `${LIB}/libexpat.so.1`)))).toEqual([]);
    expect(observe(viewer, open(1, `${LIB}/libexpat.so.1`)).loaded).toMatchObject([
      { package: { name: 'expat' }, licence: 'closure', evidence: { result: 'seen' } },
    ]);
  });
});
