import { declaredWithAtoms } from '../../../ebuild/declared.ts';
import type { Assignment } from '../../../ebuild/ebuild-facts.ts';
import { replaceReference } from '../../../ebuild/edit/edit.ts';
import { underConditions } from '../../../ebuild/edit/list-edit.ts';
import { packageVariables } from '../../../ebuild/package-variables.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { effectiveAssignments } from '../../../ebuild/variable-value.ts';
import { BUILD_VARIABLES, variableInEapi } from '../../../pms/dependency-variable.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { evidenceOf, isInherited, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { isOnlyBuiltAgainst, usesEverywhere } from './misplaced-library.ts';

/**
 * `misplaced` for a whole list: BDEPEND refers to the list of DEPEND or RDEPEND, as in `BDEPEND="${DEPEND}"`, and a package of it is
 * only built against (PMS 8.1).
 */
export function findMisplacedLists(subject: TrialSubject): Finding[] {
  const { facts } = subject;
  if (variableInEapi('BDEPEND', facts.eapi) !== 'BDEPEND') return [];
  return effectiveAssignments(facts, 'BDEPEND', Number.POSITIVE_INFINITY).flatMap((assignment) =>
    assignment.parts.flatMap((part) =>
      part.kind === 'variable' ? (judgeReference(subject, assignment, part.name, part) ?? []) : [],
    ),
  );
}

function judgeReference(
  subject: TrialSubject,
  assignment: Assignment,
  name: string,
  { start, end }: TextRange,
): Finding | undefined {
  const range = { start, end };
  const listed = subject.atoms.filter(
    ({ variable, viaVariable }) => variable === 'BDEPEND' && viaVariable === name,
  );
  const isHeldBy = (variable: string, place: PlacedAtom): boolean =>
    subject.atoms.some((other) => other.variable === variable && other.range.start === place.range.start);
  const libraries = listed.flatMap((place) => {
    const uses = usesOfLibrary(subject, place);
    return uses !== undefined && isHeldBy('DEPEND', place) ? [{ place, uses }] : [];
  });
  const [library] = libraries;
  const [use] = library?.uses ?? [];
  if (library === undefined || use === undefined) return undefined;
  const kept = listed.filter((place) => !libraries.some((found) => found.place === place));
  const edits = replaceList(subject, assignment, range, kept);
  return {
    code: 'misplaced',
    severity: 'warning',
    message: toSentence(
      'name only packages in BDEPEND whose programs the build runs',
      `BDEPEND takes the list \${${name}} over from DEPEND, and the build only builds against ${nameOf(use)}`,
    ),
    range,
    evidence: evidenceOf([use]),
    fix: asFix(`Leave only packages that may be run in BDEPEND`, edits),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES.misplacedLibrary, trials: [] },
  };
}

/** The uses of an atom that is proven to be only built against. */
function usesOfLibrary(subject: TrialSubject, place: PlacedAtom): readonly PackageUse[] | undefined {
  if (place.atom.blocker !== '' || !place.exact || isAlternative(place)) return undefined;
  const uses = usesEverywhere(subject, place);
  const [first] = uses ?? [];
  if (uses === undefined || first === undefined || !isOnlyBuiltAgainst(uses)) return undefined;
  return isInherited(subject, first, BUILD_VARIABLES) ? undefined : uses;
}

/** Replaces the reference by the atoms that stay; no edit if not all of them can be written again. */
function replaceList(
  { facts, record }: TrialSubject,
  assignment: Assignment,
  range: TextRange,
  kept: readonly PlacedAtom[],
): readonly TextEdit[] {
  const predefined = packageVariables(record.category, record.packageAndVersion);
  const { unresolved } = declaredWithAtoms(facts, 'BDEPEND', predefined).declared;
  const isInside = ({ start }: TextRange): boolean =>
    start >= assignment.valueRange.start && start < assignment.valueRange.end;
  if (assignment.context !== 'global' || unresolved.some((word) => !isInside(word))) return [];
  if (kept.some((place) => isAlternative(place) || place.generator !== undefined)) return [];
  const entries = kept.map((place) =>
    underConditions(facts.text.slice(place.range.start, place.range.end), place.conditions),
  );
  return replaceReference(facts, range, entries);
}
