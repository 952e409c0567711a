import type { VersionBound } from '../../../trace/evidence.ts';

/** What a build description asks of a module or package by the name that it has there. */
export interface NamedBound {
  /** Of meson: a pkg-config module. Of cmake: the name that `find_package` is called with. */
  readonly name: string;
  readonly operator: VersionBound['operator'];
  readonly version: string;
  /** Line, from 1. */
  readonly line: number;
}

/** Names and what they stand for. */
export type Variables = ReadonlyMap<string, string>;

/** A word of the language: a name, a string without its quotes (`template` where an `f` stands before them), a number, or one other character. */
interface Token {
  readonly kind: 'name' | 'string' | 'template' | 'number' | 'other';
  readonly text: string;
  readonly line: number;
}

const TOKEN = /(f?)(?:'''([\s\S]*?)'''|'((?:[^'\\\n]|\\.)*)')|([A-Za-z_]\w*)|(\d+)|#.*|\n|[^\s]/g;

/** Longer than any argument list that names a dependency. */
const MOST_ARGUMENT_TOKENS = 400;

/**
 * Finds the versions that `dependency('x', version : '>= 1.2')` asks for (meson's reference manual, "dependency()"). Strings, lists,
 * `+`, `.format()`, `f''` and variables that are set once are understood; what is made up otherwise is passed over. Total.
 *
 * @param text of a meson.build
 * @param above the variables of the one above it
 */
export function readMesonChecks(text: string, above: Variables = new Map()): NamedBound[] {
  const tokens = tokenize(text);
  const variables = readVariables(tokens, above);
  const found: NamedBound[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.text !== 'dependency' || token.kind !== 'name' || tokens[at + 1]?.text !== '(') continue;
    if (tokens[at - 1]?.text === '.') continue;
    const { positional, named } = readArguments(tokens, at + 2);
    const names = positional.flatMap((one) => evaluate(one, variables));
    for (const wanted of evaluate(named.get('version') ?? [], variables)) {
      const bound = readBound(wanted);
      if (bound !== undefined) for (const name of names) found.push({ name, ...bound, line: token.line });
    }
  }
  return found;
}

/** `>= 1.2`, and `1.2` alone, which asks for just that. */
function readBound(text: string): Pick<NamedBound, 'operator' | 'version'> | undefined {
  const [, sign = '=', version] = /^\s*(>=|<=|==|!=|=|>|<)?\s*([\w.+-]+)\s*$/.exec(text) ?? [];
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

/** What {@link readMesonChecks} must know of the file whose `subdir()` leads to a meson.build. */
export function readMesonVariables(text: string, above: Variables = new Map()): Variables {
  return readVariables(tokenize(text), above);
}

/** The variables that are set in one place only, to a string or a number. */
function readVariables(tokens: readonly Token[], above: Variables): Variables {
  const values = new Map<string, string | undefined>(above);
  for (const [at, { kind, text, line }] of tokens.entries()) {
    if (kind !== 'name' || tokens[at + 1]?.text !== '=' || tokens[at + 2]?.text === '=') continue;
    let end = at + 2;
    while (tokens[end]?.line === line) end += 1;
    const [value, ...more] = evaluate(tokens.slice(at + 2, end), asKnown(values));
    values.set(text, (values.has(text) && !above.has(text)) || more.length > 0 ? undefined : value);
  }
  return asKnown(values);
}

function asKnown(values: ReadonlyMap<string, string | undefined>): Map<string, string> {
  return new Map([...values].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The arguments of a call, each as its tokens. @param start after the opening bracket */
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

/** The strings that an expression comes to: those of a list, one of anything else; none where it is made up of other things. */
function evaluate(tokens: readonly Token[], variables: Variables): string[] {
  if (tokens[0]?.kind === 'other' && tokens[0].text === '[' && tokens.at(-1)?.text === ']')
    return readArguments([...tokens.slice(1, -1), CLOSING], 0).positional.flatMap((one) =>
      evaluate(one, variables),
    );
  const format = tokens.findIndex(({ kind, text }) => kind === 'name' && text === 'format');
  if (format > 1 && tokens[format - 1]?.text === '.' && tokens[format + 1]?.text === '(') {
    const [pattern] = evaluate(tokens.slice(0, format - 1), variables);
    const values = readArguments(tokens, format + 2).positional.map((one) => evaluate(one, variables)[0]);
    if (pattern === undefined || values.includes(undefined)) return [];
    return [pattern.replace(/@(\d+)@/g, (_, number: string) => values[Number(number)] ?? '')];
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
  }
  return tokens.length % 2 === 1 ? [joined] : [];
}

function evaluateWord(kind: Token['kind'], text: string, variables: Variables): string | undefined {
  if (kind === 'name') return variables.get(text);
  if (kind === 'other') return undefined;
  if (kind !== 'template') return text;
  const names = [...text.matchAll(/@(\w+)@/g)].map(([, name = '']) => name);
  if (names.some((name) => !variables.has(name))) return undefined;
  return text.replace(/@(\w+)@/g, (_, name: string) => variables.get(name) ?? '');
}

const CLOSING: Token = { kind: 'other', text: ')', line: 0 };
