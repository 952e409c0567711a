import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { removeAtom, removeChoice } from '../../../ebuild/edit/edit.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import { BUILD_VARIABLES, isBuildVariable } from '../../../pms/dependency-variable.ts';
import { nameOf } from '../../../pms/package-name.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { Removal } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import { needlessBuilds, removalIn, type TrialSubject } from '../../trial-subject.ts';
import { undeclaredNeeds } from './undeclared-need.ts';

/**
 * `unused`: in every USE state in which the atom is active, the build without its package installed the same image.
 * An atom that RDEPEND holds as well, through `DEPEND="${RDEPEND}"` or a helper variable, is not reported: a build
 * does not show what is needed at run time.
 */
export function findUnused(subject: TrialSubject): Finding[] {
  const findings = new Map<number, Finding>();
  const wrongFlags = BUILD_VARIABLES.flatMap((variable) =>
    undeclaredNeeds(subject, variable).flatMap((found) => found.place?.range.start ?? []),
  );
  for (const place of subject.atoms) {
    const removals = needlessBuilds(subject, place);
    if (removals === undefined || isHeldElsewhere(subject, place)) continue;
    // `missing-use-conditional` reports an atom under the wrong flag.
    if (wrongFlags.includes(place.range.start)) continue;
    const { range, edits, whole } = partToRemove(subject.facts, place);
    if (findings.has(range.start)) continue;
    // One unused choice does not prove that the others are unused.
    if (whole && !choicesIn(subject, range).every((choice) => isNeedless(subject, choice))) continue;
    findings.set(range.start, explain(subject, place, removals, range, edits));
  }
  return [...findings.values()];
}

/** Whether no state needs the atom. A choice that is not installed was never visible, so it counts as unused. */
function isNeedless(subject: TrialSubject, place: PlacedAtom): boolean {
  return subject.states.every((state) => (removalIn(state, place)?.outcome ?? 'same') === 'same');
}

function isHeldElsewhere({ atoms }: TrialSubject, { variable, range }: PlacedAtom): boolean {
  return atoms.some(
    (placed) =>
      placed.range.start === range.start && placed.variable !== variable && !isBuildVariable(placed.variable),
  );
}

function choicesIn({ atoms }: TrialSubject, { start, end }: TextRange): PlacedAtom[] {
  return atoms.filter(({ range }) => range.start >= start && range.end <= end);
}

/** The part to remove: the atom, or the whole group of choices that contains it. */
function partToRemove(
  facts: EbuildFacts,
  place: PlacedAtom,
): { readonly range: TextRange; readonly edits: readonly TextEdit[]; readonly whole: boolean } {
  if (!isAlternative(place))
    return { range: place.range, edits: removeAtom(facts, place.range), whole: false };
  const choice = removeChoice(facts, place.range) ?? { range: place.range, edits: [] };
  return { ...choice, whole: true };
}

/** What runs the default src_test of PMS 9.1.9, which does nothing if there is no target for tests. */
const WITHOUT_TESTS =
  /^(?:src_test|default|default_src_test|nonfatal|emake|g?make|(?:ba|da)?sh|env|.*\.sh(?: test)?)$/;

/** Whether src_test is known to run tests: the ebuild defines it or has USE=test, or something else than make ran in it. */
function hasTests({ facts, states }: TrialSubject): boolean {
  if (facts.functions.some(({ name }) => name === 'src_test')) return true;
  if (states.some(({ iuse }) => iuse.includes('test'))) return true;
  const evidence = states.flatMap(({ uses }) =>
    uses.flatMap(({ kinds }) => kinds.flatMap((seen) => seen.evidence)),
  );
  return evidence.some(
    ({ phase, chain }) => phase === 'test' && chain.some((link) => !WITHOUT_TESTS.test(link)),
  );
}

function explain(
  subject: TrialSubject,
  { atom, variable }: PlacedAtom,
  removals: readonly Removal[],
  range: TextRange,
  edits: readonly TextEdit[],
): Finding {
  const isGroup = subject.facts.text[range.start] === '|';
  const what = isGroup ? 'this group' : printAtom(atom);
  const tested =
    removals.every((removal) => removal.tested) && hasTests(subject) ? ' and passes src_test' : '';
  return {
    code: 'unused',
    severity: 'hint',
    about: [nameOf(atom)],
    message: toSentence(
      `remove ${what} from ${variable} if nothing else needs it`,
      `the build without it installs the same image${tested}`,
    ),
    range,
    evidence: [],
    fix: asFix(`Remove ${what} from ${variable}`, edits, false),
    why: {
      rule: RULES.unused,
      trials: [`The build without ${what} installs the same image${tested}.`],
    },
  };
}
