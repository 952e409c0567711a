import { cutVersion, replaceSeparators } from './version-parts.ts';

/** Gives the value of a variable; undefined if only bash knows it. */
export type Lookup = (name: string) => string | undefined;

const NAME = /^\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))$/;
const PARAMETER = /^\$\{([A-Za-z_]\w*)(:?[-?]|:|##?|%%?|\/[/#%]?|\^\^?|,,?)([^$`"'\\]*)\}$/;
const VERSION_COMMAND = /^\$\(\s*(ver_cut|ver_rs)\s+([^()`;|&<>]*?)\s*\)$/;
/** The length up to which values are matched with patterns. No version or name is longer, and the text may be hostile. */
const LONGEST = 200;

/**
 * Computes the result of an expansion without running bash. It knows `$NAME`, the forms of `${NAME…}` that ebuilds use on
 * versions and names (bash(1), Parameter Expansion), and the version manipulation commands `ver_cut` and `ver_rs`
 * (PMS 12.3.14).
 *
 * @param text the whole expansion, from its `$`
 * @returns undefined for another expansion, or if a variable in it is not known
 */
export function expandShellText(text: string, lookup: Lookup): string | undefined {
  const plain = NAME.exec(text);
  if (plain !== null) return lookup(plain[1] ?? plain[2] ?? '');
  if (text.length > LONGEST) return undefined;
  const parameter = PARAMETER.exec(text);
  if (parameter !== null) {
    const value = lookup(parameter[1] ?? '');
    return value === undefined ? undefined : transform(value, parameter[2] ?? '', parameter[3] ?? '');
  }
  const command = VERSION_COMMAND.exec(text);
  return command === null ? undefined : runVersionCommand(command[1] ?? '', command[2] ?? '', lookup);
}

function transform(value: string, operator: string, operand: string): string | undefined {
  if (value.length > LONGEST) return undefined;
  switch (operator) {
    case '-':
    case '?':
      return value;
    case ':?':
      return value === '' ? undefined : value;
    case ':-':
      return value === '' ? operand : value;
    case ':':
      return substring(value, operand);
    case '^':
      return operand === '' ? value.slice(0, 1).toUpperCase() + value.slice(1) : undefined;
    case '^^':
      return operand === '' ? value.toUpperCase() : undefined;
    case ',':
      return operand === '' ? value.slice(0, 1).toLowerCase() + value.slice(1) : undefined;
    case ',,':
      return operand === '' ? value.toLowerCase() : undefined;
  }
  const slash = operand.indexOf('/');
  const replaces = operator.startsWith('/');
  const pattern = readPattern(replaces && slash >= 0 ? operand.slice(0, slash) : operand);
  if (pattern === undefined) return undefined;
  if (replaces) return replace(value, operator, pattern, slash < 0 ? '' : operand.slice(slash + 1));
  return operator.startsWith('#')
    ? withoutPrefix(value, pattern, operator === '##')
    : withoutSuffix(value, pattern, operator === '%%');
}

function substring(value: string, operand: string): string | undefined {
  const match = /^(?:(\d{1,4})| (-\d{1,4}))(?::(-?\d{1,4}))?$/.exec(operand);
  if (match === null) return undefined;
  const offset = Number(match[1] ?? match[2]);
  const start = offset < 0 ? value.length + offset : offset;
  if (start < 0 || start > value.length) return '';
  const length = match[3] === undefined ? value.length : Number(match[3]);
  const end = length < 0 ? value.length + length : start + length;
  return end < start ? undefined : value.slice(start, end);
}

/** Translates a glob to a regular expression; undefined for syntax that ebuilds do not use on versions. */
function readPattern(glob: string): RegExp | undefined {
  if (
    glob === '' ||
    (glob.match(/[*?]/g)?.length ?? 0) > 3 ||
    /[[\]()!@+]/.test(glob.replace(/\[[\w.-]+\]/g, ''))
  )
    return undefined;
  const source = glob.replace(/\[[\w.-]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    return piece.length > 1 ? piece : piece.replace(/[\\^$.|+{}/]/, '\\$&');
  });
  try {
    return new RegExp(`^(?:${source})$`, 's');
  } catch {
    // A range of characters such as [9-0].
    return undefined;
  }
}

function withoutPrefix(value: string, pattern: RegExp, longest: boolean): string {
  for (let step = 0; step <= value.length; step++) {
    const length = longest ? value.length - step : step;
    if (pattern.test(value.slice(0, length))) return value.slice(length);
  }
  return value;
}

function withoutSuffix(value: string, pattern: RegExp, longest: boolean): string {
  for (let step = 0; step <= value.length; step++) {
    const start = longest ? step : value.length - step;
    if (pattern.test(value.slice(start))) return value.slice(0, start);
  }
  return value;
}

/** Replaces the longest match at the first position that has one, as bash does. */
function replace(value: string, operator: string, pattern: RegExp, replacement: string): string | undefined {
  // bash 5.2 replaces `&` by the match, older versions do not.
  if (replacement.includes('&')) return undefined;
  let result = '';
  let position = 0;
  while (position < value.length) {
    let end = value.length;
    while (end > position && !pattern.test(value.slice(position, end))) end--;
    const anchored = (operator === '/#' && position > 0) || (operator === '/%' && end !== value.length);
    if (end === position || anchored) {
      result += value[position];
      position++;
      continue;
    }
    result += replacement;
    position = end;
    if (operator !== '//') break;
  }
  return result + value.slice(position);
}

function runVersionCommand(command: string, written: string, lookup: Lookup): string | undefined {
  const words: string[] = [];
  for (const word of written.match(/"[^"]*"|'[^']*'|\S+/g) ?? []) {
    const bare = /^(["']).*\1$/s.test(word) ? word.slice(1, -1) : word;
    const value = bare.startsWith('$') && !word.startsWith("'") ? expandShellText(bare, lookup) : bare;
    if (value === undefined || /[$`"'\\]/.test(value)) return undefined;
    words.push(value);
  }
  const fixed = command === 'ver_cut' ? words.length === 2 : words.length % 2 === 1;
  const version = fixed ? words.pop() : lookup('PV');
  if (version === undefined || words.length === 0 || version.length > LONGEST) return undefined;
  return command === 'ver_cut' ? cutVersion(version, words[0] ?? '') : replaceSeparators(version, words);
}
