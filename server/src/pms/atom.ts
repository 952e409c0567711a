import type { Problem } from './text-range.ts';
import { parseVersion, printVersion, type Version } from './version.ts';

export type AtomOperator = '<' | '<=' | '=' | '~' | '>=' | '>';

/**
 * One entry of a USE dependency (PMS 8.3.4): `[flag]` enabled, `[-flag]` disabled, `[flag=]` equal, `[!flag=]` opposite,
 * `[flag?]` if-enabled, `[!flag?]` if-disabled. The last four depend on the flag of the package that has the dependency.
 */
export interface UseDependency {
  readonly flag: string;
  readonly form: 'enabled' | 'disabled' | 'equal' | 'opposite' | 'if-enabled' | 'if-disabled';
  /** What a package without this flag counts as: `(+)` enabled, `(-)` disabled, or empty where it must have the flag. */
  readonly missing: '' | '+' | '-';
}

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
  /** `:=` or `:slot=` rebuilds, `:*` takes any slot (PMS 8.3.3). */
  readonly slotOperator: '' | '=' | '*';
  readonly use: readonly UseDependency[];
  /** After `::`. Not allowed in ebuilds, but package managers print it. */
  readonly repository: string | undefined;
}

export interface ParsedAtom {
  /** Undefined where not even a category and a name could be read. */
  readonly atom: Atom | undefined;
  readonly errors: readonly Problem[];
}

const CATEGORY = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9+_-]*$/;
const SLOT = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;
const REPOSITORY = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;
const USE_FLAG = /^[A-Za-z0-9][A-Za-z0-9+_@-]*$/;
const USE_DEPENDENCY = /^([!-]?)([^()=?!]*)(?:\(([^()]*)\))?([=?]?)$/;
const NAME_AND_VERSION = /^(.+?)-(\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)$/;

/** Whether the text is a USE flag's name (PMS 3.1.4). */
export function isUseFlag(text: string): boolean {
  return USE_FLAG.test(text);
}

/**
 * Reads one package dependency specification (PMS 8.3).
 *
 * @param text the atom without white space around it
 * @param baseOffset added to the ranges of the errors
 * @returns an atom even where a part of it is wrong, without that part, and one error for each wrong part
 */
