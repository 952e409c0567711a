import { parseEbuildPath } from './ebuild-path.ts';
import type { FileChange } from './git.ts';
import { parseEclass, parsePackageFile } from './package-file.ts';
import type { States } from './scope.ts';

/**
 * Lists every ebuild that a change concerns, without the old versions and the limits of `findScope`: those that it adds, changes or renames,
 * those beside a changed file of `files/`, and all that inherit a changed eclass. `metadata.xml` and a Manifest change no build.
 *
 * @param head lists the ebuilds of the head
 * @returns the paths at the head, sorted, each once; the number of changes and of ebuilds counts, and not their product
 */
export function listConcerned(
  changes: readonly FileChange[],
  head: Pick<States, 'listHead' | 'listInheriting'>,
): readonly string[] {
  const found = new Set<string>();
  const folders = new Set<string>();
  const eclasses = new Map<string, { readonly repository: string; readonly name: string }>();
  for (const { status, path, from } of changes) {
    if (status !== 'removed' && parseEbuildPath(path) !== undefined) found.add(path);
    for (const name of from === undefined ? [path] : [path, from]) {
      const file = parsePackageFile(name);
      // A file that is new belongs to the ebuilds that are new.
      if (file?.isSource === true && status !== 'added') folders.add(file.folder);
      const eclass = parseEclass(name);
      if (eclass !== undefined) eclasses.set(name, eclass);
    }
  }
  for (const folder of folders) for (const path of head.listHead(folder)) found.add(path);
  for (const { repository, name } of eclasses.values())
    for (const path of head.listInheriting(repository, name)) found.add(path);
  return [...found].sort();
}
