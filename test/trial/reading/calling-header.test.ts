import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCallingHeader } from '../../../server/src/trial/reading/calling-header.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-headers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function headers(...texts: readonly string[]): string[] {
  return texts.map((text, index) => {
    const file = join(folder, `${index}.h`);
    writeFileSync(file, text);
    return file;
  });
}

test('the header whose inline function or macro calls a library is found', () => {
  const files = headers(
    'typedef int beta_t; /* beta_function */\n',
    'static inline int gamma(void) { return my_beta_fn(1) + beta_fn_2(2); }\n',
    '#define DELTA(x) beta_fn (x)\n',
  );
  expect(findCallingHeader(files, ['other', 'beta_fn'])).toBe(2);
  expect(findCallingHeader(files, ['beta_t'])).toBeUndefined();
});

test('names that are no functions of C, and files that cannot be read, find nothing', () => {
  expect(findCallingHeader([...headers('f.*(1)\n'), join(folder, 'absent.h')], ['f.*', ''])).toBeUndefined();
});
