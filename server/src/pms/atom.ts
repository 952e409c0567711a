import { type EapiFeatures, featuresOf, type SpecificationRules } from './eapi.ts';
import {
  CATEGORY,
  explainWrongCharacter,
  findWrongCharacter,
  isName,
  type NameRule,
  PACKAGE_NAME,
  REPOSITORY,
  SLOT,
} from './names.ts';
import { lengthOfCharacter, type Problem, type Report, type TextRange } from './text-range.ts';
import { printUseDependency, readUseDependencies, type UseDependency } from './use-dependency.ts';
import { parseVersion, printVersion, type Version } from './version.ts';

export type AtomOperator = '<' | '<=' | '=' | '~' | '>=' | '>';

/** A package dependency specification (PMS 8.3). */
export interface Atom {
  /** `!` weak, `!!` strong (PMS 8.3.2), empty for a dependency. */
  readonly blocker: '' | '!' | '!!';
  /** Present exactly when `version` is. */
  readonly operator: AtomOperator | '';
  readonly category: string;
  readonly name: string;
  /** The version with its revision. */
  readonly version: Version | undefined;
  /** Whether an asterisk follows the version, as in `=cat/pkg-1.2*`. */
  readonly glob: boolean;
  readonly slot: string | undefined;
  readonly subslot: string | undefined;
  /** `:=` and `:slot=` ask for a rebuild when the slot changes, `:*` matches any slot (PMS 8.3.3). */
  readonly slotOperator: '' | '=' | '*';
  readonly use: readonly UseDependency[];
  /** The name after `::`. Ebuilds must not write it, but package managers print it. */
  readonly repository: string | undefined;
}

export interface ParsedAtom {
  /** Undefined if the text has no valid category and name. */
  readonly atom: Atom | undefined;
  readonly errors: readonly Problem[];
}

const ASTERISK = 42;
const COLON = 58;
const EXCLAMATION_MARK = 33;
const LETTER_R = 114;
const OPENING_BRACKET = 91;

/**
 * Reads one package dependency specification (PMS 8.3).
 *
 * @param text the atom without white space around it
 * @param baseOffset added to the ranges of the errors
 * @returns one error for each wrong part, and the atom without these parts
 */
export function parseAtom(text: string, baseOffset = 0, rules: SpecificationRules = {}): ParsedAtom {
  const errors: Problem[] = [];
  const report: Report = (start, end, message) => {
    errors.push({ start: baseOffset + start, end: baseOffset + end, message });
  };
  const features = featuresOf(rules.eapi);
  const blocker = readBlocker(text, features, report);
  const operatorStart = blocker.end;
  const operator = operatorAt(text, operatorStart);
  const bodyStart = operatorStart + operator.length;
  const bodyEnd = endOfBody(text, bodyStart);

  const slash = text.indexOf('/', bodyStart);
  if (slash < 0 || slash >= bodyEnd) {
    const body = text.slice(bodyStart, bodyEnd);
    const example = `dev-libs/${isName(PACKAGE_NAME, body) ? body : 'name'}`;
    report(
      0,
      text.length,
      body === ''
        ? `\`${text}\` has a space after it: write it directly before category/name.`
        : `\`${text}\` is not a package: write category/name, for example ${example}.`,
    );
    return { atom: undefined, errors };
  }
  if (!checkName(CATEGORY, text, bodyStart, slash, report)) return { atom: undefined, errors };

  const nameStart = slash + 1;
  const starred = text.charCodeAt(bodyEnd - 1) === ASTERISK;
  const split = splitVersion(text, nameStart, starred ? bodyEnd - 1 : bodyEnd, operator !== '', report);
  if (!checkName(PACKAGE_NAME, text, nameStart, split.nameEnd, report)) return { atom: undefined, errors };
  const before = findVersion(text, nameStart, split.nameEnd);
  if (before !== undefined) {
    // PMS 3.1.2: otherwise the end of the name would be ambiguous.
    const written = text.slice(nameStart, split.nameEnd);
    const message = `\`${written}\` is not a package name, because it ends like a version: keep one version.`;
    report(before.hyphen, split.nameEnd, message);
    return { atom: undefined, errors };
  }

  const category = text.slice(bodyStart, slash);
  const name = text.slice(nameStart, split.nameEnd);
  const body: Body = { start: bodyStart, end: bodyEnd, operator, starred, category, name };
  const version = checkVersion(text, body, split, report);
  const tail = readTail(text, bodyEnd, { features, rules }, report);
  return {
    atom: {
      blocker: blocker.blocker,
      operator: version === undefined ? '' : operator,
      category,
      name,
      version,
      glob: starred && operator === '=' && version !== undefined,
      slot: tail.slot,
      subslot: tail.subslot,
      slotOperator: tail.slotOperator,
      use: tail.use,
      repository: tail.repository,
    },
    errors,
  };
}

