import { variableRange } from '../../../ebuild/anchor.ts';
import type { UseCondition } from '../../../ebuild/declared.ts';
import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { addAtomUnder, chooseCarriers } from '../../../ebuild/edit/edit.ts';
import { addUseFlag } from '../../../ebuild/edit/use-flag.ts';
import { BUILD_VARIABLES, type DependencyVariable } from '../../../pms/dependency-variable.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import {
  atomsFor,
  declares,
  isSameSlot,
  keyOf,
  nameOf,
  ownerOf,
  suggestedNames,
} from '../../declared-packages.ts';
import { asFix, type Finding, type Fix } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { describeDifferences } from '../../image-difference.ts';
import type { Probe, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { PlacedAtom } from '../../subject.ts';
import { needlessBuilds, type TrialSubject } from '../../trial-subject.ts';
import { deriveCondition, printUnder, printUseStates } from '../../use-condition.ts';
import {
  chooseBuildSystem,
  featureOf,
  printFollowing,
  printSwitchedOff,
  type Switch,
} from './build-switch.ts';
import { adviseFolder } from './install-folder.ts';
import { atomToAdd, isNeedlessIn, writtenVariable } from './undeclared-need.ts';

interface Found {
  readonly probe: Probe;
  readonly state: TrialRecord;
}

/**
 * `automagic`: the build passes without a package that it looked for, and installs something else if the package is
 * visible. The result then depends on what else is installed on the machine.
 */
export function findAutomagic(subject: TrialSubject): Finding[] {
  const found: Found[] = [];
  for (const state of subject.states) {
    for (const probe of state.probes) {
      if (probe.effect !== 'changes' && probe.effect !== 'breaks') continue;
      if (found.some((known) => isSameSlot(known.probe, probe))) continue;
      if (!declares(subject, state, probe, BUILD_VARIABLES)) found.push({ probe, state });
    }
  }
  return found
    .filter(
      (probed) =>
        !isFinderOfAnother(probed, found) && findMisplacedProbe(subject, probed.probe) === undefined,
    )
    .map((probed) => explain(subject, probed));
}

const PKG_CONFIG = 'virtual/pkgconfig';

/** Whether a package is only the pkg-config that finds another one: the finding about that names it. */
function isFinderOfAnother({ probe: finder }: Found, found: readonly Found[]): boolean {
  // Without another package beside it, what it finds is visible anyway.
  if (finder.atom !== PKG_CONFIG || finder.beside === undefined) return false;
  return found.some(({ probe }) =>
    probe.beside?.some((other) => keyOf({ package: other }) === keyOf(finder)),
  );
}

function explain(subject: TrialSubject, { probe, state }: Found): Finding {
  const { facts } = subject;
  const wanted = probe.variables.length > 0 ? probe.variables : (['DEPEND'] as const);
  const lacking = wanted
    .map((variable) => writtenVariable(subject, variable))
    .filter((variable) => !declares(subject, state, probe, [variable]));
  const variables = [...new Set(lacking)];
  const [place] = atomsFor(subject, probe, BUILD_VARIABLES);
  const target = chooseCarriers(facts, variables).join(' and ');
  const { alternatives, sure } = whereItMatters(subject, probe);
  const isConditional = sure && alternatives.some((conditions) => conditions.length > 0);
  const under = isConditional ? printUseStates(alternatives) : '';
  const atom = atomToAdd(subject, probe, variables);
  const entry = printUnder(atom, alternatives);
  const off = (place?.conditions ?? [])
    .map(({ flag, negated }) => ({ flag, negated: !negated }))
    .filter(({ flag, negated }) => state.use.includes(flag) !== negated);
  // The atom is under a flag, and the build does not know that the flag is off: no dependency can fix that.
  const isFlagIgnored = place !== undefined && off.length > 0;
  const folder = isFlagIgnored ? undefined : adviseFolder(probe);
  const isNoDependency = isFlagIgnored || folder !== undefined || probe.effect === 'breaks';
  const fix = isFlagIgnored
    ? adviseToFollow(subject, probe, off)
    : advise(subject, probe, `${entry} to ${target}`);
  const clause = isFlagIgnored
    ? describeUnheard(facts, off)
    : `, and ${folder?.reason ?? 'the ebuild does not declare it'}`;
  const effect = describeEffect(probe, isFlagIgnored ? printUseStates([off]) : under);
  const edits = isNoDependency ? [] : addAtomUnder(facts, variables, atom, alternatives);
  const others = edits.length === 0 ? [] : behindFlag(subject, probe, atom, variables, alternatives);
  return {
    code: 'automagic',
    severity: 'warning',
    about: suggestedNames(probe),
    message: toSentence(folder?.remedy ?? fix, `${effect}${clause}`),
    range: place?.range ?? variableRange(facts, variables[0] ?? 'DEPEND'),
    evidence: probe.evidence,
    fix: asFix(`Add ${entry} to ${target}`, edits, false),
    ...(others.length === 0 ? {} : { alternatives: others }),
    why: {
      owner: ownerOf(probe),
      rule: RULES.automagic,
      trials: [
        ...(probe.effect === 'breaks'
          ? [`The build passes without ${nameOf(probe)} and fails with it.`]
          : [
              `The build passes without ${nameOf(probe)}; ${describeDifferences(probe.differences, shownFor(probe))}.`,
            ]),
      ],
    },
  };
}

/** What to do about a package that is declared nowhere. @param addition what would be added where */
function advise(subject: TrialSubject, probe: Probe, addition: string): string {
  if (probe.atom === PKG_CONFIG) return `add ${addition}, or tell the build not to use what it finds`;
  const off = printSwitchedOff(switchOf(subject, probe));
  const tell = `tell the build not to use ${nameOf(probe)}${off === undefined ? '' : `, for example with ${off}`}`;
  return probe.effect === 'breaks' ? tell : `add ${addition}, or ${tell}`;
}

/** What to do about a package that is declared under flags which the build does not follow. */
function adviseToFollow(subject: TrialSubject, probe: Probe, off: readonly UseCondition[]): string {
  const [condition] = off;
  if (condition === undefined || !condition.negated) return `tell the build not to use ${nameOf(probe)}`;
  const { flag } = condition;
  const following = printFollowing(switchOf(subject, probe, flag));
  const example = following === undefined ? '' : `, for example with ${following}`;
  return `tell the build not to use ${nameOf(probe)}${example}`;
}

function switchOf({ facts, record }: TrialSubject, probe: Probe, flag?: string): Switch {
  const { evidence } = probe;
  const about = featureOf(probe);
  const system = chooseBuildSystem(facts, evidence);
  return { system, feature: flag ?? about, about, evidence, options: record.options };
}

/** Says so if no function of the ebuild names the flag that the build does not follow. */
function describeUnheard({ functions, text }: EbuildFacts, off: readonly UseCondition[]): string {
  const [condition] = off;
  const words = functions.flatMap(({ start, end }) => text.slice(start, end).split(/[^\w+@-]+/));
  return condition === undefined || words.includes(condition.flag)
    ? ''
    : `, and no function of the ebuild asks for the flag ${condition.flag}`;
}

/** The packages that must be visible for the effect, e.g. `dev-util/pkgconf and sys-apps/dbus`. */
function shownFor(probe: Probe): string {
  return [probe, ...(probe.beside ?? []).map((recorded) => ({ package: recorded }))]
    .map(nameOf)
    .join(' and ');
}

/**
 * Describes what showing the package does.
 *
 * @param under the USE states in which that is known; empty if there is no condition
 */
function describeEffect(probe: Probe, under: string): string {
  const { failure } = probe;
  const failed = failure === undefined ? '' : ` in ${phaseFunction(failure.phase)} (${failure.firstError})`;
  const effect =
    probe.effect === 'breaks'
      ? `with ${shownFor(probe)} visible, the build fails${failed}`
      : describeDifferences(probe.differences, shownFor(probe));
  return under === '' ? effect : `under ${under}, ${effect}`;
}

/** The USE condition under which the package changes the installed image. */
function whereItMatters({ states, record }: TrialSubject, probe: Probe): ReturnType<typeof derive> {
  const matters: (readonly string[])[] = [];
  const doesNot: (readonly string[])[] = [];
  for (const state of states) {
    const same = state.probes.find((candidate) => isSameSlot(candidate, probe));
    if (same?.effect === 'changes' || same?.effect === 'breaks') matters.push(state.use);
    else if (state.outcome === 'passed' && same?.effect !== 'untried') {
      // A package that was used was visible, so it was not probed.
      const isUsed = state.uses.some((use) => isSameSlot(use, probe));
      if (!isUsed || isNeedlessIn(state, probe)) doesNot.push(state.use);
    }
  }
  return derive(matters, doesNot, record.iuse);
}

/**
 * Finds the atom of a package that the build looks for under other flags than those under which the ebuild declares it, and does not need under
 * those.
 */
export function findMisplacedProbe(
  subject: TrialSubject,
  probe: Probe,
): { readonly place: PlacedAtom; readonly alternatives: readonly (readonly UseCondition[])[] } | undefined {
  if (probe.effect !== 'changes') return undefined;
  const [place, ...others] = atomsFor(subject, probe, BUILD_VARIABLES);
  if (place === undefined || place.conditions.length === 0) return undefined;
  if (others.some(({ range }) => range.start !== place.range.start)) return undefined;
  const { alternatives, sure } = whereItMatters(subject, probe);
  // What is used with a flag off is more likely picked up by chance.
  const isConditional =
    sure && alternatives.every((conditions) => conditions.some(({ negated }) => !negated));
  return isConditional && needlessBuilds(subject, place) !== undefined ? { place, alternatives } : undefined;
}

function derive(...states: Parameters<typeof deriveCondition>) {
  return deriveCondition(...states) ?? { alternatives: [[]], sure: true };
}

/**
 * Declares the package under a flag that is named after it, as Gentoo names `png` for media-libs/libpng. The flag is
 * added to IUSE if it is missing there.
 */
function behindFlag(
  subject: TrialSubject,
  probe: Probe,
  atom: string,
  variables: readonly DependencyVariable[],
  alternatives: readonly (readonly UseCondition[])[],
): Fix[] {
  if (alternatives.some((conditions) => conditions.length > 0)) return [];
  const { facts, record } = subject;
  const flag = featureOf(probe);
  const added = addUseFlag(facts, flag);
  if (added.length === 0 && !record.iuse.includes(flag)) return [];
  const edits = addAtomUnder(facts, variables, atom, [[{ flag, negated: false }]]);
  if (edits.length === 0) return [];
  const what = `${flag}? ( ${atom} )${added.length === 0 ? '' : ` and the USE flag ${flag}`}`;
  const following = printFollowing(switchOf(subject, probe, flag));
  const title = `Add ${what} (then pass ${following ?? 'the flag'} to the build)`;
  return [{ title, edits: [...added, ...edits], guess: true }];
}
