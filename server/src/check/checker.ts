import { checkText } from '../audit/check.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import { silenceStatic } from '../audit/silencing/silence-static.ts';
import type { EbuildIdentity } from '../audit/subject.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { type Limit, limitFrom } from '../errors/limit.ts';
import { type EbuildLocation, findRepository, locateUnsavedEbuild } from '../repository/ebuild-location.ts';
import { createKnownWorld, type KnownWorld, type KnownWorldInput } from './known-world.ts';
import { createPkgcheckFindings, type PkgcheckFindings, type Scan } from './pkgcheck-findings.ts';
import type { RepositoryRules } from './repository-rules.ts';

/** Finds the findings about ebuilds that do not need a trial. */
export interface Checker {
  /**
   * The static findings for the current text of an ebuild, saved or not, and those that the ebuild or its repository ignores. Never throws
   * and never waits.
   */
  check(file: string, facts: EbuildFacts): Silencing;
  /** The knowledge about the packages around an ebuild or another file of a repository; undefined outside a repository. */
  knowledgeFor(file: string): Knowledge | undefined;
  /** The category and name of an ebuild, by its path; undefined outside a repository. */
  identify(file: string): EbuildIdentity | undefined;
  /** Every reason why something about an ebuild is not checked, or not yet; empty if there is none. Total. */
  limits(file: string): readonly Limit[];
  /** Resolves when the file's repository and its masters have been read. It is for a command that checks once. */
  ready(file: string): Promise<void>;
  /** Registers a listener that is called when more is known, so that open ebuilds must be checked again. */
  onChanged(listener: () => void): void;
  /** Handles that a file below a repository or the VDB was written, created or removed. */
  fileChanged(path: string): void;
  /** Handles that the text was saved: pkgcheck scans it in the background, if there is a `scan`. */
  saved(file: string, text: string): void;
  /** Resolves when pkgcheck has scanned a text, so that `check` has its results; rejects with one sentence if it cannot. */
  scan(file: string, text: string): Promise<void>;
  /** Stops the work in the background; resolves when all of it has ended. */
  close(): Promise<void>;
}

export interface CheckerInput extends KnownWorldInput {
  /** Runs pkgcheck, which runs code of the ebuild, in the sandbox. It is only for workspaces that the user trusts. */
  readonly scan?: Scan;
  /** Reasons that hold for every ebuild, such as a program that is missing. */
  readonly limits?: readonly Limit[];
  /** The ignore rules of repositories; absent: none. */
  readonly rulesOf?: RepositoryRules;
  /** Receives one sentence for the user's log about each thing that could not be read. */
  readonly log?: (sentence: string) => void;
}

/** Creates a checker. It reads nothing before the first question about a file. */
export function createChecker(input: CheckerInput): Checker {
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const log = input.log ?? (() => {});
  const world = createKnownWorld(input, changed, log);
  const pkgcheck = input.scan && createPkgcheckFindings(input.scan, changed, log);
  return {
    check: (file, facts) => checkFacts(file, facts, world, pkgcheck, input.rulesOf),
    knowledgeFor(file) {
      const repository = file.endsWith('.ebuild') ? locate(file)?.repository : findRepository(file);
      return repository === undefined ? undefined : world.knowledgeOf(repository);
    },
    identify: locate,
    limits(file) {
      const place = findPlace(file);
      if ('problem' in place) return [limitFrom('no-repository', NOT_CHECKED, place.problem)];
      const failure = pkgcheck?.failure(file);
      return [
        ...world.limitsOf(place.location.repository),
        ...(input.limits ?? []),
        ...(failure === undefined || (input.limits ?? []).some(({ kind }) => kind === 'pkgcheck')
          ? []
          : [limitFrom('pkgcheck', PKGCHECK_FAILED, failure)]),
      ];
    },
    async ready(file) {
      const location = locate(file);
      if (location !== undefined) await world.ready(location.repository);
    },
    onChanged: (listener) => void listeners.push(listener),
    fileChanged: (path) => world.fileChanged(path),
    saved(file, text) {
      if (locate(file) !== undefined) pkgcheck?.saved(file, text);
    },
    async scan(file, text) {
      await pkgcheck?.scan(file, text);
    },
    async close() {
      listeners.length = 0;
      await Promise.all([world.close(), pkgcheck?.close()]);
    },
  };
}

function checkFacts(
  file: string,
  facts: EbuildFacts,
  world: KnownWorld,
  pkgcheck: PkgcheckFindings | undefined,
  rulesOf: RepositoryRules | undefined,
): Silencing {
  const location = locate(file);
  const knowledge = location && world.knowledgeOf(location.repository);
  const isComplete = knowledge !== undefined && knowledge.incomplete === undefined;
  const looked = { repositories: isComplete, pkgcheck: pkgcheck?.hasScanned(file, facts.text) === true };
  const rules = location === undefined ? [] : (rulesOf?.(file) ?? []);
  let found = checkText(facts, knowledge, location);
  if (pkgcheck !== undefined && location !== undefined) {
    const predefined = packageVariables(location.category, location.packageAndVersion);
    found = pkgcheck.merge(file, facts, predefined, found, isComplete);
  }
  return silenceStatic(facts, found, rules, location, looked);
}

const NOT_CHECKED = 'Packages, eclasses and flags are not checked.';
const PKGCHECK_FAILED = 'The findings of pkgcheck are missing.';

/** The location of an ebuild, saved or not; undefined for a text that is in no repository. */
function locate(file: string): EbuildLocation | undefined {
  const place = findPlace(file);
  return 'location' in place ? place.location : undefined;
}

function findPlace(file: string): { readonly location: EbuildLocation } | { readonly problem: Error } {
  try {
    return { location: locateUnsavedEbuild(file) };
  } catch (error) {
    return { problem: error as Error };
  }
}
