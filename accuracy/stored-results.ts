import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ProjectResult } from './result.ts';

/** Results, and the state of the code that gave them. */
interface StoredResults {
  readonly code: string;
  readonly results: readonly ProjectResult[];
}

/** Results that travel with the project, so that a measurement can go on on another machine. */
const KEPT = 'accuracy/results.json.gz';

/**
 * The results of an earlier run in the same state of the code: of this machine, or those that travel with the project.
 *
 * @param file of this machine
 * @throws an Error if those of this machine are of another state: a table of two states says nothing about either
 */
export function readStoredResults(file: string): readonly ProjectResult[] {
  const code = codeState();
  const own = read(() => readFileSync(file, 'utf8'));
  if (own !== undefined) {
    if (own.code !== code)
      throw new Error(`${file} is of another state of the code: measure everything again, without --keep.`);
    return own.results;
  }
  const kept = read(() => gunzipSync(readFileSync(KEPT)).toString('utf8'));
  return kept?.code === code ? kept.results : [];
}

function read(text: () => string): StoredResults | undefined {
  try {
    return JSON.parse(text()) as StoredResults;
  } catch {
    return undefined;
  }
}

/** Stores results on this machine. @param travels whether they replace those that travel with the project too */
export function storeResults(file: string, results: readonly ProjectResult[], travels: boolean): void {
  const stored: StoredResults = { code: codeState(), results };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(stored, null, 2)}\n`);
  if (travels) writeFileSync(KEPT, gzipSync(JSON.stringify(stored), { level: 9 }));
}

/**
 * A digest of the code that is measured and that measures: the bundle of this program, the helper, and the ebuilds. What the bundle does not
 * have, such as the language server, changes no result.
 */
function codeState(): string {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const folder of ['server/native', 'accuracy'])
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      const path = join(folder, name);
      if (/\.([ch]|json|ebuild|eclass)$/.test(name)) hash.update(`${path}\n`).update(readFileSync(path));
    }
  return hash.digest('hex');
}