/** The part of an atom that names the package and its version, without the operator. */
interface Body extends TextRange {
  readonly operator: Atom['operator'];
  /** Whether the body ends in an asterisk. */
  readonly starred: boolean;
  readonly category: string;
  readonly name: string;
}

/** Reports what does not go together in operator, version and asterisk; gives the version that is left. */
function checkVersion(text: string, body: Body, split: Split, report: Report): Version | undefined {
  const { start, end, operator, starred, category, name } = body;
  const { version } = split;
  if (version !== undefined && operator === '') {
    report(
      split.nameEnd,
      end,
      `\`${text.slice(split.nameEnd, end)}\` is a version without an operator: put one of >= = ~ <= < > before ${category}, or remove the version.`,
    );
    return undefined;
  }
  if (version === undefined && operator !== '' && !split.faulty) {
    const fix = `write ${operator}${category}/${name}-1.0 or remove \`${operator}\``;
    report(start - operator.length, start, `\`${operator}\` needs a version: ${fix}.`);
  } else if (starred && operator !== '=') {
    const fix = `write =${category}/${name}-1* or remove the asterisk`;
    report(end - 1, end, `\`*\` goes only with \`=\` and a version: ${fix}.`);
  }
  if (operator !== '~' || version === undefined || version.revision === '') return version;
  const revision = `-r${version.revision}`;
  const versionEnd = starred ? end - 1 : end;
  report(
    versionEnd - revision.length,
    versionEnd,
    `\`~\` takes every revision: remove \`${revision}\`, or write \`=\` for this revision only.`,
  );
  return { ...version, revision: '' };
}

function readBlocker(
  text: string,
  features: EapiFeatures,
  report: Report,
): { blocker: Atom['blocker']; end: number } {
  let end = 0;
  while (text.charCodeAt(end) === EXCLAMATION_MARK) end++;
  if (end > 2) report(2, end, 'A blocker has one or two exclamation marks: write `!` or `!!`.');
  else if (end === 2 && !features.strongBlockers)
    report(0, 2, 'This EAPI has no strong blockers: write `!`, or use EAPI 2 or later.');
  return { blocker: end === 0 ? '' : end === 1 ? '!' : '!!', end };
}

function operatorAt(text: string, position: number): Atom['operator'] {
  const first = text[position];
  if (first === '<') return text[position + 1] === '=' ? '<=' : '<';
  if (first === '>') return text[position + 1] === '=' ? '>=' : '>';
  return first === '=' || first === '~' ? first : '';
}

function endOfBody(text: string, start: number): number {
  for (let position = start; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === COLON || code === OPENING_BRACKET) return position;
  }
  return text.length;
}

/** Whether a part of the text is a name; reports why not. */
function checkName(rule: NameRule, text: string, start: number, end: number, report: Report): boolean {
  const wrong = findWrongCharacter(rule, text, start, end);
  if (start < end && wrong === end) return true;
  if (start === end) {
    const place = rule === CATEGORY ? 'before' : 'after';
    report(start, end, `\`${text}\` lacks a ${rule.noun}: write one ${place} the slash.`);
  } else if ('<>=~!'.includes(text.charAt(wrong))) {
    const fix = 'begin with !, !! or none, then one of >= = ~ <= < > or none, then the category';
    report(wrong, wrong + 1, `\`${text.charAt(wrong)}\` is in the wrong place: ${fix}.`);
  } else {
    report(wrong, wrong + lengthOfCharacter(text, wrong), explainWrongCharacter(rule, text, start, wrong));
  }
  return false;
}

