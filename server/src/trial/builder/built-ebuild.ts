import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listVariablesRead, writeBuildText } from '../../ebuild/build-text.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { WorkFolder } from '../../evaluation/work-folder.ts';
import { readText } from '../../files/regular-file.ts';
import type { RootState } from '../../host/root-state.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';

/** The ebuild that the builds of a trial see in place of the author's. */
export interface BuiltEbuild {
  readonly text: string;
  /** Its file on this machine; undefined if it is the author's text, which the copy of the package's folder has. */
  readonly file: string | undefined;
}

/**
 * Writes the ebuild that builds see, without what an author may edit while the builds stay the same; see {@link writeBuildText}.
 *
 * @param folder the folder of the trial, in which the file is written
 * @throws an error of the file system
 */
export function writeBuiltEbuild(
  root: Pick<RootState, 'layout' | 'repositories'>,
  location: EbuildLocation,
  facts: EbuildFacts,
  inherited: readonly string[],
  folder: Pick<WorkFolder, 'path'>,
): BuiltEbuild {
  const others = root.repositories.map((path) => locateOnMachine(root.layout, path) ?? path);
  const repositories = new Set([location.repository, ...others]);
  const eclasses = inherited.flatMap((name) =>
    [...repositories].map(
      (repository) => readText(join(repository, 'eclass', `${name}.eclass`), [repository], () => {}) ?? '',
    ),
  );
  const text = writeBuildText(facts, new Set(eclasses.flatMap(listVariablesRead)));
  if (text === facts.text) return { text, file: undefined };
  const file = join(folder.path, 'built.ebuild');
  writeFileSync(file, text, { mode: 0o644 });
  return { text, file };
}