export function parseAtom(text: string, baseOffset = 0): ParsedAtom {
  const errors: Problem[] = [];
  const report = (start: number, end: number, message: string): void => {
    errors.push({ start: baseOffset + start, end: baseOffset + Math.max(end, start), message });
  };

  let position = 0;
  const blocker = text.startsWith('!!') ? '!!' : text.startsWith('!') ? '!' : '';
  position += blocker.length;
  let operator = (/^(?:<=|>=|[<>=~])/.exec(text.slice(position))?.[0] ?? '') as Atom['operator'];
  const operatorStart = position;
  position += operator.length;

  const bodyLength = text.slice(position).search(/[:[]/);
  const bodyEnd = bodyLength < 0 ? text.length : position + bodyLength;
  const body = text.slice(position, bodyEnd);
  const slash = body.indexOf('/');
  if (slash < 0) {
    report(
      0,
      text.length,
      `\`${text}\` is not a package: write category/name, for example dev-libs/${guessName(body)}.`,
    );
    return { atom: undefined, errors };
  }
  const category = body.slice(0, slash);
  if (!CATEGORY.test(category)) {
    report(
      position,
      position + slash,
      `\`${category}\` is not a category: use letters, digits and + _ . - and begin with a letter, a digit or _.`,
    );
    return { atom: undefined, errors };
  }

  const nameStart = position + slash + 1;
  let glob = body.endsWith('*');
  const nameAndVersion = body.slice(slash + 1, glob ? -1 : undefined);
  const split = NAME_AND_VERSION.exec(nameAndVersion);
  const name = split?.[1] ?? nameAndVersion;
  let version = split === null ? undefined : parseVersion(split[2] ?? '');
  const versionStart = nameStart + (split === null ? nameAndVersion.length : name.length + 1);
  if (!NAME.test(name)) {
    report(
      nameStart,
      nameStart + name.length,
      name === ''
        ? `\`${text}\` lacks a package name: write it after ${category}/.`
        : `\`${name}\` is not a package name: use letters, digits and + _ - and begin with a letter, a digit or _.`,
    );
    return { atom: undefined, errors };
  }

  if (NAME_AND_VERSION.test(name)) {
    // PMS 3.1.2: otherwise nobody could tell where the name ends.
    report(
      nameStart,
      nameStart + name.length,
      `\`${name}\` is not a package name, because it ends like a version: keep one version.`,
    );
    return { atom: undefined, errors };
  }

  if (operator !== '' && version === undefined) {
    report(
      operatorStart,
      bodyEnd,
      `\`${operator}\` needs a version: write ${operator}${category}/${name}-1.0 or remove \`${operator}\`.`,
    );
    operator = '';
    glob = false;
  } else if (operator === '' && version !== undefined) {
    report(
      position,
      bodyEnd,
      `\`${body}\` has a version but no operator: put one of >= = ~ <= < > in front of it, or remove \`-${split?.[2] ?? ''}\`.`,
    );
    version = undefined;
    glob = false;
  }
  if (glob && operator !== '=') {
    report(
      bodyEnd - 1,
      bodyEnd,
      `\`*\` goes only with \`=\` and a version: write =${category}/${name}-1* or remove the asterisk.`,
    );
    glob = false;
  }
  if (operator === '~' && version !== undefined && version.revision !== '') {
    report(
      versionStart,
      bodyEnd,
      `\`~\` takes every revision: remove \`-r${version.revision}\`, or write \`=\` for this revision only.`,
    );
    version = { ...version, revision: '' };
  }

  const tail = readTail(text, bodyEnd, report);
  return { atom: { blocker, operator, category, name, version, glob, ...tail }, errors };
}

type Tail = Pick<Atom, 'slot' | 'subslot' | 'slotOperator' | 'use' | 'repository'>;
type Report = (start: number, end: number, message: string) => void;

/** Reads what follows the name and version: `:slot/subslot=`, `::repository`, `[use]`. */
function readTail(text: string, start: number, report: Report): Tail {
  let position = start;
  let slot: string | undefined;
  let subslot: string | undefined;
  let slotOperator: Atom['slotOperator'] = '';
  let repository: string | undefined;
  let use: readonly UseDependency[] = [];

  if (text[position] === ':' && text[position + 1] !== ':') {
    const length = text.slice(position + 1).search(/::|\[/);
    const end = length < 0 ? text.length : position + 1 + length;
    let value = text.slice(position + 1, end);
    if (value === '*' || value.endsWith('=')) {
      slotOperator = value === '*' ? '*' : '=';
      value = value.slice(0, -1);
    } else if (value === '') {
      report(position, end, 'The slot is missing after `:`: write :0, :=, :* or remove the colon.');
    }
    if (value !== '') {
      const [first = '', second, ...rest] = value.split('/');
      if (SLOT.test(first) && rest.length === 0 && (second === undefined || SLOT.test(second))) {
        slot = first;
        subslot = second;
      } else {
        report(
          position + 1,
          end,
          `\`${value}\` is not a slot: write :slot, :slot/subslot, :slot=, := or :* with letters, digits and + _ . -.`,
        );
      }
    }
    position = end;
  }
  if (text.startsWith('::', position)) {
    const bracket = text.indexOf('[', position);
    const end = bracket < 0 ? text.length : bracket;
    const value = text.slice(position + 2, end);
    if (REPOSITORY.test(value)) repository = value;
    else
      report(
        position,
        end,
        `\`${value}\` is not a repository name: use letters, digits, _ and -, or remove \`::\`.`,
      );
    position = end;
  }
  if (text[position] === '[') {
    const close = text.indexOf(']', position);
    const end = close < 0 ? text.length : close;
    if (close < 0) report(position, end, 'The USE dependency is not closed: add `]`.');
    use = readUseDependencies(text.slice(position + 1, end), position + 1, report);
    position = close < 0 ? end : end + 1;
  }
  if (position < text.length) {
    report(
      position,
      text.length,
      `\`${text.slice(position)}\` does not belong to the package: remove it or put a space before it.`,
    );
  }
  return { slot, subslot, slotOperator, use, repository };
}

function readUseDependencies(text: string, start: number, report: Report): UseDependency[] {
  const result: UseDependency[] = [];
  let position = start;
  for (const piece of text.split(',')) {
    const written = piece.trim();
    const match = USE_DEPENDENCY.exec(written);
    const [prefix, flag, missing, suffix] = [
      match?.[1] ?? '',
      match?.[2] ?? '',
      match?.[3],
      match?.[4] ?? '',
    ];
    const end = position + piece.length;
    if (written === '') {
      report(position, end, 'A USE flag is missing here: write one or remove the comma or brackets.');
    } else if (match === null || !USE_FLAG.test(flag)) {
      report(
        position,
        end,
        `\`${written}\` is not a USE dependency: write flag, -flag, flag?, !flag?, flag= or !flag=.`,
      );
    } else if (missing !== undefined && missing !== '+' && missing !== '-') {
      report(position, end, `\`(${missing})\` is not a default: write (+) or (-) after the flag.`);
    } else if (prefix === '!' && suffix === '') {
      report(position, end, `\`${written}\` lacks its ending: write -${flag}, !${flag}? or !${flag}=.`);
    } else if (prefix === '-' && suffix !== '') {
      report(position, end, `\`${written}\` mixes two forms: write -${flag}, !${flag}? or !${flag}=.`);
    } else {
      result.push({ flag, form: useForm(prefix, suffix), missing: missing ?? '' });
    }
    position = end + 1;
  }
  return result;
}

function useForm(prefix: string, suffix: string): UseDependency['form'] {
  if (suffix === '=') return prefix === '!' ? 'opposite' : 'equal';
  if (suffix === '?') return prefix === '!' ? 'if-disabled' : 'if-enabled';
  return prefix === '-' ? 'disabled' : 'enabled';
}

/** Writes an atom in the one form that PMS 8.3 gives it; a faultless atom prints as it was read. */
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

function printUseDependency(use: UseDependency): string {
  const missing = use.missing === '' ? '' : `(${use.missing})`;
  const prefix =
    use.form === 'disabled' ? '-' : use.form === 'opposite' || use.form === 'if-disabled' ? '!' : '';
  const suffix =
    use.form === 'equal' || use.form === 'opposite'
      ? '='
      : use.form === 'if-enabled' || use.form === 'if-disabled'
        ? '?'
        : '';
  return `${prefix}${use.flag}${missing}${suffix}`;
}

function guessName(body: string): string {
  return NAME.test(body) ? body : 'name';
}