interface FoundVersion {
  /** The offset of the hyphen before the version. */
  readonly hyphen: number;
  readonly version: Version;
}

/** Finds the version at the end of `name-version`. A revision is the only part of a version with a hyphen. */
function findVersion(text: string, start: number, end: number): FoundVersion | undefined {
  let hyphen = text.lastIndexOf('-', end - 1);
  if (hyphen > start && text.charCodeAt(hyphen + 1) === LETTER_R) hyphen = text.lastIndexOf('-', hyphen - 1);
  if (hyphen <= start) return undefined;
  const version = parseVersion(text.slice(hyphen + 1, end));
  return version === undefined ? undefined : { hyphen, version };
}

interface Split {
  readonly nameEnd: number;
  readonly version: Version | undefined;
  /** Whether the text has an invalid version, which was reported. */
  readonly faulty: boolean;
}

/**
 * Splits name and version. Reports and corrects frequent mistakes in a version.
 *
 * @param wanted whether an operator requires a version
 */
function splitVersion(text: string, start: number, end: number, wanted: boolean, report: Report): Split {
  const found = findVersion(text, start, end);
  if (found !== undefined) return { nameEnd: found.hyphen, version: found.version, faulty: false };
  const meant = wanted || findWrongCharacter(PACKAGE_NAME, text, start, end) < end;
  if (!meant) return { nameEnd: end, version: undefined, faulty: false };
  if (text[end] === '*' && '._-'.includes(text.charAt(end - 1))) {
    const shorter = findVersion(text, start, end - 1);
    if (shorter !== undefined) {
      const separator = text.charAt(end - 1);
      const fix = `remove it, because \`*\` stands for whole components`;
      report(end - 1, end, `\`${separator}\` cannot stand before \`*\`: ${fix}.`);
      return { nameEnd: shorter.hyphen, version: shorter.version, faulty: false };
    }
  }
  for (let hyphen = start + 1; hyphen < end; hyphen++) {
    if (text[hyphen] !== '-' || !isDigit(text, hyphen + 1)) continue;
    const written = text.slice(hyphen + 1, end);
    const fix = 'write one such as 1.2.3, 1.2b, 1.2_beta3, 1.2_p20240101 or 1.2-r1';
    report(hyphen + 1, end, `\`${written}\` is not a version: ${fix}.`);
    return { nameEnd: hyphen, version: undefined, faulty: true };
  }
  return { nameEnd: end, version: undefined, faulty: false };
}

function isDigit(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code >= 48 && code <= 57;
}

type Slot = Pick<Atom, 'slot' | 'subslot' | 'slotOperator'>;
type Tail = Slot & Pick<Atom, 'use' | 'repository'>;

const NO_SLOT: Slot = { slot: undefined, subslot: undefined, slotOperator: '' };
const NO_TAIL: Tail = { ...NO_SLOT, use: [], repository: undefined };

/** The syntax that is allowed here. */
interface Dialect {
  readonly features: EapiFeatures;
  readonly rules: SpecificationRules;
}

