/** Versions as PMS 3.2 writes them and PMS 3.3 orders them. */

export type SuffixKind = 'alpha' | 'beta' | 'pre' | 'rc' | 'p';

export interface VersionSuffix {
  readonly kind: SuffixKind;
  /** Digits as written, empty when there are none. */
  readonly number: string;
}

/** A version taken apart; every piece is kept as it was written, so that printing gives the same text again. */
export interface Version {
  /** The dotted numbers as written, at least one. */
  readonly numbers: readonly [string, ...string[]];
  /** One lower-case letter, or empty. */
  readonly letter: string;
  readonly suffixes: readonly VersionSuffix[];
  /** Digits after `-r` as written, empty when there is no revision. */
  readonly revision: string;
}

const VERSION = /^(\d+(?:\.\d+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/;
const SUFFIX = /_(alpha|beta|pre|rc|p)(\d*)/g;
const SUFFIX_ORDER: Readonly<Record<SuffixKind, number>> = { alpha: 0, beta: 1, pre: 2, rc: 3, p: 4 };

/**
 * Takes a version with its revision apart (PMS 3.2), e.g. `1.2b_rc3-r1`.
 *
 * @returns undefined when the text is not a version
 */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (match === null) return undefined;
  const [first = '', ...others] = (match[1] ?? '').split('.');
  const suffixes: VersionSuffix[] = [];
  for (const suffix of (match[3] ?? '').matchAll(SUFFIX)) {
    suffixes.push({ kind: suffix[1] as SuffixKind, number: suffix[2] ?? '' });
  }
  return { numbers: [first, ...others], letter: match[2] ?? '', suffixes, revision: match[4] ?? '' };
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
 * Orders two versions by Algorithms 3.1 to 3.7 of PMS 3.3.
 *
 * @returns negative, zero or positive as `left` is older than, equal to or newer than `right`. Versions that differ in
 *   writing can be equal: `1`, `1-r0` and `01`.
 */
export function compareVersions(left: Version, right: Version): -1 | 0 | 1 {
  return (
    compareNumbers(left.numbers, right.numbers) ||
    compareText(left.letter, right.letter) ||
    compareSuffixes(left.suffixes, right.suffixes) ||
    compareIntegers(left.revision, right.revision)
  );
}

/**
 * Whether `version` begins with all the components of `prefix`: the meaning of the asterisk in `=cat/pkg-1.2*` (PMS 8.3.1).
 * Components are compared by the rules of PMS 3.3, so `1.2*` takes 1.2, 1.2.5, 1.2b and 1.2_rc1, and not 1.20.
 */
export function startsWithVersion(version: Version, prefix: Version): boolean {
  const more = prefix.letter !== '' || prefix.suffixes.length > 0 || prefix.revision !== '';
  if (version.numbers.length < prefix.numbers.length) return false;
  if (more && version.numbers.length !== prefix.numbers.length) return false;
  const [first, ...others] = version.numbers;
  if (compareNumbers([first, ...others.slice(0, prefix.numbers.length - 1)], prefix.numbers) !== 0)
    return false;
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
function compareNumbers(left: Version['numbers'], right: Version['numbers']): -1 | 0 | 1 {
  const first = compareIntegers(left[0], right[0]);
  if (first !== 0) return first;
  const shared = Math.min(left.length, right.length);
  for (let index = 1; index < shared; index++) {
    const order = compareComponents(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return sign(left.length - right.length);
}

/** Algorithm 3.3: with a leading zero on either side components compare like decimal fractions, else as integers. */
function compareComponents(left: string, right: string): -1 | 0 | 1 {
  if (left.startsWith('0') || right.startsWith('0')) {
    return compareText(withoutTrailingZeros(left), withoutTrailingZeros(right));
  }
  return compareIntegers(left, right);
}

/** Algorithms 3.5 and 3.6: `_p` is newer than nothing, and the other suffixes are older. */
function compareSuffixes(left: readonly VersionSuffix[], right: readonly VersionSuffix[]): -1 | 0 | 1 {
  const length = Math.max(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const one = left[index];
    const other = right[index];
    if (one === undefined) return other?.kind === 'p' ? -1 : 1;
    if (other === undefined) return one.kind === 'p' ? 1 : -1;
    const order =
      sign(SUFFIX_ORDER[one.kind] - SUFFIX_ORDER[other.kind]) || compareIntegers(one.number, other.number);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares digits of any length as integers, and no digits as zero; dates and hashes pass what a double can hold. */
function compareIntegers(left: string, right: string): -1 | 0 | 1 {
  const one = left.replace(/^0+/, '');
  const other = right.replace(/^0+/, '');
  return sign(one.length - other.length) || compareText(one, other);
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return digits.slice(0, end);
}

function compareText(left: string, right: string): -1 | 0 | 1 {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function sign(difference: number): -1 | 0 | 1 {
  if (difference === 0) return 0;
  return difference < 0 ? -1 : 1;
}
