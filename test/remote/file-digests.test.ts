import fs, {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import { openFileDigests } from '../../server/src/remote/merkle/file-digests.ts';

let folder: string;
let place: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-digests-'));
  place = join(folder, 'kept/file-digests');
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
});

const stats = (path: string) => lstatSync(path, { bigint: true });
const hashOf = (text: string) => digestBytes(Buffer.from(text)).hash;

/** A file as if it had been changed an hour ago: the time that files are compared with is an hour later. */
function putOld(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  later();
  return path;
}

function later(): void {
  const now = statSync(folder).ctimeMs + 3_600_000;
  vi.spyOn(Date, 'now').mockReturnValue(now);
}

/** What is done in a function, and the files that are opened meanwhile. */
function watchOpened<Result>(action: () => Result): readonly [Result, string[]] {
  const opened: string[] = [];
  const open = fs.openSync;
  vi.spyOn(fs, 'openSync').mockImplementation((path, ...more) => {
    opened.push(String(path));
    return open(path, ...more);
  });
  syncBuiltinESMExports();
  try {
    return [action(), opened];
  } finally {
    vi.mocked(fs.openSync).mockRestore();
    syncBuiltinESMExports();
  }
}

describe('the digest of a file', () => {
  test('is that of its content, with its size and its path', () => {
    const path = putOld('a', 'hello');
    expect(openFileDigests(place).describe(path, stats(path))).toEqual({
      digest: { hash: hashOf('hello'), sizeBytes: 5 },
      content: { path },
    });
  });

  test('is right for an empty file, and for one of several parts', () => {
    const large = 'x'.repeat(2 ** 21 + 5);
    const digests = openFileDigests(place);
    for (const text of ['', large]) {
      const path = putOld('a', text);
      expect(digests.describe(path, stats(path)).digest).toEqual(digestBytes(Buffer.from(text)));
    }
  });

  test('is kept: the file is not read again, neither by the same nor by the next', () => {
    const path = putOld('a', 'hello');
    const digests = openFileDigests(place);
    const [first, opened] = watchOpened(() => digests.describe(path, stats(path)));
    expect(opened).toEqual([path]);
    const [second, openedAgain] = watchOpened(() => digests.describe(path, stats(path)));
    expect([second, openedAgain]).toEqual([first, []]);
    digests.save();
    const next = openFileDigests(place);
    const [third, openedLater] = watchOpened(() => next.describe(path, stats(path)));
    expect([third, openedLater]).toEqual([first, []]);
  });

  test('is another after the content was replaced and size and time were set back', () => {
    const path = putOld('a', 'hello');
    const digests = openFileDigests(place);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    const before = stats(path);
    digests.describe(path, before);
    writeFileSync(path, 'HELLO');
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    expect([stats(path).size, stats(path).mtimeMs, stats(path).ino]).toEqual([
      before.size,
      before.mtimeMs,
      before.ino,
    ]);
    expect(digests.describe(path, stats(path)).digest.hash).toBe(hashOf('HELLO'));
  });

  test('is another after another file was moved to its path', () => {
    const path = putOld('a', 'hello');
    const digests = openFileDigests(place);
    digests.describe(path, stats(path));
    renameSync(putOld('b', 'HELLO'), path);
    expect(digests.describe(path, stats(path)).digest.hash).toBe(hashOf('HELLO'));
  });

  test('is not kept if the file was changed just now, or in the future', () => {
    for (const shift of [1000, -3_600_000]) {
      const path = join(folder, 'a');
      writeFileSync(path, 'hello');
      vi.spyOn(Date, 'now').mockReturnValue(Number(stats(path).ctimeMs) + shift);
      const digests = openFileDigests(place);
      digests.describe(path, stats(path));
      expect(watchOpened(() => digests.describe(path, stats(path)))[1]).toEqual([path]);
      digests.save();
      expect(() => readFileSync(place)).toThrow('ENOENT');
    }
  });

  test('is not kept if the file grew between the look and the reading', () => {
    const path = putOld('a', 'hello');
    const before = stats(path);
    writeFileSync(path, 'hello, world');
    const digests = openFileDigests(place);
    expect(digests.describe(path, before).digest).toEqual(digestBytes(Buffer.from('hello, world')));
    expect(watchOpened(() => digests.describe(path, before))[1]).toEqual([path]);
  });

  test('of a file that is gone is an error of the file system', () => {
    const path = putOld('a', 'hello');
    const before = stats(path);
    rmSync(path);
    expect(() => openFileDigests(place).describe(path, before)).toThrow('ENOENT');
  });
});

