import type { Finding } from '../../audit/finding.ts';
import type { Knowledge } from '../../audit/knowledge.ts';
import { variableRange } from '../../ebuild/anchor.ts';
import { declaredWithAtoms } from '../../ebuild/declared.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { lineOf } from '../../ebuild/line-scan.ts';
import { packageVariables } from '../../ebuild/package-variables.ts';
import { staticMetadata } from '../../ebuild/static-metadata.ts';
import { effectiveAssignments } from '../../ebuild/variable-value.ts';
import type { Atom } from '../../pms/atom.ts';
import { type DependencyNode, parseDependency } from '../../pms/dependency.ts';
import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import { nameOf } from '../../pms/package-name.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { compareVersions, isLive, withoutRevision } from '../../pms/version.ts';
import type { AuditedSide } from '../audit-side.ts';
import {
  compareEntries,
  type DependencyEntry,
  describeDifference,
  type EntryDifference,
  listEntries,
} from './dependency-difference.ts';
import type { ReadSide, ReviewedChange } from './reviewed-change.ts';

/** The variables whose values are kept with an installed package and used after the build (PMS 8.1). */
const KEPT_VARIABLES = ['RDEPEND', 'PDEPEND', 'IDEPEND'] as const;

/** A part of a change that an installed package does not get. */
interface Reason {
  /** E.g. `RDEPEND gains a/b`. */
  readonly words: string;
  readonly range: TextRange;
}

/**
 * `missing-revision-bump`: an ebuild is changed and keeps its version and revision, so those who have it installed do not get the change: its
 * dependencies at run time, a slot operator, its slot, or what it installs. Which of these need a new revision is said by the devmanual
 * ("Ebuild revisions").
 *
 * @returns a warning if dependencies or the slot differ; an information if only the images do, because two builds of the same may differ too
 */
export function findMissingRevisionBump(change: ReviewedChange): Finding[] {
  const { ebuild, before, after } = change;
  const { version } = ebuild;
  if (before === undefined || version === undefined || !isSameInstalled(change)) return [];
  const file = ebuild.path.slice(ebuild.path.lastIndexOf('/') + 1, -'.ebuild'.length);
  const bumped = `${file.replace(/-r\d+$/, '')}-r${Number(version.revision) + 1}.ebuild`;
  const declared = [
    ...findDependencies(before, after, change.knowledge),
    ...findSlot(before, after, change.slotsMove),
  ];
  const image = findImage(before, after);
  const [first] = [...declared, ...image];
  if (first === undefined) return [];
  const reasons = [...declared, ...image].map(({ words }) => words).join('; ');
  return [
    {
      code: 'missing-revision-bump',
      severity: declared.length > 0 ? 'warning' : 'information',
      message: `Users who have ${file} installed do not get this change (${reasons}): rename the file to ${bumped}.`,
      range: first.range,
      evidence: [],
      about: [],
    },
  ];
}

/** Whether the ebuild that is changed may be installed already, and nothing newer of the same version replaces it. */
function isSameInstalled({ ebuild, cause, from, before, others }: ReviewedChange): boolean {
  const { version, path } = ebuild;
  if (from !== path || cause.kind === 'eclass' || version === undefined || isLive(version)) return false;
  // What cannot be built is installed nowhere.
  if (before?.side.trial.kind === 'done' && before.side.trial.record.outcome === 'failed') return false;
  return !others.some(
    (other) =>
      other.version !== undefined &&
      compareVersions(withoutRevision(other.version), withoutRevision(version)) === 0 &&
      compareVersions(other.version, version) > 0,
  );
}

