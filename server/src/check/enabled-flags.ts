import type { Evaluate } from '../evaluation/kept-evaluation.ts';
import { locateForTrial } from '../evaluation/work-folder.ts';
import { effectiveUse, profileFolder } from '../repository/profile/effective-use.ts';
import { readProfile } from '../repository/profile/profile.ts';
import { findFamily } from '../repository/repository.ts';

/** The flags that are enabled for an ebuild (effective USE, PMS 11.1.1). */
export interface EnabledFlags {
  readonly enabled: ReadonlySet<string>;
  readonly source: 'package manager' | 'files';
  /** One sentence: why other flags may be enabled; undefined if a package manager has answered. */
  readonly approximation: string | undefined;
}

/** An ebuild whose flags are asked for. */
interface FlagSubject {
  readonly file: string;
  readonly text: string;
  /** Words of IUSE with `+` and `-`, as far as they are known; only needed for the files. */
  readonly iuse: readonly string[];
}

/**
 * Finds the flags that are enabled for an ebuild. The package manager gives the exact answer, which is kept. If there
 * is none, or it cannot answer, the flags come from the files alone, with `approximation`.
 *
 * @param evaluate undefined if code of the ebuild must not run
 * @param signal ends the evaluation
 * @throws the signal's reason, and UserError with one sentence if the file is not an ebuild in a repository
 */
export async function readEnabledFlags(
  root: string,
  evaluate: Evaluate | undefined,
  { file, text, iuse }: FlagSubject,
  signal?: AbortSignal,
): Promise<EnabledFlags> {
  const { repository, category, packageName } = locateForTrial(file, false);
  try {
    const { use } = (await evaluate?.(file, text, signal)) ?? {};
    if (use !== undefined)
      return { enabled: new Set(use), source: 'package manager', approximation: undefined };
  } catch {
    signal?.throwIfAborted();
    // The files answer instead; a trial reports why the evaluation failed.
  }
  const silent = () => {};
  const { repositories } = findFamily(repository, root, silent);
  const named = repositories.flatMap(({ names, location }) =>
    names.map((name): [string, string] => [name, location]),
  );
  const profile = readProfile(root, profileFolder(root, silent) ?? '', new Map(named), silent);
  const wanted = { category, name: packageName, iuse };
  return { ...effectiveUse(root, profile, wanted, silent), source: 'files' };
}
