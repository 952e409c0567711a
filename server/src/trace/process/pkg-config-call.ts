import type { VersionBound } from '../evidence.ts';

/** A {@link VersionBound} of a pkg-config module, whose version may differ from that of its package. */
export interface ModuleBound extends VersionBound {
  readonly module: string;
}

/** The request in one call of pkg-config. */
export interface PkgConfigCall {
  /** The modules in the arguments, without those that they require. */
  readonly modules: ReadonlySet<string>;
  readonly bounds: readonly ModuleBound[];
  /** Whether all arguments are known: the tracer cuts long lists of arguments. */
  readonly isWhole: boolean;
}

/** The number of arguments that an event holds, see docs/trace-format.md. */
const MOST_ARGUMENTS = 64;

const PROGRAM = /(^|[-/])pkg-?conf(ig)?$/;

/** Whether a path is that of pkg-config(1), also with the name of a platform before it. */
export const isPkgConfig = (path: string): boolean => PROGRAM.test(path);

/** Options whose value may be the next word. That word is not a module. */
const WITH_VALUE =
  /^--(atleast|exact|max)-version$|^--(atleast-pkgconfig-version|variable|define-variable|prefix-variable|with-path|personality|log-file|maximum-traverse-depth)$/;

/** `name`, or `name >= 1.2`; names are separated by white space or commas (pkg-config(1), "Requires"). */
const MODULE = /([^\s,<>=!]+)\s*(?:(>=|<=|!=|=|>|<)\s*([^\s,<>=!]+))?/g;

const OF_OPTION = { atleast: '>=', exact: '=', max: '<=' } as const;

/**
 * Reads the arguments of pkg-config(1) or pkgconf(1). Total.
 *
 * @param program path of the executed program
 * @returns undefined if the program is not pkg-config
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
    // An atom cannot say that one version must not be installed (`!=`).
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