describe('kept digests', () => {
  function keep(...names: string[]): string {
    const digests = openFileDigests(place);
    for (const name of names) {
      const path = putOld(name, `content of ${name}`);
      digests.describe(path, stats(path));
    }
    digests.save();
    return readFileSync(place, 'utf8');
  }

  test('that are damaged are ignored, line by line', () => {
    const text = keep('a', 'b');
    const [form, first = '', second] = text.split('\n');
    const path = join(folder, 'a');
    for (const damaged of [
      '',
      '\0'.repeat(500),
      text.replace('digests 1', 'digests 2'),
      [form, first.slice(3), second].join('\n'),
      [form, first.slice(0, 100)].join('\n'),
      [form, first.replace(path, path.slice(0, -1)), ''].join('\n'),
      [form, first.replace(/^\S+/, 'g'.repeat(64)), ''].join('\n'),
    ]) {
      writeFileSync(place, damaged);
      const digests = openFileDigests(place);
      const [blob, opened] = watchOpened(() => digests.describe(path, stats(path)));
      expect([blob.digest.hash, opened]).toEqual([hashOf('content of a'), [path]]);
    }
  });

  test('have no path with a line break', () => {
    expect(keep('a', 'b\nc').split('\n')).toHaveLength(3);
  });

  test('take names with blanks and characters of any kind', () => {
    keep('a b  c ', '\u{1f600}', '\u2028');
    const digests = openFileDigests(place);
    for (const name of ['a b  c ', '\u{1f600}', '\u2028']) {
      const path = join(folder, name);
      expect(digests.describe(path, stats(path)).digest.hash).toBe(hashOf(`content of ${name}`));
    }
  });

  test('are not written if nothing was learnt', () => {
    keep('a');
    const before = statSync(place).ino;
    const digests = openFileDigests(place);
    const path = join(folder, 'a');
    digests.describe(path, stats(path));
    digests.save();
    expect(statSync(place).ino).toBe(before);
  });

  test('are continued: only what is new is written, and two processes lose nothing of each other', () => {
    const text = keep('a');
    const both = [openFileDigests(place), openFileDigests(place)];
    for (const [at, digests] of both.entries()) {
      const path = putOld(`b${at}`, `b${at}`);
      digests.describe(path, stats(path));
      digests.save();
      digests.save();
    }
    const whole = readFileSync(place, 'utf8');
    expect(whole.startsWith(text)).toBe(true);
    expect(whole.trimEnd().split('\n')).toHaveLength(4);
    const next = openFileDigests(place);
    for (const name of ['a', 'b0', 'b1']) {
      const path = join(folder, name);
      expect(watchOpened(() => next.describe(path, stats(path)))[1]).toEqual([]);
    }
  });

  test('are written anew once most of them are outdated', () => {
    const lines = () => readFileSync(place, 'utf8').trimEnd().split('\n').length;
    const counts = Array.from({ length: 6 }, (_, at) => {
      const digests = openFileDigests(place);
      const path = putOld('a', `content ${at}`);
      digests.describe(path, stats(path));
      digests.save();
      return lines();
    });
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    expect(readFileSync(place, 'utf8')).toContain(hashOf('content 5'));
  });

  test('in a place that cannot be read or written fail nobody', () => {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(folder, 'file'), '');
    chmodSync(join(folder, 'file'), 0o600);
    for (const bad of [place, join(folder, 'file/below')]) {
      const digests = openFileDigests(bad);
      const path = putOld('a', 'hello');
      expect(digests.describe(path, stats(path)).digest.hash).toBe(hashOf('hello'));
      expect(() => digests.save()).not.toThrow();
    }
  });
});
