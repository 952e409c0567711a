import type { TextRange } from '../pms/text-range.ts';

/** A command substitution that generates dependencies from those in its arguments. */
export interface GeneratorCall {
  readonly name: string;
  /** The content of each quoted argument that may contain dependencies; offsets into the word. */
  readonly arguments: readonly TextRange[];
  /** Whether it is known to generate dependencies on the packages of its arguments and no others. */
  readonly namesKnown: boolean;
}

/** Functions of python-r1, python-any-r1, python-single-r1, llvm-r1 and lua.eclass that repeat their first argument. */
const REPEATING: ReadonlySet<string> = new Set([
  'python_gen_cond_dep',
  'python_gen_any_dep',
  'llvm_gen_dep',
  'lua_gen_cond_dep',
]);

/** Whether a generator repeats the dependencies of its argument, unchanged or with more USE flags. */
export function repeatsItsArgument(generator: string): boolean {
  return REPEATING.has(generator);
}

const CALL = /^\$\(\s*([A-Za-z_][\w-]*)/;
const ARGUMENT = /'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/g;

/**
 * Reads a word such as `$(python_gen_cond_dep 'dev-python/foo[${PYTHON_USEDEP}]')`.
 *
 * @returns undefined if the word is not a single command substitution
 */
export function generatorCall(word: string): GeneratorCall | undefined {
  const name = CALL.exec(word)?.[1];
  if (name === undefined || !word.endsWith(')')) return undefined;
  const found: TextRange[] = [];
  for (const match of word.matchAll(ARGUMENT)) {
    const start = match.index + 1;
    found.push({ start, end: start + match[0].length - 2 });
  }
  if (!REPEATING.has(name)) return { name, arguments: found, namesKnown: false };
  return { name, arguments: found.slice(0, 1), namesKnown: found.length > 0 };
}
