import type { VersionBound } from '../../trace/evidence.ts';

/** A version that a build description asks for. */
export interface NamedBound {
  /** In Meson a pkg-config module, in CMake the argument of `find_package`. */
  readonly name: string;
  readonly operator: VersionBound['operator'];
  readonly version: string;
  /** Line, from 1. */
  readonly line: number;
}

/** The values of variables by their names. */
export type Variables = Pick<ReadonlyMap<string, string>, 'get' | 'has'>;

/** A token of Meson's language. Strings are without quotes; a `template` is a string with an `f` before it; `other` is one character. */
interface Token {
  readonly kind: 'name' | 'string' | 'template' | 'number' | 'other';
  readonly text: string;
  readonly line: number;
}

/** A string without an end is one token too: if it were read again from each of its quotes, the time would be quadratic. */
const TOKEN =
  /(f?)(?:'''([\s\S]*?)'''|'((?:[^'\\\n]|\\.)*)')|'(?:[^'\\\n]|\\.)*|([A-Za-z_]\w*)|(\d+)|#.*|\n|[^\s]/g;

/** Limit in tokens, longer than any argument list that names a dependency. */
const MOST_ARGUMENT_TOKENS = 400;
/** Limit in characters: a few lines that each join the string above to itself would make one without end. */
const LONGEST_VALUE = 4000;

/**
 * Finds the versions that `dependency('x', version : '>= 1.2')` asks for (Meson's reference manual, "dependency()"). It evaluates strings,
 * lists, `+`, `.format()`, `f''` and variables that are set once, and skips any other expression. Total.
 *
 * @param text of a meson.build
 * @param above the variables of the meson.build above it
 */
export function readMesonChecks(text: string, above: Variables = new Map()): NamedBound[] {
  const tokens = tokenize(text);
  const variables = readVariables(tokens, above);
  const found: NamedBound[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.text !== 'dependency' || token.kind !== 'name' || tokens[at + 1]?.text !== '(') continue;
    if (tokens[at - 1]?.text === '.') continue;
    const { positional, named } = readArguments(tokens, at + 2);
    const names = positional.flatMap((argument) => evaluate(argument, variables));
    for (const wanted of evaluate(named.get('version') ?? [], variables)) {
      const bound = readBound(wanted);
      if (bound !== undefined) for (const name of names) found.push({ name, ...bound, line: token.line });
    }
  }
  return found;
}

/** Reads `>= 1.2`, and `1.2` alone, which means exactly that version. */
function readBound(text: string): Pick<NamedBound, 'operator' | 'version'> | undefined {
  const [, sign = '=', version] = /^(>=|<=|==|!=|=|>|<)?\s*([\w.+-]+)$/.exec(text.trim()) ?? [];
  if (version === undefined || sign === '!=') return undefined;
  return { operator: (sign === '==' ? '=' : sign) as NamedBound['operator'], version };
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, prefix, long, short, name, number] = match;
    if (name !== undefined) tokens.push({ kind: 'name', text: name, line });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line });
    else if (long !== undefined || short !== undefined)
      tokens.push({ kind: prefix === 'f' ? 'template' : 'string', text: long ?? short ?? '', line });
    else if (whole !== '\n' && !whole.startsWith('#')) tokens.push({ kind: 'other', text: whole, line });
    for (const character of whole) if (character === '\n') line += 1;
  }
  return tokens;
}

/** Reads the variables of a meson.build that {@link readMesonChecks} needs for those in its `subdir()`s. */
export function readMesonVariables(text: string, above: Variables = new Map()): Variables {
  return readVariables(tokenize(text), above);
}