/** Reads the part after the name and version: `:slot/subslot=`, `::repository`, `[use]`. */
function readTail(text: string, start: number, dialect: Dialect, report: Report): Tail {
  const { features, rules } = dialect;
  if (start === text.length) return NO_TAIL;
  let position = start;
  let slot = NO_SLOT;
  let repository: string | undefined;
  let use = NO_TAIL.use;
  if (text.charCodeAt(position) === COLON && text.charCodeAt(position + 1) !== COLON) {
    const end = endOfSlot(text, position + 1);
    slot = readSlot(text, { start: position, end }, dialect, report);
    position = end;
  }
  if (text.startsWith('::', position)) {
    const bracket = text.indexOf('[', position);
    const end = bracket < 0 ? text.length : bracket;
    const value = text.slice(position + 2, end);
    if (rules.ebuild === true) {
      report(position, end, `An ebuild cannot ask for a repository: remove \`::${value}\`.`);
    } else if (isName(REPOSITORY, value)) {
      repository = value;
    } else {
      const fix = `use ${REPOSITORY.allowed}, or remove \`::\``;
      report(position, end, `\`${value}\` is not a repository name: ${fix}.`);
    }
    position = end;
  }
  if (text.charCodeAt(position) === OPENING_BRACKET) {
    const close = text.indexOf(']', position);
    const end = close < 0 ? text.length : close;
    if (close < 0) report(position, position + 1, 'This `[` is not closed: add `]` after the USE flags.');
    if (!features.useDependencies)
      report(position, end, 'This EAPI has no USE dependencies: remove it, or use EAPI 2 or later.');
    use = readUseDependencies(text, position + 1, end, features, report);
    position = close < 0 ? end : end + 1;
  }
  if (text.charCodeAt(position) === COLON && slot === NO_SLOT && repository === undefined) {
    const end = endOfSlot(text, position + 1);
    report(
      position,
      end,
      `The slot stands before the USE flags: move \`${text.slice(position, end)}\` before \`[\`.`,
    );
    slot = readSlot(text, { start: position, end }, dialect, () => undefined);
    position = end;
  }
  if (position < text.length) {
    const rest = text.slice(position);
    report(
      position,
      text.length,
      `\`${rest}\` does not belong to the package: remove it or put a space before it.`,
    );
  }
  return { slot: slot.slot, subslot: slot.subslot, slotOperator: slot.slotOperator, use, repository };
}

function endOfSlot(text: string, start: number): number {
  for (let position = start; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === OPENING_BRACKET) return position;
    if (code === COLON && text.charCodeAt(position + 1) === COLON) return position;
  }
  return text.length;
}

/** Reads `:slot/subslot=`, `:=` and `:*` (PMS 8.3.3); the range begins with the colon. */
function readSlot(
  text: string,
  { start, end }: TextRange,
  { features, rules }: Dialect,
  report: Report,
): Slot {
  let value = text.slice(start + 1, end);
  if (value === '') {
    report(start, end, 'The slot is missing after `:`: write :0, :=, :* or remove the colon.');
    return NO_SLOT;
  }
  const slotOperator = value === '*' ? '*' : value.endsWith('=') ? '=' : '';
  value = value.slice(0, value.length - slotOperator.length);
  const slash = value.indexOf('/');
  const slot = slash < 0 ? value : value.slice(0, slash);
  const subslot = slash < 0 ? undefined : value.slice(slash + 1);
  if (!features.slotDependencies)
    report(start, end, 'This EAPI has no slot dependencies: remove it, or use EAPI 1 or later.');
  else if (!features.slotOperators && (slotOperator !== '' || subslot !== undefined))
    report(
      start,
      end,
      'This EAPI has no sub-slots and slot operators: write the slot, or use EAPI 5 or later.',
    );
  if (value === '') return { slot: undefined, subslot: undefined, slotOperator };
  if (!isName(SLOT, slot) || (subslot !== undefined && !isName(SLOT, subslot))) {
    const forms = ':slot, :slot/subslot, :slot=, := or :*';
    report(start + 1, end, `\`${value}\` is not a slot: write ${forms} with ${SLOT.allowed}.`);
    return { slot: undefined, subslot: undefined, slotOperator };
  }
  if (rules.ebuild === true && slotOperator === '=' && subslot !== undefined) {
    const fix = `write :${slot}= or :${slot}/${subslot}`;
    report(start, end, `Only package managers write a sub-slot together with \`=\`: ${fix}.`);
    return { slot, subslot: undefined, slotOperator };
  }
  return { slot, subslot, slotOperator };
}

/** Writes an atom in the form of PMS 8.3. A valid atom is printed exactly as it was read. */
export function printAtom(atom: Atom): string {
  const version = atom.version === undefined ? '' : `-${printVersion(atom.version)}${atom.glob ? '*' : ''}`;
  const subslot = atom.subslot === undefined ? '' : `/${atom.subslot}`;
  const slot = `${atom.slot ?? ''}${subslot}${atom.slotOperator}`;
  const repository = atom.repository === undefined ? '' : `::${atom.repository}`;
  const use = atom.use.length === 0 ? '' : `[${atom.use.map(printUseDependency).join(',')}]`;
  return [
    atom.blocker,
    atom.operator,
    `${atom.category}/${atom.name}`,
    version,
    slot === '' ? '' : `:${slot}`,
    repository,
    use,
  ].join('');
}
