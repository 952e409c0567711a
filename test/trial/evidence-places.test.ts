import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Evidence } from '../../server/src/trace/evidence.ts';
import { findEvidencePlaces } from '../../server/src/trial/evidence-places.ts';
import { makeRecord } from '../support/trial-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-places-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text = 'text\n'): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const access = (path: string, result: Evidence['result']): Evidence => ({
  phase: 'compile',
  program: '/usr/bin/cc1',
  chain: ['src_compile', 'cc1'],
  operation: 'read',
  path,
  result,
  count: 1,
});

/** The places of accesses in the root `root/` with a log: `file:line:word`, from 1 as editors show them. */
async function placesOf(log: string | undefined, ...evidence: Evidence[]): Promise<string[]> {
  mkdirSync(join(folder, 'root'), { recursive: true });
  const file = log === undefined ? '' : write('build.log', log);
  const record = { ...makeRecord(''), log: file };
  const needs = evidence.map((seen) => ({
    variable: 'DEPEND' as const,
    package: { category: 'a', name: 'b', version: '1', slot: '0', subslot: '0', use: [] },
    atom: 'a/b',
    certainty: 'proven' as const,
    evidence: [seen],
  }));
  const places = await findEvidencePlaces({ ...record, needs }, join(folder, 'root'));
  return evidence.map(({ path }) => {
    const place = places.get(path);
    if (place === undefined) return 'none';
    const line = log?.split('\n')[place.line] ?? '';
    const word = line.slice(place.column, place.column + place.length);
    return `${place.file.slice(folder.length + 1)}:${place.line + 1}${word === '' ? '' : `:${word}`}`;
  });
}

describe('the place of a hidden file', () => {
  test.each([
    ['/usr/include/png.h', 'foo.c:1:10: fatal error: png.h: No such file or directory', 'png.h'],
    ['/usr/lib64/pkgconfig/libpng.pc', "Package 'libpng', required by 'virtual:world', not found", 'libpng'],
    ['/usr/lib64/libpng16.so', '/usr/bin/ld: cannot find -lpng16: No such file or directory', '-lpng16'],
    ['/usr/bin/jq', './build.sh: line 3: jq: command not found', 'jq'],
    ['/usr/include/expat.h', 'checking for expat.h... no', 'expat.h'],
    ['/usr/lib64/cmake/fmt/fmt-config.cmake', '  fmt-config.cmake could not find it', 'fmt-config.cmake'],
    ['/usr/lib64/cmake/Qt/QtConfig.cmake', 'CMake Error: missing package configuration of Qt', 'Qt'],
  ])('%s is the line of the log that misses it', async (path, line, word) => {
    expect(await placesOf(`make all\n${line}\nmake: *** failed\n`, access(path, 'denied'))).toEqual([
      `build.log:2:${word}`,
    ]);
  });

  test('is the last complaint: a check may come before the error that counts', async () => {
    const log = 'checking for png.h... no\nx.c:1: fatal error: png.h: No such file\ncc png.h -o x\n';
    expect(await placesOf(log, access('/usr/include/png.h', 'denied'))).toEqual(['build.log:2:png.h']);
  });

  test('is no other name that has it in it', async () => {
    const log = 'error: libpng.h not found\nerror: png.hpp not found\nerror: spng.h not found\n';
    expect(await placesOf(log, access('/usr/include/png.h', 'denied'))).toEqual(['none']);
  });

  test('is the file where the log says nothing', async () => {
    write('root/usr/include/png.h');
    expect(await placesOf('all is well\n', access('/usr/include/png.h', 'denied'))).toEqual([
      'root/usr/include/png.h:1',
    ]);
    expect(await placesOf(undefined, access('/usr/include/png.h', 'denied'))).toEqual([
      'root/usr/include/png.h:1',
    ]);
  });
});

describe('the place of a visible file', () => {
  test('is the file in the root if a person can read it', async () => {
    write('root/usr/lib64/pkgconfig/z.pc');
    write('root/usr/lib64/libz.so');
    expect(
      await placesOf(
        'error: z.pc not found\n',
        access('/usr/lib64/pkgconfig/z.pc', 'seen'),
        access('/usr/lib64/libz.so', 'seen'),
        access('/usr/include/absent.h', 'seen'),
        access('example.org:443', 'seen'),
      ),
    ).toEqual(['root/usr/lib64/pkgconfig/z.pc:1', 'none', 'none', 'none']);
  });

  test('is never outside the root', async () => {
    const secret = write('secret.h');
    mkdirSync(join(folder, 'root/usr/include'), { recursive: true });
    symlinkSync(secret, join(folder, 'root/usr/include/evil.h'));
    expect(await placesOf(undefined, access('/usr/include/evil.h', 'seen'))).toEqual(['none']);
  });
});

test('a log that is gone, and a root that is gone, leave only what can be shown', async () => {
  const record = { ...makeRecord(''), log: join(folder, 'gone.log') };
  expect(await findEvidencePlaces(record, join(folder, 'gone'))).toEqual(new Map());
});
