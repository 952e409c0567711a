import { homedir, hostname, userInfo } from 'node:os';

/** The names by which this machine could be known from a record. */
export interface MachineNames {
  /** Folders of this machine, and what stands for each in a record. */
  readonly folders: readonly { readonly path: string; readonly shown: string }[];
  /** Names of the machine and of its user. */
  readonly words: readonly { readonly word: string; readonly shown: string }[];
}

/** Names that many machines and users have, so that they reveal nothing, and that stand in other texts. */
const COMMON = new Set(
  'localhost root nobody portage gentoo debian ubuntu build builder user host linux server main home test'.split(
    ' ',
  ),
);
const SHORTEST_NAME = 3;

/** @param root and @param repository and @param home as absolute paths of this machine */
export function readMachineNames(
  root: string,
  home: string,
  repository: string,
  repositoryName: string,
): MachineNames {
  const folders = [
    { path: repository, shown: `/var/db/repos/${repositoryName}` },
    { path: root, shown: '' },
    { path: home, shown: '/var/cache/ebuild-audit' },
    { path: homedir(), shown: '/home/user' },
  ];
  const host = hostname();
  const words = [
    { word: host, shown: 'host' },
    { word: host.split('.')[0] ?? '', shown: 'host' },
    { word: readUserName(), shown: 'user' },
  ];
  return {
    // The longest first, because one may be in another.
    folders: folders
      .filter(({ path }) => path !== '/' && path !== '/root' && path !== '')
      .sort((left, right) => right.path.length - left.path.length),
    words: words.filter(({ word }) => word.length >= SHORTEST_NAME && !COMMON.has(word.toLowerCase())),
  };
}

function readUserName(): string {
  try {
    return userInfo().username;
  } catch {
    // The user has no line in /etc/passwd.
    return '';
  }
}

/** The texts of an ebuild. They are public, and their digests are compared. */
const TEXTS = new Set(['text', 'bareText', 'evaluated', 'inherited']);
/** The keys of texts and paths, in which a name may stand. Names of packages and flags are none of the machine. */
const FREE = new Set([
  'firstError',
  'gaps',
  'statedBy',
  'message',
  'path',
  'program',
  'chain',
  'wanted',
  'user',
  'ownPath',
  'name',
  'files',
  'calledIn',
  'roles',
]);

/** Copies plain data without the names of this machine. */
export function withoutMachineNames<T>(value: T, names: MachineNames): T {
  const expressions = names.words.map(({ word, shown }) => ({
    expression: new RegExp(`(?<![\\w.-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'gi'),
    shown,
  }));
  const clean = (text: string, isFree: boolean): string => {
    let shown = text;
    for (const folder of names.folders) {
      shown = shown.replaceAll(`${folder.path}/`, `${folder.shown}/`);
      if (shown.endsWith(folder.path)) shown = shown.slice(0, -folder.path.length) + (folder.shown || '/');
    }
    if (!isFree) return shown;
    return expressions.reduce((text, { expression, shown: by }) => text.replace(expression, by), shown);
  };
  const copy = (inner: unknown, isFree: boolean): unknown => {
    if (typeof inner === 'string') return clean(inner, isFree);
    if (Array.isArray(inner)) return inner.map((item) => copy(item, isFree));
    if (typeof inner !== 'object' || inner === null) return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, item]) => [key, TEXTS.has(key) ? item : copy(item, FREE.has(key))]),
    );
  };
  return copy(value, false) as T;
}
