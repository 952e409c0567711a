import type { EclassSource, Knowledge } from '../audit/knowledge.ts';
import { readPartialAtom } from '../ebuild/partial-atom.ts';
import { wordAround } from '../language/place.ts';
import { EXPORT_FUNCTIONS } from '../language/words/commands.ts';
import { type Atom, parseAtom } from '../pms/atom.ts';
import { matchesVersion } from '../pms/match.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';
import type { TextRange } from '../pms/text-range.ts';
import { compareVersions, parseVersion } from '../pms/version.ts';
import { findAssignment, findDocumented, findFunction } from './eclass-names.ts';
import { fileOf, findFilesWords } from './files-word.ts';
import { createKnownValues, wordExpander } from './known-text.ts';
import { type NameUses, usesAt } from './name-uses.ts';
import type { PlacedEbuild } from './read-ebuild.ts';
import { positionIn } from './text-position.ts';

/** A place in another file, in lines and UTF-16 code units from 0. */
export interface FilePlace {
  /** Absolute path. */
  readonly file: string;
  readonly line: number;
  readonly character: number;
}

/** The place where something is defined: a range of the ebuild itself, or a place in another file. */
export type Definition = TextRange | FilePlace;

/**
 * Finds what the word at an offset means: the file of an eclass or of FILESDIR, the newest ebuild that satisfies an atom, the places that
 * set a variable, the function that is called or exported. Places of eclasses come after those of the ebuild.
 */
export function definitionsAt(placed: PlacedEbuild, offset: number): readonly Definition[] {
  const { ebuild, knowledge } = placed;
  const inherit = [...ebuild.facts.inherits, ...ebuild.facts.unknownInherits].find(
    ({ start, end }) => start <= offset && offset <= end,
  );
  if (inherit !== undefined && knowledge !== undefined) {
    const [source] = knowledge.eclassSources([inherit.name]);
    if (source?.name === inherit.name) return [beginningOf(source.file)];
  }
  const file = fileAt(placed, offset) ?? atomAt(placed, offset);
  if (file !== undefined) return [beginningOf(file)];
  const exported = exportedAt(placed, offset);
  if (exported !== undefined) return [exported];
  const found = usesAt(ebuild, offset);
  return found === undefined ? [] : definitionsOf(placed, found);
}

/** The function of an eclass that stands for the phase after EXPORT_FUNCTIONS at an offset (PMS 10.4). */
function exportedAt({ ebuild: { facts }, eclass }: PlacedEbuild, offset: number): TextRange | undefined {
  const command = facts.commands.find(
    ({ name, start, end }) => name === EXPORT_FUNCTIONS.name && start <= offset && offset <= end,
  );
  if (command === undefined || eclass === undefined) return undefined;
  const { start, end } = wordAround(facts.text, offset, /\w/);
  const wanted = `${eclass}_${facts.text.slice(start, end)}`;
  return facts.functions.find(({ name }) => name === wanted)?.nameRange;
}

function beginningOf(file: string): FilePlace {
  return { file, line: 0, character: 0 };
}

function definitionsOf({ ebuild, knowledge }: PlacedEbuild, found: NameUses): readonly Definition[] {
  const { kind, name, at, isLocal } = found;
  const own: Definition[] = found.uses
    .filter(({ defines }) => defines)
    .map(({ start, end }) => ({ start, end }));
  const inherited = ebuild.facts.inherits.map((inherit) => inherit.name);
  // A local variable may be one that an eclass reads, such as mycmakeargs. Then the eclass documents it.
  const find = (source: EclassSource): TextRange | undefined => {
    if (!source.text.includes(name)) return undefined;
    if (kind === 'function') return own.length > 0 ? undefined : findFunction(source.text, name);
    const documented = findDocumented(source.text, kind, name);
    return documented ?? (isLocal || own.length > 0 ? undefined : findAssignment(source.text, name));
  };
  for (const source of knowledge?.eclassSources(inherited) ?? []) {
    const range = find(source);
    if (range === undefined) continue;
    const place = { file: source.file, ...positionIn(source.text, range.start) };
    // On the only definition of the ebuild, the documentation is what the author does not know.
    return own.length === 1 && at.defines ? [place] : [...own, place];
  }
  return own;
}

/** The part of a line on both sides of an offset that is searched. */
const REACH = 1000;

/** The file below FILESDIR that the word at an offset names. */
function fileAt(placed: PlacedEbuild, offset: number): string | undefined {
  const { facts } = placed.ebuild;
  const start = Math.max(facts.text.lastIndexOf('\n', offset - 1) + 1, offset - REACH);
  const word = findFilesWords(facts.text, { start, end: offset + REACH }).find(
    (found) => found.start <= offset && offset <= found.end,
  );
  const expand = wordExpander(createKnownValues(facts, placed.predefined), offset);
  return word && fileOf(placed, word, expand);
}

/** The file that stands for the package of the atom at an offset: an ebuild, else its metadata.xml. */
function atomAt({ ebuild, knowledge, predefined }: PlacedEbuild, offset: number): string | undefined {
  const { text } = ebuild.facts;
  const word = atomWordAt(text, offset);
  if (word === undefined || knowledge === undefined) return undefined;
  const written = text.slice(word.start, word.end);
  // The variable at the cursor is meant, and not the atom around it.
  for (const { index, 0: expansion } of written.matchAll(/\$\{[^}]*\}|\$\w+/g))
    if (word.start + index < offset && offset < word.start + index + expansion.length) return undefined;
  const expanded = wordExpander(createKnownValues(ebuild.facts, predefined), offset)(written).text;
  const atom = readPartialAtom(expanded)?.atom ?? parseAtom(expanded).atom;
  if (atom === undefined) return undefined;
  return fileOfAtom(atom, knowledge);
}

/** The file that stands for the package of an atom: the newest ebuild that satisfies it, else metadata.xml or the newest ebuild. */
export function fileOfAtom(atom: Atom, knowledge: Knowledge): string | undefined {
  const { category, name } = atom;
  const newest = [...knowledge.offered(category, name)]
    .filter((offered) => knowledge.ebuildFile(offered) !== undefined)
    .sort(newestFirst);
  const wanted = newest.find(
    ({ version, slot, subslot }) =>
      matchesVersion(atom, version) &&
      (atom.slot === undefined || slot === undefined || atom.slot === slot) &&
      (atom.subslot === undefined || subslot === undefined || atom.subslot === subslot),
  );
  if (wanted !== undefined) return knowledge.ebuildFile(wanted);
  const [other] = newest;
  return knowledge.packageFile(category, name, 'metadata.xml') ?? (other && knowledge.ebuildFile(other));
}

/** The newest version first, and those of a version control system last. */
function newestFirst(left: OfferedPackage, right: OfferedPackage): number {
  const isLive = ({ version }: OfferedPackage) => Number(version.includes('9999'));
  const [leftVersion, rightVersion] = [parseVersion(left.version), parseVersion(right.version)];
  if (isLive(left) !== isLive(right)) return isLive(left) - isLive(right);
  if (leftVersion === undefined || rightVersion === undefined) return 0;
  return compareVersions(rightVersion, leftVersion);
}

/** The word around an offset that may be an atom. */
function atomWordAt(text: string, offset: number): TextRange | undefined {
  const isInside = (position: number) => !/[\s"'`()]/.test(text[position] ?? ' ');
  let start = offset;
  while (start > 0 && offset - start < REACH && isInside(start - 1)) start--;
  let end = offset;
  while (end < text.length && end - offset < REACH && isInside(end)) end++;
  return text.slice(start, end).includes('/') ? { start, end } : undefined;
}
