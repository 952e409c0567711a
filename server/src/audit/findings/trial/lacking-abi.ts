import { LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import { keyOf, nameOf, ownAtomsFor } from '../../declared-packages.ts';
import type { Finding } from '../../finding.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import type { PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';
import { explainUnasked } from './use-dependency-finding.ts';

/** The eclasses that build an ebuild once for each ABI: multilib-build.eclass and those that inherit it. */
const ECLASS = /^(?:multilib-(?:build|minimal)|(?:autotools|cmake|meson)-multilib)$/;
const WORDS = '${MULTILIB_USEDEP}';

/** How an ebuild tells the ABI of the system from the others. Then it may need a library for that one only. */
const NATIVE_ONLY = /\bmultilib_(?:is_native_abi|native_)/;

/** A library that is installed for 32 bits or for x32 beside the one for 64 bits (LIBDIR_x86 and LIBDIR_x32 of the profiles). */
const OTHER_ABI = /^(?:\/usr)?\/(?:lib|lib32|libx32)\/[^/]+\.so(?:\.|$)/;
const LIBRARY = /^(?:\/usr)?\/lib[^/]*\/(?:[^/]+-linux-[^/]+\/)?[^/]+\.so(?:\.|$)/;

/**
 * Finds atoms without `[${MULTILIB_USEDEP}]` in an ebuild that is built for each ABI. It is proven if a library for another ABI than the
 * system's links the package. A build for one ABI only shows that an installed library links it, and that other atoms ask for all ABIs.
 */
export function findLackingAbis(subject: TrialSubject): Finding[] {
  const { facts } = subject;
  if (!facts.inherits.some(({ name, context }) => context === 'global' && ECLASS.test(name))) return [];
  const found = new Map<string, { readonly finding: Finding; readonly isProven: boolean }>();
  for (const state of subject.states) {
    for (const use of state.uses) {
      const places = lackingPlaces(subject, state, use);
      const [first, ...others] = places;
      if (first === undefined) continue;
      const linked = use.kinds.flatMap(({ kind, evidence }) => (kind === 'linked' ? evidence : []));
      const proof = isForSeveral(state) ? linked.find(({ program }) => OTHER_ABI.test(program)) : undefined;
      const sign = isHabit(subject) ? linked.find(({ program }) => LIBRARY.test(program)) : undefined;
      const evidence = proof ?? sign;
      const key = keyOf(use);
      if (evidence === undefined || found.get(key)?.isProven || (found.has(key) && proof === undefined))
        continue;
      const finding = explain(subject, use, [first, ...others], evidence, proof !== undefined);
      found.set(key, { finding, isProven: proof !== undefined });
    }
  }
  return [...found.values()].map(({ finding }) => finding);
}

/** The atoms of a package with flags for ABIs that ask for none of them. */
function lackingPlaces(subject: TrialSubject, state: TrialRecord, use: PackageUse): PlacedAtom[] {
  const flags = use.package.use;
  if (use.licence !== 'declared' || !flags.some((flag) => flag.startsWith('abi_'))) return [];
  return ownAtomsFor(subject, use, LIBRARY_VARIABLES).filter(
    (place) =>
      place.generator === undefined &&
      !place.unknown.includes('use') &&
      !place.atom.use.some(({ flag }) => flag.startsWith('abi_')) &&
      isActive(place, state) !== false,
  );
}

const isForSeveral = ({ use }: TrialRecord): boolean =>
  use.filter((flag) => flag.startsWith('abi_x86_')).length > 1;

/** Whether other libraries are asked for in each ABI, and nothing is done for one of them only. */
function isHabit({ atoms, facts: { text } }: TrialSubject): boolean {
  return (
    !NATIVE_ONLY.test(text) &&
    atoms.some(
      ({ variable, range }) =>
        (LIBRARY_VARIABLES as readonly string[]).includes(variable) &&
        text.slice(range.start, range.end).includes(WORDS),
    )
  );
}

function explain(
  { facts }: TrialSubject,
  use: PackageUse,
  places: readonly [PlacedAtom, ...PlacedAtom[]],
  evidence: Evidence,
  isProven: boolean,
): Finding {
  const links = `${evidence.program} links ${evidence.path} of ${nameOf(use)}`;
  return explainUnasked(facts, {
    use,
    asked: WORDS,
    places,
    severity: isProven ? 'warning' : 'information',
    evidence: [evidence],
    ...(isProven ? {} : { unless: ', unless only the ABI of the system needs it' }),
    reason: `${links}, and ${isProven ? 'the atom does not ask for it in that ABI' : 'other atoms ask for their packages in each ABI'}`,
  });
}
