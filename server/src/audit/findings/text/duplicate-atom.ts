import { removeAtom } from '../../../ebuild/edit/edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import type { Finding } from '../../finding.ts';
import type { PlacedAtom, Subject } from '../../subject.ts';

/**
 * `duplicate-atom`: one variable names exactly the same atom twice under the same USE conditionals. Atoms in groups are left
 * alone, because a group that lacks one of its alternatives is another group.
 */
export function findDuplicateAtoms(subject: Subject): Finding[] {
  const seen = new Map<string, PlacedAtom>();
  const comparable = subject.atoms.filter(({ exact, groups }) => exact && groups.length === 0);
  return withRepeatedName(comparable).flatMap((placed) => {
    const conditions = placed.conditions.map(({ flag, negated }) => `${negated ? '!' : ''}${flag}?`);
    const key = [placed.variable, ...conditions.sort(), printAtom(placed.atom)].join(' ');
    const first = seen.get(key);
    if (first === undefined) seen.set(key, placed);
    // What one variable takes over twice is written once.
    if (first === undefined || first.range.start === placed.range.start) return [];
    const isHere = placed.viaVariable === undefined;
    const [extra, other] = isHere || first.viaVariable !== undefined ? [placed, first] : [first, placed];
    const together = standTogether(subject, extra, other);
    const removable = extra.viaVariable === undefined || extra.viaVariable === other.viaVariable;
    const edits = removable ? removeAtom(subject.facts, extra.range) : [];
    const atom = printAtom(placed.atom);
    // A variable may be kept whole on purpose, as a copy of another package's list; but not with an atom in it twice.
    const isPlain = together || (extra.viaVariable === undefined && other.viaVariable === undefined);
    const doubt = isPlain ? {} : { guess: true as const };
    return [
      {
        code: 'duplicate-atom',
        severity: isPlain ? 'warning' : 'information',
        message: `${atom} stands in ${placed.variable} twice, also in ${describePlace(subject, other, together)}: remove one of the two.`,
        range: extra.range,
        evidence: [],
        ...(edits.length > 0 ? { fix: { title: `Remove the second ${atom}`, edits, ...doubt } } : {}),
      },
    ];
  });
}

/** The atoms whose package one variable names more than once: printing all atoms of a long list takes long. */
function withRepeatedName(atoms: readonly PlacedAtom[]): readonly PlacedAtom[] {
  const counts = new Map<PlacedAtom['variable'], Map<string, number>>();
  for (const { variable, atom } of atoms) {
    const names = counts.get(variable) ?? new Map<string, number>();
    counts.set(variable, names.set(atom.name, (names.get(atom.name) ?? 0) + 1));
  }
  return atoms.filter(({ variable, atom }) => (counts.get(variable)?.get(atom.name) ?? 0) > 1);
}

/** Whether both are written in one and the same value. */
function standTogether({ facts }: Subject, one: PlacedAtom, other: PlacedAtom): boolean {
  const start = Math.min(one.range.start, other.range.start);
  const end = Math.max(one.range.end, other.range.end);
  return facts.assignments.some(
    ({ valueRange, context }) => context !== 'function' && valueRange.start <= start && valueRange.end >= end,
  );
}

function describePlace({ facts }: Subject, { range, viaVariable }: PlacedAtom, together: boolean): string {
  const line = facts.text.slice(0, range.start).split('\n').length;
  const brought = viaVariable === undefined || together ? '' : `, which ${viaVariable} brings`;
  return `line ${line}${brought}`;
}
