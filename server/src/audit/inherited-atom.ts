import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { removeAtom } from '../ebuild/edit/edit.ts';
import { type Atom, printAtom } from '../pms/atom.ts';
import type { DependencyVariable } from '../pms/dependency-variable.ts';
import { nameOf } from '../pms/package-name.ts';
import { printUseDependency } from '../pms/use-dependency.ts';
import { compareVersions } from '../pms/version.ts';
import { asFix, type Finding } from './finding.ts';
import type { PlacedAtom } from './subject.ts';

/** An atom that an eclass adds to a dependency variable for every USE state. */
export interface Bringer {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  /** The name of the eclass, if it is known. */
  readonly eclass?: string;
}

/**
 * `inherited-atom`: an eclass adds an atom to the same variable that asks for the same or more. A word of a helper variable, or of a variable
 * that another one refers to, is reported only if the eclass adds it to all of them.
 *
 * @param atoms all atoms of the text
 */
export function reportInheritedAtoms(
  facts: EbuildFacts,
  atoms: readonly PlacedAtom[],
  bringers: readonly Bringer[],
): Finding[] {
  if (bringers.length === 0) return [];
  const byPlace = new Map<number, PlacedAtom[]>();
  for (const placed of atoms) {
    const same = byPlace.get(placed.range.start) ?? [];
    byPlace.set(placed.range.start, [...same, placed]);
  }
  return [...byPlace.values()].flatMap((placed) => {
    const [first] = placed;
    const found = placed.map((written) => bringers.find((brought) => isSuperfluous(written, brought)));
    const [bringer] = found;
    if (first === undefined || bringer === undefined || found.includes(undefined)) return [];
    const atom = printAtom(first.atom);
    const variables = [...new Set(placed.map(({ variable }) => variable))].join(' and ');
    const who = bringer.eclass === undefined ? 'An eclass' : `${bringer.eclass}.eclass`;
    return [
      {
        code: 'inherited-atom',
        severity: 'hint',
        message: `${who} adds ${printAtom(bringer.atom)} to ${variables} already: remove ${atom}.`,
        range: first.range,
        evidence: [],
        fix: asFix(`Remove ${atom}, which an eclass adds`, removeAtom(facts, first.range), false),
        about: [nameOf(first.atom)],
      },
    ];
  });
}

/**
 * Tools that an ebuild often needs for itself beside an eclass that needs them as well. What is used directly is declared, because the eclass
 * may stop needing it.
 */
const NEEDED_BESIDE = /^(?:virtual\/pkgconfig|dev-util\/pkg(?:conf|config)|dev-vcs\/git|app-arch\/.*)$/;

/** Whether an atom of the text asks for nothing that the other one does not ask for. An atom under a condition or in a group is left alone. */
function isSuperfluous({ variable, atom, exact, conditions, groups }: PlacedAtom, brought: Bringer): boolean {
  if (!exact || conditions.length > 0 || groups.length > 0 || atom.blocker !== '') return false;
  const other = brought.atom;
  if (NEEDED_BESIDE.test(nameOf(atom))) return false;
  if (variable !== brought.variable || nameOf(atom) !== nameOf(other)) return false;
  const flags = new Set(other.use.map(printUseDependency));
  return (
    (atom.slot ?? other.slot) === other.slot &&
    (atom.subslot ?? other.subslot) === other.subslot &&
    (atom.slotOperator === '' || (atom.slotOperator === other.slotOperator && atom.slot === other.slot)) &&
    atom.use.every((entry) => flags.has(printUseDependency(entry))) &&
    accepts(atom, other)
  );
}

/** Whether the bound of the first accepts every version that the bound of the second accepts. */
function accepts(atom: Atom, other: Atom): boolean {
  if (atom.version === undefined) return true;
  if (other.version === undefined) return false;
  const order = compareVersions(atom.version, other.version);
  if (atom.operator === '>=' && other.operator === '>=') return order <= 0;
  return order === 0 && atom.operator === other.operator && atom.glob === other.glob;
}
