/** The syntax of versions (PMS 3.2) and their order (PMS 3.3). */

export type SuffixKind = 'alpha' | 'beta' | 'pre' | 'rc' | 'p';

export interface VersionSuffix {
  readonly kind: SuffixKind;
  /** The digits as written, or empty. */
  readonly number: string;
}

/** The parts of a version, each as it was written, so that the version prints as it was read. */
export interface Version {
  /** The dotted numbers as written, at least one. */
  readonly numbers: readonly [string, ...string[]];
  /** One lower-case letter, or empty. */
  readonly letter: string;
  readonly suffixes: readonly VersionSuffix[];
  /** The digits after `-r` as written; empty without a revision. */
  readonly revision: string;
}

/** The result of a comparison, for `Array.sort`. */
type Order = -1 | 0 | 1;

/** `pre` is before `p`, because the first kind that matches is taken. */
const SUFFIX_KINDS: readonly SuffixKind[] = ['alpha', 'beta', 'pre', 'rc', 'p'];
const SUFFIX_ORDER: Readonly<Record<SuffixKind, number>> = { alpha: 0, beta: 1, pre: 2, rc: 3, p: 4 };
const NO_SUFFIXES: readonly VersionSuffix[] = [];

const ZERO = 48;
const DOT = 46;
const UNDERSCORE = 95;
const LETTER_A = 97;
const LETTER_Z = 122;

/**
 * Reads a version with its revision (PMS 3.2), e.g. `1.2b_rc3-r1`.
 *
 * @returns undefined if the text is not a version
 */
export function parseVersion(text: string): Version | undefined {
  let position = endOfDigits(text, 0);
  if (position === 0) return undefined;
  const numbers: [string, ...string[]] = [text.slice(0, position)];
  while (text.charCodeAt(position) === DOT) {
    const end = endOfDigits(text, position + 1);
    if (end === position + 1) return undefined;
    numbers.push(text.slice(position + 1, end));
    position = end;
  }
  let letter = '';
  const code = text.charCodeAt(position);
  if (code >= LETTER_A && code <= LETTER_Z) letter = text.charAt(position++);
  let suffixes = NO_SUFFIXES;
  if (text.charCodeAt(position) === UNDERSCORE) {
    const read = readSuffixes(text, position);
    if (read === undefined) return undefined;
    suffixes = read.suffixes;
    position = read.end;
  }
  if (position === text.length) return { numbers, letter, suffixes, revision: '' };
  if (!text.startsWith('-r', position)) return undefined;
  const end = endOfDigits(text, position + 2);
  if (end === position + 2 || end < text.length) return undefined;
  return { numbers, letter, suffixes, revision: text.slice(position + 2) };
}

function readSuffixes(text: string, start: number): { suffixes: VersionSuffix[]; end: number } | undefined {
  const suffixes: VersionSuffix[] = [];
  let position = start;
  while (text.charCodeAt(position) === UNDERSCORE) {
    const letters = position + 1;
    const kind = SUFFIX_KINDS.find((known) => text.startsWith(known, letters));
    if (kind === undefined) return undefined;
    const digits = letters + kind.length;
    position = endOfDigits(text, digits);
    suffixes.push({ kind, number: text.slice(digits, position) });
  }
  return { suffixes, end: position };
}

/** The offset after the ASCII digits that begin at `start`. */
function endOfDigits(text: string, start: number): number {
  let position = start;
  while (isDigit(text.charCodeAt(position))) position++;
  return position;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= ZERO + 9;
}

/** Writes a version as it was read. */
export function printVersion(version: Version): string {
  const suffixes = version.suffixes.map((suffix) => `_${suffix.kind}${suffix.number}`).join('');
  const revision = version.revision === '' ? '' : `-r${version.revision}`;
  return version.numbers.join('.') + version.letter + suffixes + revision;
}

/** The same version without its revision. */
export function withoutRevision(version: Version): Version {
  return { ...version, revision: '' };
}

/**
 * Compares two versions by Algorithms 3.1 to 3.7 of PMS 3.3.
 *
 * @returns negative, zero or positive if `left` is older than, equal to or newer than `right`. Versions with different
 *   texts can be equal: `1`, `1-r0` and `01`.
 */
