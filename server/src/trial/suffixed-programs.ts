import { closeSync, openSync, readSync } from 'node:fs';
import type { TrialRecord } from '../audit/record.ts';
import { type RootState, toRecorded } from '../host/root-state.ts';
import type { InstalledPackage } from '../installed/vdb.ts';
import type { VisiblePackage } from '../installed/visible-set.ts';
import { classifyPath } from '../trace/path-class.ts';

/** Limit in bytes of the log that is read, and in programs that are named. */
const LONGEST = 8 * 2 ** 20;
const MOST_NAMED = 4;

/** The lines in which autoconf, Meson and shells say that a program is not there. */
const IN_VAIN = [
  /^checking for ([\w.+-]{2,50})\.\.\. (?:no|not found)$/gm,
  /^Program ([\w.+-]{2,50}) found: NO/gm,
  /(?:^|[\s:])([\w.+-]{2,50}): (?:command )?not found$/gm,
];

/**
 * Finds the programs that a failed build looked for in vain while a declared package has them under a name with a version, such as `tclsh8.6`
 * for `tclsh8`.
 *
 * @param visible the packages that the build could see
 * @param log path of the build's log
 */
export function findSuffixedPrograms(
  { index }: Pick<RootState, 'index'>,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  log: string,
): Pick<TrialRecord, 'suffixedPrograms'> {
  const text = readBeginning(log);
  const wanted = new Set(IN_VAIN.flatMap((line) => [...text.matchAll(line)].map(([, name = '']) => name)));
  if (wanted.size === 0) return {};
  const found: NonNullable<TrialRecord['suffixedPrograms']>[number][] = [];
  for (const [installed, { reason }] of visible) {
    if (reason !== 'declared') continue;
    for (const { path, name } of index.filesOf(installed)) {
      if (classifyPath(path) !== 'program' || text.includes(name)) continue;
      const match = [...wanted].find((program) => isSuffixed(program, name));
      if (match !== undefined) found.push({ wanted: match, path, package: toRecorded(installed) });
    }
  }
  return found.length === 0 ? {} : { suffixedPrograms: found.slice(0, MOST_NAMED) };
}

/** Whether a name is another one with a version after it. */
function isSuffixed(program: string, name: string): boolean {
  return name.startsWith(program) && /^(?:[-.]\d|\d)[\d.]*$/.test(name.slice(program.length));
}

function readBeginning(path: string): string {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(LONGEST);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, LONGEST, 0)).toString('utf8');
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
