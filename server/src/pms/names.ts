/** Which characters the names of PMS 3.1 are made of. */

const LETTER_OR_DIGIT = 1;
const UNDERSCORE = 2;
const PLUS = 4;
const HYPHEN = 8;
const DOT = 16;
const AT = 32;

/** For each ASCII character the set that it belongs to; 0 for those that no name may hold. */
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

/** One kind of name: what it is called, which characters it may hold and which it may begin with. */
export interface NameRule {
  readonly noun: string;
  /** The characters that may follow the first, for messages. */
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
/** That it must not end like a version as well is not said here (PMS 3.1.2). */
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
 * Finds the first character of a part of a text that the name must not hold.
 *
 * @returns its offset, or `end` where the part is a name or empty
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

/** Whether the text is a USE flag's name (PMS 3.1.4). */
export function isUseFlag(text: string): boolean {
  return isName(USE_FLAG, text);
}

/**
 * Says why the character at `position` cannot stand in the name that begins at `start`, and what to write instead.
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

/** `U+2013`. */
export function nameOfCharacter(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