function findDependencies(before: ReadSide, after: ReadSide, knowledge: Knowledge | undefined): Reason[] {
  const chosen = changedFlags(before, after);
  // A dependency on a flag of a version of Python, say, comes and goes with the ebuild's own flag.
  const compared = (atom: Atom): Atom => ({
    ...atom,
    ...knowledge?.movedTo(atom.category, atom.name),
    use: atom.use.filter(({ flag }) => !chosen.has(flag)),
  });
  const read = (variable: DependencyVariable) => {
    const nodes = readBoth(before, after, variable);
    return nodes?.map((side) => listEntries(side, compared)) ?? [[], []];
  };
  const runtime = KEPT_VARIABLES.flatMap((variable) => {
    const [old = [], now = []] = read(variable);
    const difference = withoutExempted(compareEntries(old, now), chosen, knowledge);
    if (difference.added.length + difference.removed.length === 0) return [];
    const [added, removed] = [difference.added, difference.removed].map((entries) =>
      entries.map(({ text }) => text),
    );
    const words = `${variable} ${describeDifference(added ?? [], removed ?? [])}`;
    return [{ words, range: variableRange(after.facts, variable) }];
  });
  const [oldBuild = [], nowBuild = []] = read('DEPEND');
  const [oldRun = [], nowRun = []] = read('RDEPEND');
  const operators = namesWithOperator(nowBuild).filter(
    (name) =>
      oldBuild.some(({ atom }) => atom !== undefined && nameOf(atom) === name) &&
      ![oldBuild, oldRun, nowRun].some((entries) => namesWithOperator(entries).includes(name)),
  );
  if (operators.length === 0) return runtime;
  const words = `DEPEND asks with := for rebuilds after updates of ${operators.join(', ')}`;
  return [...runtime, { words, range: variableRange(after.facts, 'DEPEND') }];
}

function namesWithOperator(entries: readonly DependencyEntry[]): string[] {
  return [...new Set(entries.flatMap(({ atom }) => (atom?.slotOperator === '=' ? [nameOf(atom)] : [])))];
}

/** The value of a variable on both sides, as the package manager evaluated it; without trials, as far as the texts show it. */
function readBoth(
  before: ReadSide,
  after: ReadSide,
  variable: DependencyVariable,
): readonly (readonly DependencyNode[])[] | undefined {
  const [old, now] = [before.side.trial, after.side.trial];
  if (old.kind === 'done' && now.kind === 'done')
    return [old, now].map(({ record }) => parseDependency(record.evaluated[variable]).nodes);
  const texts = [before, after].map(({ facts, identity }) => {
    const predefined = packageVariables(identity.category, identity.packageAndVersion);
    return declaredWithAtoms(facts, variable, predefined).declared;
  });
  const isPlain = texts.every(({ assignments }) => assignments.every(({ context }) => context === 'global'));
  // Words that only bash can expand mean the same if they are the same and all eclasses are.
  const [left, right] = texts.map(({ unresolved }) =>
    unresolved
      .map(({ text }) => text)
      .sort()
      .join('\n'),
  );
  if (!isPlain || left !== right || inheritsOf(before.facts) !== inheritsOf(after.facts)) return undefined;
  return texts.map(({ nodes }) => nodes);
}

function inheritsOf({ inherits, unknownInherits }: EbuildFacts): string {
  return [...inherits, ...unknownInherits].map(({ name }) => name).join(' ');
}

/** The flags that only one of the sides has: package managers rebuild what is installed if they matter (`--changed-use`). */
function changedFlags(before: ReadSide, after: ReadSide): ReadonlySet<string> {
  const [old, now] = [before, after].map(({ facts, side: { trial } }) =>
    trial.kind === 'done' ? trial.record.iuse : (staticMetadata(facts).iuse ?? []),
  );
  const both = new Set(old?.filter((flag) => now?.includes(flag)));
  return new Set([...(old ?? []), ...(now ?? [])].filter((flag) => !both.has(flag)));
}

/** Removes the differences that the devmanual exempts, and those that a package manager notices by itself. */
function withoutExempted(
  { added, removed }: EntryDifference,
  changed: ReadonlySet<string>,
  knowledge: Knowledge | undefined,
): EntryDifference {
  // What only the tests need is of no use to those who have the package installed.
  const isSettled = ({ flags, condition }: DependencyEntry) =>
    !flags.some((flag) => changed.has(flag)) && !condition.split(' ').includes('test?');
  const [left, gone] = [added.filter(isSettled), removed.filter(isSettled)];
  const exempt = new Set<DependencyEntry>();
  for (const old of gone) {
    const now = left.find((entry) => !exempt.has(entry) && takesPlaceOf(entry, old, knowledge));
    if (now !== undefined) exempt.add(old).add(now);
  }
  const counts = (entry: DependencyEntry) => !exempt.has(entry);
  return { added: left.filter(counts), removed: gone.filter(counts) };
}

