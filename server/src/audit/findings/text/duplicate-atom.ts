import { removeAtom } from '../../../ebuild/edit/edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PlacedAtom, TextSubject } from '../../subject.ts';

/** Limit in findings: each takes a time that grows with the text, and nobody reads more. */
const MOST_FOUND = 100;

/**
 * `duplicate-atom`: one variable names exactly the same atom twice under the same USE conditionals. Atoms in groups are left
 * alone, because a group that lacks one of its alternatives is another group.
 */
export function findDuplicateAtoms(subject: TextSubject): Finding[] {
  const seen = new Map<string, PlacedAtom>();
  const comparable = subject.atoms.filter(({ exact, groups }) => exact && groups.length === 0);
  let found = 0;
  return withRepeatedName(comparable).flatMap((placed) => {
    const conditions = placed.conditions.map(({ flag, negated }) => `${negated ? '!' : ''}${flag}?`);
    const key = [placed.variable, ...conditions.sort(), printAtom(placed.atom)].join(' ');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, placed);
    // An atom of a helper variable that is expanded twice is written once.
    if (first === undefined || first.range.start === placed.range.start) return [];
    found += 1;
    if (found > MOST_FOUND) return [];
    const isHere = placed.viaVariable === undefined;
    const [extra, other] = isHere || first.viaVariable !== undefined ? [placed, first] : [first, placed];
    const together = areInOneValue(subject, extra, other);
    const removable = extra.viaVariable === undefined || extra.viaVariable === other.viaVariable;
    const edits = removable ? removeAtom(subject.facts, extra.range) : [];
    const atom = printAtom(placed.atom);
    // A variable may be a copy of another package's list and is then kept whole. The same atom twice in one value is
    // always a mistake.
    const isPlain = together || (extra.viaVariable === undefined && other.viaVariable === undefined);
    return [
      {
        code: 'duplicate-atom',
        severity: isPlain ? 'warning' : 'information',
        message: toSentence(
          `remove one ${atom}`,
          `${placed.variable} names it twice, also in ${describePlace(subject, other, together)}`,
        ),
        range: extra.range,
        evidence: [],
        fix: asFix(`Remove the second ${atom}`, edits, isPlain),
        about: [nameOf(placed.atom)],
      },
    ];
  });
}

/**
 * The atoms whose package one variable names more than once. Names are compared first, because printing all atoms of
 * a long list is slow.
 */
function withRepeatedName(atoms: readonly PlacedAtom[]): readonly PlacedAtom[] {
  const counts = new Map<PlacedAtom['variable'], Map<string, number>>();
  for (const { variable, atom } of atoms) {
    const names = counts.get(variable) ?? new Map<string, number>();
    counts.set(variable, names.set(atom.name, (names.get(atom.name) ?? 0) + 1));
  }
  return atoms.filter(({ variable, atom }) => (counts.get(variable)?.get(atom.name) ?? 0) > 1);
}

/** Whether both are written in the same value. */
function areInOneValue({ facts }: TextSubject, left: PlacedAtom, right: PlacedAtom): boolean {
  const start = Math.min(left.range.start, right.range.start);
  const end = Math.max(left.range.end, right.range.end);
  return facts.assignments.some(
    ({ valueRange, context }) => context !== 'function' && valueRange.start <= start && valueRange.end >= end,
  );
}

function describePlace(
  { facts }: TextSubject,
  { range, viaVariable }: PlacedAtom,
  together: boolean,
): string {
  const line = facts.text.slice(0, range.start).split('\n').length;
  const brought = viaVariable === undefined || together ? '' : `, through ${viaVariable}`;
  return `line ${line}${brought}`;
}