/** Reads the variables that are set in only one place, to a string or a number. */
function readVariables(tokens: readonly Token[], above: Variables): Variables {
  const values = new Map<string, string>();
  const set = new Set<string>();
  /** Those that are set in several places, or to something that is not understood. */
  const unknown = new Set<string>();
  const known: Variables = {
    get: (name) => (unknown.has(name) ? undefined : (values.get(name) ?? above.get(name))),
    has: (name) => !unknown.has(name) && (values.has(name) || above.has(name)),
  };
  for (const [at, { kind, text, line }] of tokens.entries()) {
    if (kind !== 'name' || tokens[at + 1]?.text !== '=' || tokens[at + 2]?.text === '=') continue;
    if (set.has(text)) {
      unknown.add(text);
      continue;
    }
    set.add(text);
    let end = at + 2;
    while (tokens[end]?.line === line && end < at + MOST_ARGUMENT_TOKENS) end += 1;
    const [value, ...more] = evaluate(tokens.slice(at + 2, end), known);
    if (value === undefined || more.length > 0) unknown.add(text);
    else values.set(text, value);
  }
  return known;
}

/** Reads the arguments of a call, each as its tokens. @param start the index after the opening bracket */
function readArguments(
  tokens: readonly Token[],
  start: number,
): { readonly positional: readonly Token[][]; readonly named: ReadonlyMap<string, Token[]> } {
  const positional: Token[][] = [];
  const named = new Map<string, Token[]>();
  let depth = 0;
  let current: Token[] = [];
  const finish = () => {
    const [first, second] = current;
    if (first?.kind === 'name' && second?.text === ':') named.set(first.text, current.slice(2));
    else if (current.length > 0) positional.push(current);
    current = [];
  };
  for (const token of tokens.slice(start, start + MOST_ARGUMENT_TOKENS)) {
    const isOther = token.kind === 'other';
    if (isOther && (token.text === '(' || token.text === '[')) depth += 1;
    if (isOther && (token.text === ')' || token.text === ']')) depth -= 1;
    if (depth < 0) {
      finish();
      return { positional, named };
    }
    if (isOther && token.text === ',' && depth === 0) finish();
    else current.push(token);
  }
  return { positional: [], named: new Map() };
}

/** Evaluates an expression to strings: several for a list, otherwise one; none if it contains anything that is not understood. */
function evaluate(tokens: readonly Token[], variables: Variables): string[] {
  if (tokens[0]?.kind === 'other' && tokens[0].text === '[' && tokens.at(-1)?.text === ']')
    return readArguments([...tokens.slice(1, -1), CLOSING], 0).positional.flatMap((item) =>
      evaluate(item, variables),
    );
  const format = tokens.findIndex(({ kind, text }) => kind === 'name' && text === 'format');
  if (format > 1 && tokens[format - 1]?.text === '.' && tokens[format + 1]?.text === '(') {
    const [pattern] = evaluate(tokens.slice(0, format - 1), variables);
    const values = readArguments(tokens, format + 2).positional.map(
      (argument) => evaluate(argument, variables)[0],
    );
    if (pattern === undefined || values.includes(undefined)) return [];
    return keepShort(pattern.replace(/@(\d+)@/g, (_, number: string) => values[Number(number)] ?? ''));
  }
  let joined = '';
  for (const [at, { kind, text }] of tokens.entries()) {
    if (at % 2 === 1) {
      if (text !== '+') return [];
      continue;
    }
    if (kind === 'number' && tokens.length > 1) return [];
    const value = evaluateWord(kind, text, variables);
    if (value === undefined) return [];
    joined += value;
    if (joined.length > LONGEST_VALUE) return [];
  }
  return tokens.length % 2 === 1 ? [joined] : [];
}

const keepShort = (value: string): string[] => (value.length > LONGEST_VALUE ? [] : [value]);

function evaluateWord(kind: Token['kind'], text: string, variables: Variables): string | undefined {
  if (kind === 'name') return variables.get(text);
  if (kind === 'other') return undefined;
  if (kind !== 'template') return text;
  const names = [...text.matchAll(/@(\w+)@/g)].map(([, name = '']) => name);
  if (names.some((name) => !variables.has(name))) return undefined;
  return keepShort(text.replace(/@(\w+)@/g, (_, name: string) => variables.get(name) ?? ''))[0];
}

const CLOSING: Token = { kind: 'other', text: ')', line: 0 };
