import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { UserError } from '../errors/user-error.ts';
import { encloses } from '../files/regular-file.ts';
import { listConcerned } from '../review/concerned-ebuilds.ts';
import { openGit } from '../review/git-program.ts';
import { resolveRange } from '../review/range.ts';
import { readStates } from '../review/states.ts';
import type { FoundPath } from '../sweep/swept-ebuild.ts';
import { listEbuilds } from './ebuild-file.ts';

export interface ScopeOptions {
  /** As the user wrote them; `-` stands for a list on `input`. */
  readonly paths: readonly string[];
  /** A range of git; undefined for everything below the paths. */
  readonly range: string | undefined;
}

/**
 * Finds the ebuilds that the arguments of a sweep stand for. With a range, those of the working tree that its changes concern, and of them only
 * those below the paths, if there are paths.
 *
 * @param input the list of paths, one a line; empty lines and those that begin with `#` are left out
 * @throws UserError if a path does not exist, or git does not know the range; the signal's reason
 */
export async function findSweptPaths(
  { paths, range }: ScopeOptions,
  input: NodeJS.ReadableStream,
  signal?: AbortSignal,
): Promise<readonly FoundPath[]> {
  const given = (
    await Promise.all(paths.map((path) => (path === '-' ? readList(input) : Promise.resolve([path]))))
  ).flat();
  if (range === undefined) return listBelow(given.length > 0 || paths.length > 0 ? given : ['.']);
  const changed = await listChanged(range, signal);
  if (paths.length === 0) return changed;
  const within = given.map(demandPlace);
  return changed.filter(({ path }) => encloses(within, path));
}

async function readList(input: NodeJS.ReadableStream): Promise<readonly string[]> {
  const lines = (await readAll(input)).split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

async function listBelow(paths: readonly string[]): Promise<readonly FoundPath[]> {
  const found: FoundPath[] = [];
  for (const path of paths.map((given) => resolve(given)))
    for (const ebuild of await listEbuilds(path)) found.push({ path: ebuild, isNamed: ebuild === path });
  return found;
}

async function listChanged(range: string, signal: AbortSignal | undefined): Promise<readonly FoundPath[]> {
  const git = await openGit(process.cwd(), signal);
  const { base, head, patch } = await resolveRange(range, git);
  if (patch !== undefined)
    throw new UserError(
      `${range} is a patch, and a sweep tries the working tree: apply it, or use "ebuild-audit review".`,
    );
  const changes = await git.listChanges(base, head);
  return listConcerned(changes, readStates(git.top, git.top))
    .map((path) => join(git.top, path))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, isNamed: false }));
}

function demandPlace(path: string): string {
  try {
    return realpathSync.native(resolve(path));
  } catch (error) {
    throw new UserError(`${path} does not exist: name an ebuild or a folder of ebuilds.`, { cause: error });
  }
}
