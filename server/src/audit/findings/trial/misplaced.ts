import { moveAtom } from '../../../ebuild/edit/edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  isBuildVariable,
  variableInEapi,
} from '../../../pms/dependency-variable.ts';
import { USE_KINDS, type UseKind, variableFor } from '../../../trace/use-kind.ts';
import {
  atomsFor,
  evidenceOf,
  isInherited,
  nameOf,
  namesFor,
  ownerOf,
  usesOf,
} from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';

/** A package that the image links was built against, too. */
const BUILT_AGAINST: ReadonlySet<UseKind> = new Set([...kindsFor('DEPEND'), 'linked']);
const RUN: ReadonlySet<UseKind> = new Set(kindsFor('BDEPEND'));

function kindsFor(variable: DependencyVariable): UseKind[] {
  return USE_KINDS.filter((kind) => variableFor(kind) === variable);
}

/**
 * `misplaced`: DEPEND has an atom whose package is only run, or BDEPEND has one whose package is only built against
 * (PMS 8.1). It is reported only if the EAPI has BDEPEND and no other variable holds the atom.
 */
export function findMisplaced(subject: TrialSubject): Finding[] {
  if (variableInEapi('BDEPEND', subject.facts.eapi) !== 'BDEPEND') return [];
  return subject.atoms.flatMap((place) => judgePlace(subject, place) ?? []);
}

function judgePlace(subject: TrialSubject, place: PlacedAtom): Finding | undefined {
  const { variable, atom, range } = place;
  if (!isBuildVariable(variable)) return undefined;
  if (atom.blocker !== '' || !place.exact || isAlternative(place) || place.viaVariable !== undefined)
    return undefined;
  if (subject.atoms.some((placed) => placed.variable !== variable && placed.range.start === range.start))
    return undefined;
  const uses = usesEverywhere(subject, place);
  const first = uses?.[0];
  if (uses === undefined || first === undefined) return undefined;
  const kinds = new Set(uses.flatMap((use) => use.kinds.map(({ kind }) => kind)));
  const isBuiltAgainst = [...kinds].some((kind) => BUILT_AGAINST.has(kind));
  const isRun = [...kinds].some((kind) => RUN.has(kind));
  const [to, deciding] =
    variable === 'DEPEND'
      ? (['BDEPEND', kinds.has('program') && !isBuiltAgainst] as const)
      : (['DEPEND', isBuiltAgainst && !isRun] as const);
  if (!deciding || atomsFor(subject, first, [to]).length > 0 || isInherited(subject, first, BUILD_VARIABLES))
    return undefined;
  const edits = moveAtom(subject.facts, range, to);
  const text = printAtom(atom);
  const wanted = variable === 'DEPEND' ? RUN : BUILT_AGAINST;
  const evidence = uses.flatMap((use) =>
    evidenceOf([{ ...use, kinds: use.kinds.filter(({ kind }) => wanted.has(kind)) }]),
  );
  const how = variable === 'DEPEND' ? 'only runs programs of' : 'only builds against';
  return {
    code: 'misplaced',
    severity: 'warning',
    message: `The build ${how} ${nameOf(first)}, so ${text} belongs in ${to}: move it from ${variable}.`,
    range,
    evidence,
    fix: asFix(`Move ${text} to ${to}`, edits),
    about: namesFor(first),
    why: {
      owner: ownerOf(first),
      rule: variable === 'DEPEND' ? RULES.misplacedProgram : RULES.misplacedLibrary,
      trials: [],
    },
  };
}

/**
 * The uses of the atom's packages in the states in which it is active; undefined if one of these states did not pass.
 */
function usesEverywhere({ states }: TrialSubject, place: PlacedAtom): PackageUse[] | undefined {
  const active = states.filter((state) => isActive(place, state) !== false);
  if (active.some((state) => state.outcome !== 'passed')) return undefined;
  return active.flatMap((state) => usesOf(state, place.atom));
}
