import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listVariablesRead, writeBuildText } from '../../ebuild/build-text.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { type StagedText, stageText } from '../../ebuild/staged-text.ts';
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
  /** What a build in steps sees instead; absent if every step depends on all of the text. */
  readonly staged?: StagedEbuild;
}

/** An ebuild whose later functions come into the saved environment before the step that runs them. */
export interface StagedEbuild extends Pick<StagedText, 'functions'> {
  /** What the first step sees. */
  readonly text: string;
  /** The file that a step sees, with the functions that it and the steps before it have got. */
  fileWith(names: readonly string[]): string;
}

/** The ebuild under trial, and where its files go. */
export interface BuiltEbuildInput {
  readonly root: Pick<RootState, 'layout' | 'repositories'>;
  readonly location: EbuildLocation;
  /** Of the author's text. */
  readonly facts: EbuildFacts;
  /** Names of eclasses. */
  readonly inherited: readonly string[];
  /** The folder of the trial, in which the files are written. */
  readonly folder: Pick<WorkFolder, 'path'>;
  /** Reads another text. */
  readFacts(text: string): EbuildFacts;
}

/**
 * Writes the ebuild that builds see, without what an author may edit while the builds stay the same; see {@link writeBuildText} and {@link stageText}.
 *
 * @throws an error of the file system
 */
export function writeBuiltEbuild({
  root,
  location,
  facts,
  inherited,
  folder,
  readFacts,
}: BuiltEbuildInput): BuiltEbuild {
  const others = root.repositories.map((path) => locateOnMachine(root.layout, path) ?? path);
  const repositories = new Set([location.repository, ...others]);
  const eclasses = inherited.flatMap((name) =>
    [...repositories].map(
      (repository) => readText(join(repository, 'eclass', `${name}.eclass`), [repository], () => {}) ?? '',
    ),
  );
  const text = writeBuildText(facts, new Set(eclasses.flatMap(listVariablesRead)));
  const write = (name: string, content: string): string => {
    const file = join(folder.path, name);
    writeFileSync(file, content, { mode: 0o644 });
    return file;
  };
  const staged = stageText(readFacts(text), eclasses, readFacts);
  return {
    text,
    file: text === facts.text ? undefined : write('built.ebuild', text),
    ...(staged !== undefined && {
      staged: {
        functions: staged.functions,
        text: staged.textWith([]),
        fileWith: (names) => write(`staged-${names.length}.ebuild`, staged.textWith(names)),
      },
    }),
  };
}
