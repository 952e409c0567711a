import type { Finding } from '../../audit/finding.ts';
import type { Knowledge } from '../../audit/knowledge.ts';
import type { IgnoreRule } from '../../audit/silencing/ignore-rule.ts';
import { silenceReview } from '../../audit/silencing/silence-review.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { AuditedSide } from '../audit-side.ts';
import { parseEbuildPath } from '../ebuild-path.ts';
import type { FileChange } from '../git.ts';
import type { ChangedEbuild } from '../scope.ts';
import { findLiveEbuildBehind } from './live-ebuild-behind.ts';
import { findMissingRevisionBump } from './missing-revision-bump.ts';
import { findMissingSubslotBump } from './missing-subslot-bump.ts';
import { findNotTried } from './not-tried.ts';
import type { ReadSide } from './reviewed-change.ts';

/** What the reminders of all ebuilds of a review depend on. */
export interface ReminderWorld {
  /** All changes of the range. */
  readonly changes: readonly FileChange[];
  /** The paths of the ebuilds in a folder of a package at the head. */
  listHead(packageFolder: string): readonly string[];
  /** Reads a file of the head by its path below the top folder; undefined if it cannot be read. */
  readHead(path: string): string | undefined;
  readFacts(text: string): EbuildFacts;
  /** The packages that the repository of a file knows, given by its absolute path; undefined if it has none. */
  knowledgeFor(file: string): Knowledge | undefined;
  /** The ignore rules of the repository that apply to an ebuild. */
  rulesOf(file: string): readonly IgnoreRule[];
}

/** What a reviewer is reminded of. */
export interface Reminders {
  /** Findings about the change itself, in the order of the text. */
  readonly reminders: readonly Finding[];
  /** Phrases about what the trial of the head did not try. */
  readonly notTried: readonly string[];
}

/** Finds what a reviewer of a changed ebuild would ask for, apart from what the text and the head's trial ignore. Total. */
export function remind(
  changed: ChangedEbuild,
  before: AuditedSide | undefined,
  after: AuditedSide,
  world: ReminderWorld,
): Reminders {
  const ebuild = parseEbuildPath(changed.path);
  // A file that cannot be read has an empty text.
  if (ebuild === undefined || after.text === '') return { reminders: [], notTried: [] };
  const facts = world.readFacts(after.text);
  const change = {
    ebuild,
    cause: changed.cause,
    from: changed.from,
    before: before === undefined || before.text === '' ? undefined : read(before, changed.from ?? '', world),
    after: { side: after, facts, identity: identify(changed.path) },
    others: world
      .listHead(changed.path.slice(0, changed.path.lastIndexOf('/')))
      .filter((path) => path !== changed.path)
      .flatMap((path) => parseEbuildPath(path) ?? []),
    isChanged: (path: string) =>
      world.changes.some((entry) => entry.path === path && entry.status !== 'removed'),
    slotsMove: world.changes.some(({ path }) => path.startsWith(`${ebuild.repository}profiles/updates/`)),
    knowledge: world.knowledgeFor(after.file),
    readOther: (path: string) => {
      const text = world.readHead(path);
      return text === undefined ? undefined : world.readFacts(text);
    },
  };
  const untried = after.trial.kind === 'done' ? findNotTried(after.trial.record) : [];
  const found = [
    ...findMissingRevisionBump(change),
    ...findMissingSubslotBump(change),
    ...findLiveEbuildBehind(change),
  ];
  const rules = world.rulesOf(after.file);
  return {
    reminders: silenceReview(facts, found, rules),
    notTried: silenceReview(facts, untried, rules).map(({ message }) => message),
  };
}

function read(side: AuditedSide, path: string, { readFacts }: ReminderWorld): ReadSide {
  return { side, facts: readFacts(side.text), identity: identify(path) };
}

function identify(path: string): ReadSide['identity'] {
  const [file = '', , category = ''] = path.split('/').reverse();
  return { category, packageAndVersion: file.replace(/\.ebuild$/, '') };
}
