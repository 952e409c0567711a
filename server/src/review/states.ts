import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../files/regular-file.ts';
import type { States } from './scope.ts';

/** Both states on disk. */
export interface StatesOnDisk extends States {
  /** The text of a file of the head; undefined if it cannot be read. */
  readHead(path: string): string | undefined;
}

/** Reads the ebuilds of both states from disk. Paths are below `base` and `head`; what cannot be read counts as absent. */
export function readStates(base: string, head: string): StatesOnDisk {
  const known = new Map<string, Inheritance>();
  const inheritanceOf = (repository: string): Inheritance => {
    const read = known.get(repository) ?? readInheritance(join(head, repository));
    known.set(repository, read);
    return read;
  };
  return {
    listBase: (folder) => listEbuilds(base, folder),
    listHead: (folder) => listEbuilds(head, folder),
    readHead: (path) => readText(join(head, path), [head], () => {}),
    listInheriting(repository, eclass) {
      const { eclasses, ebuilds } = inheritanceOf(repository);
      const wanted = new Set([eclass]);
      // A set is walked to its end, also to what is added on the way.
      for (const name of wanted)
        for (const [other, inherits] of eclasses) if (inherits.includes(name)) wanted.add(other);
      return [...ebuilds]
        .filter(([, inherits]) => inherits.some((name) => wanted.has(name)))
        .map(([path]) => repository + path);
    },
  };
}

/** The names that each eclass and each ebuild of a repository inherits itself. */
interface Inheritance {
  /** By name. */
  readonly eclasses: ReadonlyMap<string, readonly string[]>;
  /** By the path below the repository. */
  readonly ebuilds: ReadonlyMap<string, readonly string[]>;
}

function readInheritance(repository: string): Inheritance {
  const inheritsOf = (path: string) =>
    readInherits(readText(join(repository, path), [repository], () => {}) ?? '');
  const eclasses = list(join(repository, 'eclass')).filter((name) => name.endsWith('.eclass'));
  const packages = list(repository).flatMap((category) =>
    list(join(repository, category)).map((name) => `${category}/${name}`),
  );
  const ebuilds = packages.flatMap((folder) => listEbuilds(repository, folder));
  return {
    eclasses: new Map(
      eclasses.map((name) => [name.slice(0, -'.eclass'.length), inheritsOf(`eclass/${name}`)]),
    ),
    ebuilds: new Map(ebuilds.map((path) => [path, inheritsOf(path)])),
  };
}

/** The words of all `inherit` lines of a text, whatever condition they stand under. A word that only bash can expand names no eclass. */
export function readInherits(text: string): string[] {
  const lines = text.replaceAll('\\\n', ' ').matchAll(/^[^#\n]*?\binherit[ \t]+([^\n#;&|)}]*)/gm);
  return [...lines].flatMap(([, words = '']) => words.match(/[^\s"']+/g) ?? []);
}

function listEbuilds(top: string, folder: string): string[] {
  return list(join(top, folder))
    .filter((name) => name.endsWith('.ebuild'))
    .map((name) => `${folder}/${name}`);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch {
    return [];
  }
}
