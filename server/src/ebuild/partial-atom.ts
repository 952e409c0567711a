import { type Atom, parseAtom } from '../pms/atom.ts';
import { endOfExpansion } from '../pms/shell-text.ts';

/** The parts that may be unknown in an atom whose category and name are written out. */
export type AtomPart = 'version' | 'slot' | 'use';

export interface PartialAtom {
  /** The atom without the unknown parts. */
  readonly atom: Atom;
  readonly unknown: readonly AtomPart[];
}

/** The placeholder of an expansion: a character that no text has (private use area of Unicode). */
const HOLE = '\ue000';
const VERSIONED = /^(!{0,2})(?:[<>]=?|[=~])([^/]+\/.+?)-(?=[\d\ue000])[^/]*$/;

/**
 * Reads an atom with parts that bash still has to expand, such as `>=dev-python/foo-${PV}[${PYTHON_USEDEP}]`.
 *
 * @returns undefined if category and name are not written out, or if the text is not an atom
 */
export function readPartialAtom(text: string): PartialAtom | undefined {
  const word = withHoles(text);
  if (!word.includes(HOLE) || !word.includes('/')) return undefined;
  const unknown: AtomPart[] = [];
  const [, packageAndVersion = '', slot = '', use = ''] = /^([^:[]*)(:[^[]*)?(\[.*)?$/s.exec(word) ?? [];
  let known = packageAndVersion;
  if (known.includes(HOLE)) {
    const match = VERSIONED.exec(known);
    if (match === null) return undefined;
    known = `${match[1]}${match[2]}`;
    unknown.push('version');
  }
  if (slot.includes(HOLE)) unknown.push('slot');
  else known += slot;
  if (use.includes(HOLE)) {
    unknown.push('use');
    const flags = use
      .slice(1, use.lastIndexOf(']'))
      .split(',')
      .filter((flag) => flag !== '' && !flag.includes(HOLE));
    if (!use.endsWith(']')) return undefined;
    if (flags.length > 0) known += `[${flags.join(',')}]`;
  } else known += use;
  const { atom, errors } = parseAtom(known);
  return atom === undefined || errors.length > 0 || known.includes(HOLE) ? undefined : { atom, unknown };
}

function withHoles(text: string): string {
  let result = '';
  for (let position = 0; position < text.length; ) {
    const character = text[position] ?? '';
    const end = character === '$' || character === '`' ? endOfExpansion(text, position) : position;
    result += end === position ? character : HOLE;
    position = Math.max(end ?? text.length, position + 1);
  }
  return result;
}
