import { digestOf } from '../host/digest.ts';
import type { TrialWorld } from '../host/world.ts';
import { type BinhostIndex, digestIndex } from './binhost.ts';
import { readFolderState } from './package-folders.ts';

/** The places that binary packages were chosen from, and their state. Plain data, kept with a record. */
export interface SourceState {
  /** Package folders of this machine. */
  readonly folders: readonly string[];
  /** The files `Packages` of binhosts on this machine. */
  readonly indexes: readonly { readonly uri: string; readonly file: string; readonly digest: string }[];
  /** What the user has named besides the configuration. */
  readonly named: NamedSources;
  /** Changes with every package of the folders and with every index. */
  readonly digest: string;
  /** The number of packages in the folders. */
  readonly packages: number;
}

/** Places for binary packages that a user has named besides those of the configuration. */
export interface NamedSources {
  readonly folders: readonly string[];
  readonly binhosts: readonly string[];
}

/** The places that the user of a world has named. */
export function namedSources({
  packageFolders = [],
  binhosts = [],
}: Pick<TrialWorld, 'packageFolders' | 'binhosts'>): NamedSources {
  return { folders: packageFolders, binhosts };
}

/** Describes the places now. */
export function digestSources(
  folders: readonly string[],
  indexes: readonly BinhostIndex[],
  named: NamedSources,
): SourceState {
  const { digest, count } = readFolderState(folders);
  return {
    folders,
    indexes,
    named,
    digest: digestOf([digest, indexes.map((index) => [index.uri, index.digest]), named]),
    packages: count,
  };
}

/** The state of the same places now, for a user who names these. */
export function readSourcesAgain({ folders, indexes }: SourceState, named: NamedSources): SourceState {
  return digestSources(
    folders,
    indexes.map(({ uri, file }) => ({ uri, file, digest: digestIndex(file) })),
    named,
  );
}
