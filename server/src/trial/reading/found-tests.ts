import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listEntries } from '../../files/folder-listing.ts';

/** Limits in folders and in bytes, because a build can leave any number of files of any size. */
const MOST_FOLDERS = 5000;
const LARGEST_FILE = 2 ** 20;

/** The folders of a build folder in which the default src_test may run: `work`, and a folder of sources in it. */
const NEAR = 3;

/** A file in which a built tree says that it has tests. */
interface Sign {
  readonly file: RegExp;
  readonly says: RegExp;
  /** Limit in levels of folders. */
  readonly depth: number;
}

/** The targets that the default src_test runs (PMS 9.1.10), apart from those that automake writes without any test. */
const TARGETS: Sign = {
  file: /^(GNUm|M|m)akefile$/,
  says: /^TESTS\s*=\s*[\w$]|^(?:check|test)\s*:(?!.*check-(?:am|recursive))/m,
  depth: NEAR,
};

/** ctest(1), and Meson's reference manual, "IDE integration". */
const OF_ECLASSES: readonly Sign[] = [
  { file: /^CTestTestfile\.cmake$/, says: /^\s*(add_test|include)\s*\(/m, depth: Number.POSITIVE_INFINITY },
  { file: /^intro-tests\.json$/, says: /\{/, depth: Number.POSITIVE_INFINITY },
];

/**
 * Whether the files that a build left say that src_test has something to run. It blocks its thread; see trial/reading.
 *
 * @param layers folders of this machine with the files that the build wrote
 * @param isDefault whether src_test is that of the package manager, which runs targets of make only
 */
export function findTests({
  layers,
  isDefault,
}: {
  readonly layers: readonly string[];
  readonly isDefault: boolean;
}): boolean {
  const signs = isDefault ? [TARGETS] : [TARGETS, ...OF_ECLASSES];
  return layers.some((layer) => hasSign(layer, signs));
}

function hasSign(top: string, signs: readonly Sign[]): boolean {
  const folders = [{ path: top, depth: 0 }];
  for (const { path: folder, depth } of folders) {
    for (const entry of listEntries(folder)) {
      const path = join(folder, entry.name);
      const isOfBuild = depth > 0 || entry.name === 'work';
      if (entry.isDirectory() && isOfBuild && folders.length < MOST_FOLDERS)
        folders.push({ path, depth: depth + 1 });
      const sign = entry.isFile() ? signs.find(({ file }) => file.test(entry.name)) : undefined;
      if (sign !== undefined && depth <= sign.depth && sign.says.test(readText(path))) return true;
    }
  }
  return false;
}

function readText(path: string): string {
  try {
    return statSync(path).size > LARGEST_FILE ? '' : readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
