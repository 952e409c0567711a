/** The Python that runs an installed distribution. */
export interface PythonEnvironment {
  /** Such as `3.11`; undefined if it is not known. */
  readonly version: string | undefined;
  readonly implementation: 'CPython' | 'PyPy';
}

/** Limits in characters of a marker, and in brackets within brackets. */
const LONGEST = 1000;
const DEEPEST = 20;

const TOKEN = /\s*(?:(\(|\)|===|[<>=!~]=|[<>])|'([^']*)'|"([^"]*)"|([A-Za-z_][\w.]*))/y;

type Token =
  | { readonly kind: 'sign' | 'word' | 'text'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' };

/** What is known of a condition: undefined if it depends on something that is not known here. */
type Truth = boolean | undefined;

/**
 * Evaluates an environment marker (PEP 508), such as `python_version < "3.8" and sys_platform != "win32"`, for Linux. An extra is never
 * asked for. Total, in linear time.
 *
 * @returns undefined if the marker cannot be read, or asks for something unknown
 */
export function evaluateMarker(text: string, environment: PythonEnvironment): Truth {
  const tokens = text.length > LONGEST ? undefined : listTokens(text);
  if (tokens === undefined) return undefined;
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: 'end', text: '' };
  const take = (): Token => tokens[at++] ?? { kind: 'end', text: '' };
  const isWord = (word: string) => peek().kind === 'word' && peek().text === word;
  let isBroken = false;

  const readComparison = (depth: number): Truth => {
    if (peek().kind === 'sign' && peek().text === '(') {
      at++;
      if (depth > DEEPEST) isBroken = true;
      const inside = isBroken ? undefined : readAny(depth + 1);
      if (take().text !== ')') isBroken = true;
      return inside;
    }
    const left = take();
    const sign = take();
    const isNegated = sign.kind === 'word' && sign.text === 'not';
    const operator = isNegated ? `not ${take().text}` : sign.text;
    const right = take();
    if (left.kind === 'sign' || right.kind === 'sign' || right.kind === 'end') isBroken = true;
    return compare(left, operator, right, environment);
  };
  const readAll = (depth: number): Truth => {
    let found = readComparison(depth);
    while (!isBroken && isWord('and')) {
      at++;
      const next = readComparison(depth);
      found = found === false || next === false ? false : found && next;
    }
    return found;
  };
  function readAny(depth: number): Truth {
    let found = readAll(depth);
    while (!isBroken && isWord('or')) {
      at++;
      const next = readAll(depth);
      if (found === true || next === true) found = true;
      else found = found === undefined || next === undefined ? undefined : false;
    }
    return found;
  }

  const found = readAny(0);
  return isBroken || at < tokens.length ? undefined : found;
}

function listTokens(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const found = TOKEN.exec(trimmed);
    if (found === null) return undefined;
    const [, sign, single, double, word] = found;
    const quoted = single ?? double;
    if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

function compare(left: Token, operator: string, right: Token, environment: PythonEnvironment): Truth {
  if (left.kind === 'text' && right.kind === 'word')
    return compare(right, TURNED[operator] ?? operator, left, environment);
  if (left.kind !== 'word' || right.kind !== 'text') return undefined;
  const { version, implementation } = environment;
  switch (left.text) {
    case 'extra':
      return operator === '==' ? false : undefined;
    case 'python_version':
      return version === undefined ? undefined : compareNumbers(version, operator, right.text);
    case 'python_full_version':
    case 'implementation_version':
      return version === undefined ? undefined : compareFull(version, operator, right.text);
    case 'sys_platform':
      return compareTexts('linux', operator, right.text);
    case 'platform_system':
      return compareTexts('Linux', operator, right.text);
    case 'os_name':
    case 'os.name':
      return compareTexts('posix', operator, right.text);
    case 'platform_python_implementation':
    case 'python_implementation':
      return compareTexts(implementation, operator, right.text);
    case 'implementation_name':
      return compareTexts(implementation.toLowerCase(), operator, right.text);
    default:
      return undefined;
  }
}

const TURNED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

function compareTexts(actual: string, operator: string, wanted: string): Truth {
  if (operator === '==' || operator === '===') return actual === wanted;
  if (operator === '!=') return actual !== wanted;
  if (operator === 'in') return wanted.includes(actual);
  return operator === 'not in' ? !wanted.includes(actual) : undefined;
}

/** Compares a version of two numbers with one that may have more, as in `python_version < "3.8"`. */
function compareNumbers(actual: string, operator: string, wanted: string): Truth {
  const list = wanted.split(/[\s,]+/);
  if (operator === 'in') return list.includes(actual);
  if (operator === 'not in') return !list.includes(actual);
  const isAny = wanted.endsWith('.*');
  const numbers = isAny ? wanted.slice(0, -2) : wanted;
  if (!/^\d{1,4}(?:\.\d{1,4}){0,3}$/.test(numbers)) return undefined;
  const parts = numbers.split('.').map(Number);
  const ours = actual.split('.').map(Number);
  const length = isAny ? parts.length : Math.max(parts.length, ours.length);
  const order = compareParts(ours, parts, length);
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case '==':
    case '===':
      return order === 0;
    case '!=':
      return order !== 0;
    case '~=':
      return order >= 0 && compareParts(ours, parts, parts.length - 1) === 0;
    default:
      return undefined;
  }
}

/** The third number of the Python is not known, so a bound inside of the same second number decides nothing. */
function compareFull(version: string, operator: string, wanted: string): Truth {
  const two = /^(\d+\.\d+)(?:\.|$)/.exec(wanted)?.[1];
  if (two === undefined || two === version) {
    const isLowest = /^\d+\.\d+(?:\.0)*$/.test(wanted);
    return isLowest && operator === '>=' ? true : isLowest && operator === '<' ? false : undefined;
  }
  return /^[<>]=?$/.test(operator) ? compareNumbers(version, operator, two) : undefined;
}

function compareParts(left: readonly number[], right: readonly number[], length: number): number {
  for (let at = 0; at < length; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
