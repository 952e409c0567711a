import { join } from 'node:path';
import { type ReportProblem, readSetting } from '../files/regular-file.ts';
import { parseAtom, printAtom } from '../pms/atom.ts';
import type { DeprecatedAtom } from '../pms/deprecated-atom.ts';
import type { Repository } from './repository.ts';

/** The deprecated atoms of some repositories, by `category/name`. */
export type DeprecatedList = ReadonlyMap<string, readonly DeprecatedAtom[]>;

/**
 * Reads `profiles/package.deprecated` of a repository and its masters (portage(5)). A line `-ATOM` takes an entry of a master back.
 *
 * @param family the repository itself first
 */
export function readDeprecatedList(
  family: readonly Pick<Repository, 'location' | 'name'>[],
  report: ReportProblem,
): DeprecatedList {
  const entries = new Map<string, DeprecatedAtom>();
  for (const { location, name } of [...family].reverse()) {
    const text = readSetting(join(location, 'profiles/package.deprecated'), [location], report) ?? '';
    for (const [index, line] of text.split('\n').entries()) {
      const [, minus = '', word = ''] = /^\s*(-?)([^\s#]+)/.exec(line) ?? [];
      const { atom, errors } = parseAtom(word);
      if (atom === undefined || errors.length > 0 || atom.blocker !== '') continue;
      const key = printAtom(atom);
      if (minus === '') entries.set(key, { atom, repository: name, line: index + 1 });
      else entries.delete(key);
    }
  }
  const byName = new Map<string, DeprecatedAtom[]>();
  for (const entry of entries.values()) {
    const key = `${entry.atom.category}/${entry.atom.name}`;
    byName.set(key, [...(byName.get(key) ?? []), entry]);
  }
  return byName;
}
