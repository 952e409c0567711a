import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  beginJournal,
  continueJournal,
  readJournal,
  type SweepHeader,
  type SweepLine,
} from '../../server/src/sweep/journal.ts';
import { triedLine, untriedLine } from './lines.ts';

const HEADER: SweepHeader = {
  format: 1,
  version: '0.1.0',
  began: '2026-01-01T00:00:00.000Z',
  options: { quick: false, tests: false },
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-journal-'));
  path = join(folder, 'sweep.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function read() {
  const lines: SweepLine[] = [];
  const journal = await readJournal(path, (line) => lines.push(line));
  return { ...journal, files: lines.map(({ file }) => file) };
}

function write(files: readonly string[], isEnded = false): void {
  const journal = beginJournal(path, HEADER);
  for (const file of files) journal.write(triedLine({ file }));
  if (isEnded) journal.write({ ended: '2026-01-02T00:00:00.000Z' });
  journal.close();
}

describe('a journal', () => {
  test('is read as it was written', async () => {
    write(['a/b/b-1.ebuild', 'a/c/c-1.ebuild'], true);
    expect(await read()).toMatchObject({
      header: HEADER,
      files: ['a/b/b-1.ebuild', 'a/c/c-1.ebuild'],
      isFinished: true,
      damaged: 0,
      whole: readFileSync(path).length,
    });
  });

  test('that goes on after its end is not finished', async () => {
    write(['a/b/b-1.ebuild'], true);
    const journal = continueJournal(path, (await read()).whole ?? 0);
    journal.write(untriedLine());
    journal.close();
    expect(await read()).toMatchObject({ isFinished: false, files: ['a/b/b-1.ebuild', 'a/b/b-1.ebuild'] });
  });

  test('has no half of a line after a kill, and goes on behind the last whole one', async () => {
    write(['a/b/b-1.ebuild', 'a/c/c-1.ebuild']);
    const whole = readFileSync(path, 'utf8');
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(path, whole.slice(0, length));
      const found = await read();
      const lines = whole.slice(0, length).split('\n').length - 1;
      expect([found.damaged, found.files.length]).toEqual([0, Math.max(0, lines - 1)]);
      if (found.header === undefined) continue;
      const journal = continueJournal(path, found.whole ?? 0);
      journal.write(triedLine({ file: 'a/d/d-1.ebuild' }));
      journal.close();
      expect(await read()).toMatchObject({ damaged: 0, files: [...found.files, 'a/d/d-1.ebuild'] });
    }
  });

  test('loses only the lines that a power cut has damaged', async () => {
    write(['a/b/b-1.ebuild']);
    appendFileSync(path, '\0\0\0\n{"file":1}\n[]\nnull\n');
    appendFileSync(path, `${JSON.stringify(triedLine({ file: 'a/c/c-1.ebuild' }))}\n`);
    expect(await read()).toMatchObject({ damaged: 4, files: ['a/b/b-1.ebuild', 'a/c/c-1.ebuild'] });
  });

  test('may have lines that are longer than the part that is read at once', async () => {
    const message = 'x'.repeat(3 * 2 ** 20);
    const journal = beginJournal(path, HEADER);
    journal.write(untriedLine({ problem: message }));
    journal.write(triedLine());
    journal.close();
    expect(await read()).toMatchObject({ damaged: 0, files: ['a/b/b-1.ebuild', 'a/b/b-1.ebuild'] });
    truncateSync(path, 2 ** 21);
    expect(await read()).toMatchObject({ damaged: 0, files: [] });
  });

  test('is read no further when the command is cancelled', async () => {
    write(['a/b/b-1.ebuild']);
    const signal = AbortSignal.abort(new Error('Enough.'));
    await expect(readJournal(path, () => {}, signal)).rejects.toThrow('Enough.');
  });

  test('has each name as it is, whatever it is, on one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (file) => {
        rmSync(path, { force: true });
        write([file]);
        expect((await read()).files).toEqual([file]);
        expect(readFileSync(path, 'utf8')).not.toMatch(/\u202e/);
      }),
      { numRuns: 10 },
    );
  });

  test('is not begun over a file, and a file that is none has no header', async () => {
    writeFileSync(path, 'something else\n');
    expect(() => beginJournal(path, HEADER)).toThrow(/cannot be written \(EEXIST\)/);
    expect(await read()).toMatchObject({ header: undefined, damaged: 1 });
    expect(await readJournal(join(folder, 'none'), () => {})).toBeUndefined();
    await expect(readJournal(folder, () => {})).rejects.toThrow(/cannot be read \(EISDIR\)/);
  });
});
