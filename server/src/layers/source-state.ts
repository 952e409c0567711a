import { digestOf } from '../host/digest.ts';
import type { TrialWorld } from '../host/world.ts';
import { digestIndex } from './binhost.ts';
import { readFolderState } from './package-folders.ts';
import { hidePassword } from './remote-file.ts';

/** The places that binary packages were chosen from, and their state. Plain data, kept with a record. */
export interface SourceState {
  /** Package folders of this machine. */
  readonly folders: readonly string[];
  /** The files `Packages` of binhosts on this machine. */
  readonly indexes: readonly { readonly uri: string; readonly file: string }[];
  /** `category/PN` of the packages that were chosen or are lacking: others make no difference. */
  readonly names: readonly string[];
  /** Changes with every package of these names in the folders and indexes, and with the places that the user names. */
  readonly digest: string;
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

/**
 * Describes the places now.
 *
 * @param names see {@link SourceState}
 */
export function digestSources(
  folders: readonly string[],
  indexes: SourceState['indexes'],
  names: readonly string[],
  named: NamedSources,
): SourceState {
  const counted = new Set(names);
  const { digest } = readFolderState(folders, counted);
  return {
    folders,
    // It is kept with records, which others may read.
    indexes: indexes.map(({ uri, file }) => ({ uri: hidePassword(uri), file })),
    names,
    digest: digestOf([
      digest,
      indexes.map(({ uri, file }) => [hidePassword(uri), digestIndex(file, counted)]),
      named,
    ]),
  };
}

/** The state of the same places now, for a user who names these. */
export function readSourcesAgain({ folders, indexes, names }: SourceState, named: NamedSources): SourceState {
  return digestSources(folders, indexes, names, named);
}
