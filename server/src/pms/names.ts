/** The characters that are allowed in the names of PMS 3.1. */

const LETTER_OR_DIGIT = 1;
const UNDERSCORE = 2;
const PLUS = 4;
const HYPHEN = 8;
const DOT = 16;
const AT = 32;

/** For each ASCII character the set that it belongs to; 0 if no name may contain it. */
const SETS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(character)) SETS[code] = LETTER_OR_DIGIT;
}
SETS[95] = UNDERSCORE;
SETS[43] = PLUS;
SETS[45] = HYPHEN;
SETS[46] = DOT;
SETS[64] = AT;

/** The rule for one kind of name. `first` and `rest` are unions of the sets of characters. */
export interface NameRule {
  readonly noun: string;
  /** The characters allowed after the first, for messages. */
  readonly allowed: string;
  readonly first: number;
  readonly rest: number;
}

const WORD = LETTER_OR_DIGIT | UNDERSCORE;

export const CATEGORY: NameRule = {
  noun: 'category',
  allowed: 'letters, digits and + _ . -',
  first: WORD,
  rest: WORD | PLUS | HYPHEN | DOT,
};
/** The rule for the characters only. The name must not end in a hyphen and a version either (PMS 3.1.2). */
export const PACKAGE_NAME: NameRule = {
  noun: 'package name',
  allowed: 'letters, digits and + _ -',
  first: WORD,
  rest: WORD | PLUS | HYPHEN,
};
export const SLOT: NameRule = { ...CATEGORY, noun: 'slot' };
export const LICENSE: NameRule = { ...CATEGORY, noun: 'license name' };
export const USE_FLAG: NameRule = {
  noun: 'USE flag',
  allowed: 'letters, digits and + _ @ -',
  first: LETTER_OR_DIGIT,
  rest: WORD | PLUS | HYPHEN | AT,
};
export const REPOSITORY: NameRule = {
  noun: 'repository name',
  allowed: 'letters, digits and _ -',
  first: WORD,
  rest: WORD | HYPHEN,
};

/**
 * Finds the first character that is not allowed in the name from `start` to `end`.
 *
 * @returns its offset, or `end` if there is none
 */
export function findWrongCharacter(rule: NameRule, text: string, start: number, end: number): number {
  for (let position = start; position < end; position++) {
    const code = text.charCodeAt(position);
    const set = code < 128 ? (SETS[code] ?? 0) : 0;
    if ((set & (position === start ? rule.first : rule.rest)) === 0) return position;
  }
  return end;
}

/** Whether the whole text is a name of this kind. */
export function isName(rule: NameRule, text: string): boolean {
  return text !== '' && findWrongCharacter(rule, text, 0, text.length) === text.length;
}

/** Whether the text is the name of a USE flag (PMS 3.1.4). */
export function isUseFlag(text: string): boolean {
  return isName(USE_FLAG, text);
}

/**
 * Explains why the character at `position` is not allowed in the name that begins at `start`, and what to write instead.
 *
 * @returns one sentence
 */
export function explainWrongCharacter(rule: NameRule, text: string, start: number, position: number): string {
  const character = String.fromCodePoint(text.codePointAt(position) ?? 0);
  const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `\`${character}\`` : 'This character';
  const code = character.charCodeAt(0);
  const named = code < 33 || code > 126 ? `${shown} (${nameOfCharacter(character)})` : shown;
  if (/^[\p{Pd}\u2212\u00ad]$/u.test(character) && character !== '-')
    return `${named} is not the ASCII hyphen: write \`-\`.`;
  const place = position === start ? 'begin' : 'stand in';
  const fix =
    position === start && code < 128 && ((SETS[code] ?? 0) & rule.rest) !== 0
      ? `begin with a letter${(rule.first & UNDERSCORE) === 0 ? ' or a digit' : ', a digit or _'}`
      : `use ${rule.allowed}`;
  return `${named} cannot ${place} a ${rule.noun}: ${fix}.`;
}

/** The code point of a character, such as `U+2013`. */
export function nameOfCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