/**
 * Whether an entry replaces another one without a new revision: another bound of a version, if `:=` asks for a rebuild anyway, a package
 * instead of a virtual that is removed, or a virtual that the package satisfies.
 */
function takesPlaceOf(now: DependencyEntry, old: DependencyEntry, knowledge: Knowledge | undefined): boolean {
  if (now.condition !== old.condition || old.atom === undefined) return false;
  const { category, name } = old.atom;
  if (category === 'virtual' && isGone(old.atom, knowledge)) return true;
  if (now.atom === undefined || now.atom.blocker !== '') return false;
  // The names show it: virtual/zlib instead of sys-libs/zlib or zlib-ng.
  const isVirtual = now.atom.category === 'virtual' && name.includes(now.atom.name);
  if (isVirtual) return now.atom.slotOperator === old.atom.slotOperator && old.atom.blocker === '';
  if (now.atom.slotOperator !== '=') return false;
  return withoutBound(now.atom) === withoutBound(old.atom);
}

/** Whether a package is known to be removed, or to be deprecated before that. */
function isGone({ category, name }: Atom, knowledge: Knowledge | undefined): boolean {
  if (knowledge === undefined || knowledge.incomplete !== undefined) return false;
  return knowledge.offered(category, name).length === 0 || knowledge.deprecated(category, name).length > 0;
}

function withoutBound({ blocker, category, name, slot, subslot, slotOperator, use }: Atom): string {
  return JSON.stringify([blocker, category, name, slot, subslot, slotOperator, use]);
}

/** @param slotsMove whether profiles/updates may move the installed package to the new slot */
function findSlot(before: ReadSide, after: ReadSide, slotsMove: boolean): Reason[] {
  const [old, now] = [before, after].map(({ facts, identity }) =>
    staticMetadata(facts, packageVariables(identity.category, identity.packageAndVersion)),
  );
  if (old?.slot === undefined || now?.slot === undefined) return [];
  const isMoved = old.slot !== now.slot;
  if ((isMoved && slotsMove) || (!isMoved && old.subslot === now.subslot)) return [];
  const assignment = effectiveAssignments(after.facts, 'SLOT', Number.POSITIVE_INFINITY).at(-1);
  const words = `SLOT becomes ${now.slot === now.subslot ? now.slot : `${now.slot}/${now.subslot}`}`;
  return [{ words, range: assignment?.nameRange ?? topOf(after.facts) }];
}

/** The images differ, in the same USE state, and the texts differ in more than what no build reads. */
function findImage(before: ReadSide, after: ReadSide): Reason[] {
  const [old, now] = [before.side, after.side].map(({ trial }: AuditedSide) =>
    trial.kind === 'done' ? trial.record : undefined,
  );
  if (old?.image === undefined || now?.image === undefined || old.image === now.image) return [];
  const flags = ({ use, iuse }: typeof old) => [...use, ...iuse].sort().join(' ');
  if (flags(old) !== flags(now)) return [];
  const isSame = before.facts.text === after.facts.text;
  if (!isSame && withoutDescription(before.facts) === withoutDescription(after.facts)) return [];
  return [{ words: 'the installed files differ', range: topOf(after.facts) }];
}

/** Variables that change nothing of what is installed. */
const DESCRIBING: ReadonlySet<string> = new Set(['DESCRIPTION', 'HOMEPAGE', 'KEYWORDS']);

/** The text without comments, empty lines and the variables of {@link DESCRIBING}. */
function withoutDescription({ text, assignments, comments }: EbuildFacts): string {
  const cut = [...comments, ...assignments.filter(({ name }) => DESCRIBING.has(name))];
  let left = text;
  for (const { start, end } of cut.sort((one, other) => other.start - one.start))
    left = left.slice(0, start) + left.slice(end);
  return left.replace(/[ \t]+$/gm, '').replace(/\n+/g, '\n');
}

function topOf({ text, eapiRange }: EbuildFacts): TextRange {
  return eapiRange ?? lineOf(text, 0);
}
