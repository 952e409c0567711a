import { checkText } from '../audit/check.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import { silenceStatic } from '../audit/silencing/silence-static.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { type EbuildLocation, locateEbuild } from '../repository/ebuild-location.ts';
import { createKnownWorld, type KnownWorld, type KnownWorldInput } from './known-world.ts';
import { createPkgcheckFindings, type PkgcheckFindings, type Scan } from './pkgcheck-findings.ts';
import type { RepositoryRules } from './repository-rules.ts';

/** Finds what can be found about ebuilds without building them. */
export interface Checker {
  /**
   * The static findings for an ebuild as its text is now, saved or not, and those that it or its repository ignores. Never throws, and
   * does not wait.
   */
  check(file: string, facts: EbuildFacts): Silencing;
  /** The knowledge about the packages around an ebuild; undefined outside a repository. */
  knowledgeFor(file: string): Knowledge | undefined;
  /** Resolves when everything is known about the file's repository and its masters; for a command line that asks once. */
  ready(file: string): Promise<void>;
  /** The listener is called whenever more is known, so that open ebuilds must be checked again. */
  onChanged(listener: () => void): void;
  /** A file below a repository or the VDB has been written, created or removed. */
  fileChanged(path: string): void;
  /** The text has been saved: pkgcheck scans it in the background, where `scan` was given. */
  saved(file: string, text: string): void;
  /** Resolves when pkgcheck has scanned a text, so that `check` has its results; rejects with one sentence when it cannot. */
  scan(file: string, text: string): Promise<void>;
  /** Stops the work in the background; resolves when nothing of it is left. */
  close(): Promise<void>;
}

export interface CheckerInput extends KnownWorldInput {
  /** pkgcheck, which runs code of the ebuild, in the sandbox: only for workspaces that the user trusts. */
  readonly scan?: Scan;
  /** What repositories ignore; absent: nothing. */
  readonly rulesOf?: RepositoryRules;
  /** Receives one sentence for the user's log for everything that could not be read, once each. */
  readonly log?: (sentence: string) => void;
}

/** Makes a checker that reads nothing before it is asked about a file. */
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
      const location = locate(file);
      return location && world.knowledgeOf(location.repository);
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

/** Where an ebuild is; undefined for a text that is in no repository yet. */
function locate(file: string): EbuildLocation | undefined {
  try {
    return locateEbuild(file);
  } catch {
    return undefined;
  }
}
