import { moveAtom } from '../../../ebuild/edit/edit.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import { BUILD_VARIABLES, isBuildVariable, variableInEapi } from '../../../pms/dependency-variable.ts';
import { atomsFor, evidenceOf, isInherited, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';
import {
  BUILT_AGAINST,
  isOnlyBuiltAgainst,
  libraryText,
  moveToLibraries,
  RUN,
  standsAlone,
  usesEverywhere,
} from './misplaced-library.ts';

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
  if (!standsAlone(subject, place)) return undefined;
  const uses = usesEverywhere(subject, place);
  const first = uses?.[0];
  if (uses === undefined || first === undefined) return undefined;
  const kinds = new Set(uses.flatMap((use) => use.kinds.map(({ kind }) => kind)));
  const isBuiltAgainst = [...kinds].some((kind) => BUILT_AGAINST.has(kind));
  const [to, deciding] =
    variable === 'DEPEND'
      ? (['BDEPEND', uses.some((use) => runsOrLoads(use, place)) && !isBuiltAgainst] as const)
      : (['DEPEND', isOnlyBuiltAgainst(uses)] as const);
  if (!deciding || isHeldTogether(subject, place, first, to) || isInherited(subject, first, BUILD_VARIABLES))
    return undefined;
  const edits = moveEdits(subject, place, to);
  const text = printAtom(atom);
  const wanted = variable === 'DEPEND' ? RUN : BUILT_AGAINST;
  const evidence = uses.flatMap((use) =>
    evidenceOf([{ ...use, kinds: use.kinds.filter(({ kind }) => wanted.has(kind)) }]),
  );
  const how =
    variable === 'BDEPEND'
      ? 'only builds against'
      : kinds.has('program')
        ? 'only runs programs of'
        : uses.every(({ kinds: seen }) => seen.every(isMacro))
          ? 'only uses macros of'
          : 'only loads modules of';
  return {
    code: 'misplaced',
    severity: 'warning',
    message: toSentence(`move ${text} from ${variable} to ${to}`, `the build ${how} ${nameOf(first)}`),
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

/** Whether the other variable has the package in a state in which this atom is active, or may have it. */
function isHeldTogether(
  subject: TrialSubject,
  place: PlacedAtom,
  use: PackageUse,
  variable: 'DEPEND' | 'BDEPEND',
): boolean {
  const active = subject.states.filter((state) => isActive(place, state) !== false);
  return atomsFor(subject, use, [variable]).some((other) =>
    active.some((state) => isActive(other, state) !== false),
  );
}

/**
 * The macros of a library say nothing about where it belongs: it may be built against in a configuration that was not
 * tried. Those of pkg-config only run its program.
 */
function runsOrLoads({ kinds }: PackageUse, { atom }: PlacedAtom): boolean {
  const isPkgConfig = atom.category === 'virtual' && atom.name === 'pkgconfig';
  return kinds.some(
    (use) => use.kind === 'program' || (use.kind === 'build-module' && (isPkgConfig || !isMacro(use))),
  );
}

function isMacro({ kind, evidence }: PackageUse['kinds'][number]): boolean {
  return kind === 'build-module' && evidence.every(({ path }) => path.startsWith('/usr/share/aclocal'));
}

/** The move, for a library also to RDEPEND if a file that is installed needs it there. */
function moveEdits(subject: TrialSubject, place: PlacedAtom, to: 'DEPEND' | 'BDEPEND'): readonly TextEdit[] {
  if (to === 'BDEPEND') return moveAtom(subject.facts, place.range, to);
  const needs = subject.states.flatMap((state) => state.needs);
  for (const need of needs) {
    const move = moveToLibraries(subject, need);
    if (move?.place === place) return move.edits;
  }
  return moveAtom(subject.facts, place.range, to, libraryText(subject, place));
}
