import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { throwIfExhausted } from '../../files/exhaustion.ts';
import {
  type Enclosure,
  encloses,
  linesOfWords,
  listFolder,
  type ReportProblem,
  readSetting,
} from '../../files/regular-file.ts';
import { rootEnclosure } from '../repository.ts';
import { parseSettings } from './make-defaults.ts';
import { stackPackages, stackWords } from './packages-list.ts';

/** A profile with everything that it inherits (PMS 5). */
export interface Profile {
  /** The folders, the topmost parent's first. */
  readonly nodes: readonly string[];
  /** The settings of all make.defaults; the incremental variables of PMS 5.3.1 are stacked. */
  readonly settings: ReadonlyMap<string, string>;
  /** The atoms of @system (PMS 5.2.6). */
  readonly system: readonly string[];
  readonly useForce: ReadonlySet<string>;
  readonly useMask: ReadonlySet<string>;
  /** False if a parent is missing or a make.defaults has more than plain assignments. */
  readonly complete: boolean;
}

/** PMS 5.3.1. */
const INCREMENTAL = new Set([
  'USE',
  'USE_EXPAND',
  'USE_EXPAND_HIDDEN',
  'USE_EXPAND_IMPLICIT',
  'USE_EXPAND_UNPREFIXED',
  'IUSE_IMPLICIT',
  'CONFIG_PROTECT',
  'CONFIG_PROTECT_MASK',
  'ENV_UNSET',
]);
/** A bound for broken profiles; real profiles have about thirty nodes. */
const MOST = 500;

/**
 * Reads a profile from its files (PMS 5). A parent may lie in any of the repositories, in that of the profile itself, or in the root's
 * etc/portage. No file is read that leads out of them.
 *
 * @param root the Gentoo system that has chosen the profile
 * @param repositories locations by name, for `name:path` in a `parent` file (portage(5), profile-formats portage-2)
 */
export function readProfile(
  root: string,
  folder: string,
  repositories: ReadonlyMap<string, string>,
  report: ReportProblem,
): Profile {
  const nodes: string[] = [];
  const within = encloseProfile(root, folder, repositories);
  let complete = collectNodes(folder, undefined, { repositories, within, nodes, open: new Set(), report });
  const settings = new Map<string, string>();
  const stacks = new Map<string, string[][]>();
  for (const node of nodes) {
    const text = readSetting(join(node, 'make.defaults'), within, report) ?? '';
    // A file does not see the earlier values of a stacked variable, so it cannot add them again (PMS 5.3.1).
    const visible = new Map([...settings].filter(([name]) => !INCREMENTAL.has(name)));
    const read = parseSettings(text, visible);
    if (!read.complete) complete = false;
    for (const [name, value] of read.values) {
      const expand = stacks.get('USE_EXPAND')?.flat().includes(name) ?? false;
      if (INCREMENTAL.has(name) || expand) {
        const stack = stacks.get(name) ?? [];
        stack.push(value.match(/\S+/g) ?? []);
        stacks.set(name, stack);
        settings.set(name, [...stackWords(stack)].join(' '));
      } else {
        settings.set(name, value);
      }
    }
  }
  const texts = (name: string): string[] =>
    nodes.map((node) => readListFile(join(node, name), within, report));
  const words = (name: string): Set<string> =>
    stackWords(texts(name).map((text) => linesOfWords(text).map(([word = '']) => word)));
  return {
    nodes,
    settings,
    system: stackPackages(texts('packages')),
    useForce: words('use.force'),
    useMask: words('use.mask'),
    complete,
  };
}

/** Reads a file, or the files of a folder in the order of their names (PMS 5.2.5, since EAPI 7). */
export function readListFile(path: string, within: Enclosure, report: ReportProblem): string {
  const names = listFolder(path, within, () => undefined);
  if (names.length === 0) return readSetting(path, within, report) ?? '';
  return names.map((name) => readSetting(join(path, name), within, report) ?? '').join('\n');
}

/** Where the files of a profile may lie. */
function encloseProfile(root: string, folder: string, repositories: ReadonlyMap<string, string>): Enclosure {
  const known = [...repositories.values(), ...rootEnclosure(root).map((place) => join(place, 'etc/portage'))];
  const own = resolveLinks(folder);
  return own === undefined ? known : [...known, repositoryOf(own) ?? own];
}

/** The walk from a profile to its parents. */
interface ProfileWalk {
  readonly repositories: ReadonlyMap<string, string>;
  readonly within: Enclosure;
  /** The folders so far. */
  readonly nodes: string[];
  /** The folders whose parents are being read. */
  readonly open: Set<string>;
  readonly report: ReportProblem;
}

function collectNodes(folder: string, child: string | undefined, walk: ProfileWalk): boolean {
  const { repositories, within, nodes, open, report } = walk;
  const real = resolveLinks(folder);
  // The path of a parent is text of a file, so it is not quoted.
  const chosen = child === undefined ? 'The chosen profile' : `A parent in ${join(child, 'parent')}`;
  if (real === undefined) {
    report(`${chosen} does not exist: choose another with "eselect profile".`);
    return false;
  }
  if (!encloses(within, real)) {
    report(`${chosen} leads out of the repositories and is skipped: name a profile of a repository.`);
    return false;
  }
  if (open.has(real) || nodes.length >= MOST) {
    report(`The profile ${real} has itself as a parent; remove the line from its \`parent\` file.`);
    return false;
  }
  open.add(real);
  let complete = true;
  for (const [parent = ''] of linesOfWords(readSetting(join(real, 'parent'), within, report) ?? '')) {
    // A file may have a million lines.
    if (nodes.length >= MOST) return false;
    const place = locateParent(real, parent, repositories);
    if (place === undefined || !collectNodes(place, real, walk)) complete = false;
  }
  open.delete(real);
  nodes.push(real);
  return complete;
}

function resolveLinks(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  }
}

function locateParent(
  node: string,
  parent: string,
  repositories: ReadonlyMap<string, string>,
): string | undefined {
  const colon = parent.indexOf(':');
  if (colon < 0) return join(node, parent);
  const path = parent.slice(colon + 1);
  const repository = colon === 0 ? repositoryOf(node) : repositories.get(parent.slice(0, colon));
  return repository === undefined ? undefined : join(repository, 'profiles', path);
}

/** The repository that contains a profile, which `:path` refers to. */
function repositoryOf(node: string): string | undefined {
  for (let folder = node; folder !== dirname(folder); folder = dirname(folder)) {
    if (folder.endsWith('/profiles') && existsSync(join(folder, 'repo_name'))) return dirname(folder);
  }
  return undefined;
}
