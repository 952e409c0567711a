import type { VersionBound } from '../evidence.ts';

/** A {@link VersionBound} with the pkg-config module that it speaks of, whose number need not be the package's. */
export interface ModuleBound extends VersionBound {
  readonly module: string;
}

/** What one call of pkg-config asked for. */
export interface PkgConfigCall {
  /** Names of modules; those that they require in their turn are not among them. */
  readonly modules: ReadonlySet<string>;
  readonly bounds: readonly ModuleBound[];
  /** Whether all arguments are known: the tracer cuts long lists. */
  readonly isWhole: boolean;
}

/** As many arguments as an event holds, see docs/trace-format.md. */
const MOST_ARGUMENTS = 64;

const PROGRAM = /(^|[-/])pkg-?conf(ig)?$/;

/** Options whose value may be the next word; it is no module. */
const WITH_VALUE =
  /^--(atleast|exact|max)-version$|^--(atleast-pkgconfig-version|variable|define-variable|prefix-variable|with-path|personality|log-file|maximum-traverse-depth)$/;

/** `name`, or `name >= 1.2`; names are parted by white space or commas (pkg-config(1), "Requires"). */
const MODULE = /([^\s,<>=!]+)\s*(?:(>=|<=|!=|=|>|<)\s*([^\s,<>=!]+))?/g;

const OF_OPTION = { atleast: '>=', exact: '=', max: '<=' } as const;

/**
 * Reads the arguments of pkg-config(1) or pkgconf(1). Total.
 *
 * @param program path of what is executed
 * @returns undefined when the program is another one
 */
export function readPkgConfigCall(program: string, argv: readonly string[]): PkgConfigCall | undefined {
  if (!PROGRAM.test(program)) return undefined;
  const words: string[] = [];
  const asked: { operator: VersionBound['operator']; version: string }[] = [];
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (!word.startsWith('--')) {
      words.push(word);
      continue;
    }
    const [option = '', given] = word.split(/=(.*)/s);
    const value = given ?? (WITH_VALUE.test(option) ? argv[++at] : undefined);
    const relation = /^--(atleast|exact|max)-version$/.exec(option)?.[1] as
      | keyof typeof OF_OPTION
      | undefined;
    if (relation !== undefined && value !== undefined)
      asked.push({ operator: OF_OPTION[relation], version: value });
  }
  const modules = new Set<string>();
  const bounds: ModuleBound[] = [];
  const state = (module: string, operator: VersionBound['operator'], version: string) =>
    bounds.push({ module, operator, version, statedBy: `pkg-config '${module} ${operator} ${version}'` });
  for (const [, name = '', operator, version] of words.join(' ').matchAll(MODULE)) {
    const module = moduleOf(name);
    modules.add(module);
    // What must not be there (`!=`) is no bound that an atom could state.
    if (operator !== undefined && operator !== '!=' && version !== undefined)
      state(module, operator as VersionBound['operator'], version);
  }
  for (const { operator, version } of asked) for (const module of modules) state(module, operator, version);
  return { modules, bounds, isWhole: argv.length < MOST_ARGUMENTS };
}

/** The module that a `.pc` file describes; `-uninstalled` is the variant that pkg-config looks for first. */
export function moduleOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/(-uninstalled)?(\.pc)?$/, '');
}
