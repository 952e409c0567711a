import { splitValue } from '../ebuild/value.ts';
import type { Atom } from '../pms/atom.ts';
import { parseDependency } from '../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../pms/dependency-variable.ts';
import { endOfWord } from './eclass-word.ts';

/** An atom that an eclass gives to every ebuild that inherits it. */
export interface BroughtAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  /** The name of the only packages that do not get it, as in `if [[ ${PN} != cmake ]]`. */
  readonly exceptFor?: string;
}

const ASSIGNMENT = new RegExp(
  `^([ \\t]*)(.*?)(?<![\\w$\\{!#-])(${DEPENDENCY_VARIABLES.join('|')})(\\+?=)(?!=)`,
);
/** The guard around the whole of an eclass, such as `if [[ -z ${_MESON_ECLASS} ]]; then`. */
const GUARD = /^if (?:!|\[\[).*\b_[A-Z0-9_]+\b/;
const OTHER_PACKAGE = /^if \[\[ (?:\$\{PN\}|\$PN) != ["']?([\w+-]+)["']? \]\];? *(?:then)?$/;

/**
 * Reads the atoms that the text of an eclass surely adds to dependency variables. Only assignments outside every branch and function count,
 * and those that other packages than one get. What a later branch may discard does not count. Total.
 */
export function readBroughtAtoms(text: string): readonly BroughtAtom[] {
  const brought: BroughtAtom[] = [];
  const blocks: string[] = [];
  let position = 0;
  let skipTo = 0;
  for (const line of text.split('\n')) {
    const start = position;
    position += line.length + 1;
    if (start < skipTo || /^\s*(?:#|$)/.test(line)) continue;
    const [whole, indent = '', before = '', name, operator] = ASSIGNMENT.exec(line) ?? [];
    if (whole === undefined) {
      if (/^\S/.test(line)) followBlocks(line, blocks);
      continue;
    }
    const variable = name as DependencyVariable;
    const end = endOfWord(text, start + whole.length);
    skipTo = end;
    const place = before === '' ? placeOf(indent, blocks) : undefined;
    if (operator === '=') remove(brought, variable);
    if (place !== undefined)
      brought.push(...readAtoms(text, { start: start + whole.length, end }, variable, place));
  }
  return brought;
}

/** Where an assignment stands; undefined if not every ebuild, or every other package, reaches it. */
function placeOf(indent: string, blocks: readonly string[]): Pick<BroughtAtom, 'exceptFor'> | undefined {
  const inner = blocks.filter((head) => !GUARD.test(head));
  if (indent === '') return inner.length === 0 ? {} : undefined;
  const [exceptFor] = inner.flatMap((head) => OTHER_PACKAGE.exec(head)?.[1] ?? []);
  return inner.length === 1 && exceptFor !== undefined && /^\t?$|^ +$/.test(indent)
    ? { exceptFor }
    : undefined;
}

/** Follows the blocks whose first word begins a line, as in Gentoo's eclasses. @param blocks the first lines of those that are open */
function followBlocks(line: string, blocks: string[]): void {
  if (/^(?:fi|esac|done|\}|\))(?![\w-])/.test(line)) blocks.pop();
  else if (/^(?:else|elif)\b/.test(line)) blocks.splice(-1, 1, line);
  else if (/^(?:if|case|for|while|until)\b|\{$/.test(line) && !/(?:;|\s)(?:fi|esac|done|\})\s*$/.test(line))
    blocks.push(line.trimEnd());
}

function readAtoms(
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
  variable: DependencyVariable,
  place: Pick<BroughtAtom, 'exceptFor'>,
): BroughtAtom[] {
  const { quote, closed, valueRange } = splitValue(text, start, end);
  if (!closed || quote === 'array' || quote === 'mixed') return [];
  const { nodes } = parseDependency(text.slice(valueRange.start, valueRange.end));
  return nodes.flatMap((node) =>
    node.kind === 'atom' && node.atom.blocker === '' ? [{ variable, atom: node.atom, ...place }] : [],
  );
}

function remove(brought: BroughtAtom[], variable: DependencyVariable): void {
  for (let index = brought.length - 1; index >= 0; index--)
    if (brought[index]?.variable === variable) brought.splice(index, 1);
}
