import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { linesOfWords, listFolder, type ReportProblem, readText } from '../../files/regular-file.ts';
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
 * Reads a profile from its files (PMS 5).
 *
 * @param repositories locations by name, for `name:path` in a `parent` file (portage(5), profile-formats portage-2)
 */
export function readProfile(
  folder: string,
  repositories: ReadonlyMap<string, string>,
  report: ReportProblem,
): Profile {
  const nodes: string[] = [];
  let complete = collectNodes(folder, repositories, nodes, new Set(), report);
  const settings = new Map<string, string>();
  const stacks = new Map<string, string[][]>();
  for (const node of nodes) {
    const text = readText(join(node, 'make.defaults'), report) ?? '';
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
  const texts = (name: string): string[] => nodes.map((node) => readListFile(join(node, name), report));
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
export function readListFile(path: string, report: ReportProblem): string {
  const names = listFolder(path, () => undefined);
  if (names.length === 0) return readText(path, report) ?? '';
  return names.map((name) => readText(join(path, name), report) ?? '').join('\n');
}

function collectNodes(
  folder: string,
  repositories: ReadonlyMap<string, string>,
  nodes: string[],
  open: Set<string>,
  report: ReportProblem,
): boolean {
  let real: string;
  try {
    real = realpathSync(folder);
  } catch {
    report(`The profile ${folder} does not exist; choose another with "eselect profile".`);
    return false;
  }
  if (open.has(real) || nodes.length >= MOST) {
    report(`The profile ${real} has itself as a parent; remove the line from its \`parent\` file.`);
    return false;
  }
  open.add(real);
  let complete = true;
  for (const [parent = ''] of linesOfWords(readText(join(real, 'parent'), report) ?? '')) {
    const place = locateParent(real, parent, repositories);
    if (place === undefined) complete = false;
    else if (!collectNodes(place, repositories, nodes, open, report)) complete = false;
  }
  open.delete(real);
  nodes.push(real);
  return complete;
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