export function compareVersions(left: Version, right: Version): Order {
  return (
    compareNumbers(left.numbers, right.numbers) ||
    compareText(left.letter, right.letter) ||
    compareSuffixes(left.suffixes, right.suffixes) ||
    compareIntegers(left.revision, right.revision)
  );
}

/**
 * Whether `version` begins with all the components of `prefix`: the meaning of the asterisk in `=cat/pkg-1.2*` (PMS 8.3.1).
 * Components are compared by the rules of PMS 3.3, so `1.2*` matches 1.2, 1.2.5, 1.2b and 1.2_rc1, but not 1.20.
 */
export function startsWithVersion(version: Version, prefix: Version): boolean {
  const more = prefix.letter !== '' || prefix.suffixes.length > 0 || prefix.revision !== '';
  if (version.numbers.length < prefix.numbers.length) return false;
  if (more && version.numbers.length !== prefix.numbers.length) return false;
  if (compareNumbers(version.numbers.slice(0, prefix.numbers.length), prefix.numbers) !== 0) return false;
  if (!more) return true;
  if (version.letter !== prefix.letter) return false;
  if (prefix.suffixes.length === 0 && prefix.revision === '') return true;
  if (version.suffixes.length < prefix.suffixes.length) return false;
  for (const [index, wanted] of prefix.suffixes.entries()) {
    const has = version.suffixes[index];
    if (has === undefined || has.kind !== wanted.kind) return false;
    const last = index === prefix.suffixes.length - 1 && prefix.revision === '';
    if (last && wanted.number === '') continue;
    if (compareIntegers(has.number, wanted.number) !== 0) return false;
  }
  if (prefix.revision === '') return true;
  return (
    version.suffixes.length === prefix.suffixes.length &&
    compareIntegers(version.revision, prefix.revision) === 0
  );
}

/** Algorithms 3.2 and 3.3. */
function compareNumbers(left: readonly string[], right: readonly string[]): Order {
  const first = compareIntegers(left[0] ?? '', right[0] ?? '');
  if (first !== 0) return first;
  const shared = Math.min(left.length, right.length);
  for (let index = 1; index < shared; index++) {
    const order = compareComponents(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return sign(left.length - right.length);
}

/** Algorithm 3.3: if one of the components has a leading zero, they are compared like decimal fractions, else as integers. */
function compareComponents(left: string, right: string): Order {
  if (left === right) return 0;
  if (left.charCodeAt(0) === ZERO || right.charCodeAt(0) === ZERO) {
    return compareText(withoutTrailingZeros(left), withoutTrailingZeros(right));
  }
  return compareIntegers(left, right);
}

/** Algorithms 3.5 and 3.6: `_p` is newer than no suffix, and the other suffixes are older. */
function compareSuffixes(left: readonly VersionSuffix[], right: readonly VersionSuffix[]): Order {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const leftSuffix = left[index];
    const rightSuffix = right[index];
    if (leftSuffix === undefined) return rightSuffix?.kind === 'p' ? -1 : 1;
    if (rightSuffix === undefined) return leftSuffix.kind === 'p' ? 1 : -1;
    const order =
      sign(SUFFIX_ORDER[leftSuffix.kind] - SUFFIX_ORDER[rightSuffix.kind]) ||
      compareIntegers(leftSuffix.number, rightSuffix.number);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares digits as integers, and no digits as zero. Dates and hashes can be too long for a number of JavaScript. */
function compareIntegers(left: string, right: string): Order {
  if (left === right) return 0;
  const leftDigits = withoutLeadingZeros(left);
  const rightDigits = withoutLeadingZeros(right);
  return sign(leftDigits.length - rightDigits.length) || compareText(leftDigits, rightDigits);
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (digits.charCodeAt(start) === ZERO) start++;
  return start === 0 ? digits : digits.slice(start);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === ZERO) end--;
  return digits.slice(0, end);
}

function compareText(left: string, right: string): Order {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sign(difference: number): Order {
  if (difference === 0) return 0;
  return difference < 0 ? -1 : 1;
}

/** A live ebuild builds the newest state of upstream; by convention its version is 9999, or ends in it: `1.9999`, `1.2_pre9999`. */
export function isLive({ numbers, suffixes }: Version): boolean {
  return [numbers.at(-1), suffixes.at(-1)?.number].some((number) => /^9{4,}$/.test(number ?? ''));
}
