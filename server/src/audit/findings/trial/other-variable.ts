import { variableRange } from '../../../ebuild/anchor.ts';
import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { addAtomUnder } from '../../../ebuild/edit/edit.ts';
import { setBeforeInherit } from '../../../ebuild/edit/inherit.ts';
import { type BuildVariable, variableInEapi } from '../../../pms/dependency-variable.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import type { UseKind } from '../../../trace/use-kind.ts';
import {
  atomsFor,
  declares,
  isInherited,
  isSameSlot,
  nameOf,
  ownerOf,
  suggestedNames,
} from '../../declared-packages.ts';
import { asFix, type Finding, type Fix } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { referenceFor } from '../../language.ts';
import type { PackageUse } from '../../record.ts';
import { ruleOf } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { printUnder } from '../../use-condition.ts';
import { atomToAdd, conditionOf, isReferredTo } from './undeclared-need.ts';

/**
 * The packages that the build both runs and builds against, and that only the other of DEPEND and BDEPEND names (PMS 8.1: in a cross build
 * each variable is for another machine). A library's own programs are run by many builds that nobody builds across, so that this is a
 * warning for DEPEND and information for BDEPEND.
 */
export function findLackingIn(
  code: 'missing-depend' | 'missing-bdepend',
  variable: BuildVariable,
  subject: TrialSubject,
): Finding[] {
  if (variableInEapi('BDEPEND', subject.facts.eapi) !== 'BDEPEND') return [];
  const found: PackageUse[] = [];
  for (const state of subject.states)
    for (const use of state.uses) {
      if (use.lacksIn !== variable || found.some((known) => isSameSlot(known, use))) continue;
      const other = variable === 'DEPEND' ? 'BDEPEND' : 'DEPEND';
      if (!declares(subject, state, use, [other]) || declares(subject, state, use, [variable])) continue;
      if (isBroughtByEclass(subject, use, other) && adviseExtension(subject.facts, use) === undefined)
        continue;
      if (!isReferredTo(subject, { ...use, variable }) && !isExtension(subject, use)) found.push(use);
    }
  return found.map((use) => explain(code, variable, subject, use));
}

/** Whether only an eclass names the package in the other variable: it knows in which it belongs, as cargo.eclass does for Rust's libraries. */
function isBroughtByEclass(subject: TrialSubject, use: PackageUse, other: BuildVariable): boolean {
  return isInherited(subject, use, [other]) && atomsFor(subject, use, [other]).length === 0;
}

function explain(
  code: 'missing-depend' | 'missing-bdepend',
  variable: BuildVariable,
  subject: TrialSubject,
  use: PackageUse,
): Finding {
  const { facts } = subject;
  const isForLibrary = variable === 'DEPEND';
  const evidence = evidenceOfKind(use, isForLibrary ? ['header', 'library', 'pkg-config'] : ['program']);
  const { alternatives, sure } = conditionOf(subject, { ...use, variable });
  const atom = referenceFor(facts, use, [variable]) ?? atomToAdd(subject, use, [variable]);
  const entry = printUnder(atom, alternatives);
  const path = evidence[0]?.path ?? 'a file of it';
  const extension = isForLibrary ? adviseExtension(facts, use) : undefined;
  const advice = extension?.advice ?? `add ${entry} to ${variable}`;
  return {
    code,
    severity: isForLibrary ? 'warning' : 'information',
    message: toSentence(
      advice,
      isForLibrary
        ? `the package is built against ${nameOf(use)} (${path}), which only BDEPEND names`
        : `the build runs ${path} of ${nameOf(use)}, which only DEPEND names, and a build for another machine cannot run programs of DEPEND`,
    ),
    range: variableRange(facts, variable),
    evidence,
    about: suggestedNames(use),
    fix:
      extension?.fix ??
      asFix(
        `Add ${entry} to ${variable}`,
        addAtomUnder(facts, [variable], atom, alternatives),
        sure && isForLibrary,
      ),
    why: { owner: ownerOf(use), rule: ruleOf(evidence[0], variable), trials: [] },
  };
}

const PYTHON = 'dev-lang/python';
const EXTENSION = 'DISTUTILS_EXT';

const inheritsDistutils = ({ inherits }: EbuildFacts): boolean =>
  inherits.some(({ name, context }) => name === 'distutils-r1' && context === 'global');

/** Whether the text says that it builds an extension of Python, for which distutils-r1.eclass sets DEPEND. */
function isExtension({ facts }: TrialSubject, use: PackageUse): boolean {
  const isSet = facts.assignments.some(({ name }) => name === EXTENSION);
  return nameOf(use) === PYTHON && isSet && inheritsDistutils(facts);
}

/** How an ebuild of distutils-r1.eclass says that it builds an extension; undefined for other ebuilds and packages. */
function adviseExtension(
  facts: EbuildFacts,
  use: PackageUse,
): { readonly advice: string; readonly fix: Fix | undefined } | undefined {
  if (nameOf(use) !== PYTHON || !inheritsDistutils(facts)) return undefined;
  const setting = `${EXTENSION}=1`;
  return {
    advice: `set ${setting} above inherit, with which distutils-r1.eclass adds ${PYTHON} to DEPEND`,
    fix: asFix(`Set ${setting}`, setBeforeInherit(facts, EXTENSION, '1') ?? []),
  };
}

/** The evidence of the first kind that there is. */
const evidenceOfKind = ({ kinds }: PackageUse, wanted: readonly UseKind[]): readonly Evidence[] =>
  wanted.flatMap((kind) => kinds.find((seen) => seen.kind === kind) ?? [])[0]?.evidence ?? [];
