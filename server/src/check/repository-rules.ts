import { type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { type IgnoreFile, parseIgnoreFile, rulesFor } from '../audit/silencing/ignore-file.ts';
import { IGNORE_FILE, type IgnoreRule } from '../audit/silencing/ignore-rule.ts';
import { readSetting } from '../files/regular-file.ts';
import { type EbuildLocation, locateEbuild } from '../repository/ebuild-location.ts';

/** The rules of the ebuild's repository that apply to it; none outside a repository. Never throws. */
export type RepositoryRules = (file: string) => readonly IgnoreRule[];

/**
 * Reads the ignore files of repositories, each again only if it has changed.
 *
 * @param log gets one sentence for each invalid line
 */
export function createRepositoryRules(log: (sentence: string) => void): RepositoryRules {
  const known = new Map<string, { readonly stamp: string; readonly read: IgnoreFile }>();
  const readRules = (repository: string): IgnoreFile => {
    const path = join(repository, IGNORE_FILE);
    const stats = statusOf(path);
    const stamp = stats === undefined ? '' : `${stats.mtimeMs} ${stats.size} ${stats.ino}`;
    const before = known.get(path);
    if (before?.stamp === stamp) return before.read;
    const read = parseIgnoreFile(stats === undefined ? '' : (readSetting(path, [repository], log) ?? ''));
    known.set(path, { stamp, read });
    for (const problem of read.problems) log(problem);
    return read;
  };
  return (file) => {
    let location: EbuildLocation;
    try {
      location = locateEbuild(file);
    } catch {
      return [];
    }
    return rulesFor(readRules(location.repository).rules, location);
  };
}

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A circular link, or a folder above it that must not be entered.
    return undefined;
  }
}
