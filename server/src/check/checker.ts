import { join } from 'node:path';
import { checkText } from '../audit/check.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import type { Silencing } from '../audit/silencing/silence.ts';
import { silenceStatic } from '../audit/silencing/silence-static.ts';
import type { BashParser } from '../ebuild/bash-parser.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { createLiveText, type LiveText } from '../ebuild/live-text.ts';
import { outlineEbuild } from '../ebuild/outline.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { type EbuildLocation, locateEbuild } from '../repository/ebuild-location.ts';
import type { RepositoryIndex } from '../repository/index/repository-index.ts';
import { readInstalledOffers } from './installed-offers.ts';
import { composeKnowledge, type InstalledOffers } from './knowledge.ts';
import { createPkgcheckFindings, type Scan } from './pkgcheck-findings.ts';
import type { RepositoryRules } from './repository-rules.ts';

/** What is known about ebuilds without building them, and the findings that follow from it. */
export interface Checker {
  /**
   * The static findings for a text of an ebuild, saved or not, and those that it or its repository ignores. Never throws, and waits for
   * nothing.
   */
  check(file: string, text: string): Silencing;
  /** What may be asked of the world around an ebuild; undefined outside a repository. */
  knowledgeFor(file: string): Knowledge | undefined;
  /** Resolves when everything is known about the file's repository and its masters; for a command line that asks once. */
  ready(file: string): Promise<void>;
  /** Told whenever more has become known, so that what is open is to be checked again. */
  onChanged(listener: () => void): void;
  /** A file below a repository or the VDB has been written, made or removed. */
  fileChanged(path: string): void;
  /** The text has been saved: pkgcheck scans it in the background, where `scan` was given. */
  saved(file: string, text: string): void;
  /** Resolves when pkgcheck has scanned a text, so that `check` has its results; rejects with one sentence when it cannot. */
  scan(file: string, text: string): Promise<void>;
  /** Stops whatever goes on in the background; resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Opens the index of the repository that ebuilds are in. */
export type OpenIndex = (place: {
  /** Absolute path. */
  readonly repository: string;
  readonly root: string;
  readonly cacheFolder: string;
  readonly parser: BashParser;
}) => RepositoryIndex;

export interface CheckerInput {
  readonly parser: BashParser;
  /** The product's state folder, where what has been read is kept. */
  readonly home: string;
  /** The Gentoo system whose installed packages and repos.conf count; see `chooseRoot`. */
  readonly root: string;
  readonly openIndex: OpenIndex;
  /** Why no package may be called unknown in this root, whatever its repositories hold, as one sentence. */
  readonly incomplete?: string | undefined;
  /** pkgcheck, which runs code of the ebuild, in the sandbox: only for workspaces that the user trusts. */
  readonly scan?: Scan;
  /** What repositories ignore; absent: nothing. */
  readonly rulesOf?: RepositoryRules;
  /** Told what could not be read, once each; one sentence for the user's log. */
  readonly log?: (sentence: string) => void;
}

/** More files than this are not open at once; the others are read afresh. */
const MOST_LIVE_TEXTS = 16;
/** Files change in bursts: a checkout, or an editor that writes a new file and renames it. */
const BURST_MS = 50;

/** Makes a checker that reads nothing before it is asked about a file. */
export function createChecker(input: CheckerInput): Checker {
  const { parser, home, root } = input;
  const listeners: (() => void)[] = [];
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const log = input.log ?? (() => {});
  const texts = createTextReader(parser);
  const indexes = new Map<string, { readonly index: RepositoryIndex; readonly knowledge: () => Knowledge }>();
  let installed: InstalledOffers | undefined;
  let readingInstalled: Promise<void> | undefined;
  const pkgcheck = input.scan && createPkgcheckFindings(input.scan, changed, log);

  const readInstalled = async (): Promise<void> => {
    const { offers, problems } = await readInstalledOffers(root, join(home, 'index'));
    installed = offers;
    for (const problem of problems) log(problem);
    changed();
  };
  const open = (repository: string) => {
    readingInstalled ??= readInstalled();
    let known = indexes.get(repository);
    if (known === undefined) {
      const index = input.openIndex({ repository, root, cacheFolder: join(home, 'index'), parser });
      known = {
        index,
        knowledge: rememberLast(
          () => installed,
          (offers) => composeKnowledge(index, offers, input.incomplete),
        ),
      };
      indexes.set(repository, known);
      void index.ready().then(() => {
        for (const problem of index.problems) log(problem);
        changed();
      });
    }
    return known;
  };

  const pending = new Set<string>();
  let burst: NodeJS.Timeout | undefined;
  const refresh = async (): Promise<void> => {
    burst = undefined;
    const paths = [...pending];
    pending.clear();
    const vdb = join(root, 'var/db/pkg/');
    if (readingInstalled !== undefined && paths.some((path) => path.startsWith(vdb))) {
      readingInstalled = readInstalled();
      await readingInstalled;
    }
    await Promise.all([...indexes.values()].map(({ index }) => index.refresh(paths)));
    changed();
  };

  return {
    check(file, text) {
      const location = locate(file);
      const facts = texts.read(file, text);
      const knowledge = location && open(location.repository).knowledge();
      const ours = checkText(facts, knowledge, location);
      const isComplete = knowledge !== undefined && knowledge.incomplete === undefined;
      const looked = { repositories: isComplete, pkgcheck: pkgcheck?.hasScanned(file, text) === true };
      const rules = location === undefined ? [] : (input.rulesOf?.(file) ?? []);
      let found = ours;
      if (pkgcheck !== undefined && location !== undefined) {
        const predefined = packageVariables(location.category, location.packageAndVersion);
        found = pkgcheck.merge(file, facts, predefined, ours, isComplete);
      }
      return silenceStatic(facts, found, rules, location, looked);
    },
    knowledgeFor(file) {
      const location = locate(file);
      return location && open(location.repository).knowledge();
    },
    async ready(file) {
      const location = locate(file);
      if (location === undefined) return;
      await open(location.repository).index.ready();
      await readingInstalled;
    },
    onChanged: (listener) => void listeners.push(listener),
    fileChanged(path) {
      pending.add(path);
      burst ??= setTimeout(() => void refresh(), BURST_MS);
    },
    saved(file, text) {
      if (locate(file) !== undefined) pkgcheck?.saved(file, text);
    },
    async scan(file, text) {
      await pkgcheck?.scan(file, text);
    },
    async close() {
      clearTimeout(burst);
      listeners.length = 0;
      for (const { index } of indexes.values()) index.close();
      texts.close();
      await pkgcheck?.close();
      await readingInstalled;
    },
  };
}

/** Where an ebuild is; undefined for a text that is in no repository yet. */
function locate(file: string): EbuildLocation | undefined {
  try {
    return locateEbuild(file);
  } catch {
    return undefined;
  }
}

/** Makes a value again only when what it is made of has changed. */
function rememberLast<Part, Whole>(part: () => Part, make: (part: Part) => Whole): () => Whole {
  let last: { readonly part: Part; readonly whole: Whole } | undefined;
  return () => {
    const now = part();
    if (last === undefined || last.part !== now) last = { part: now, whole: make(now) };
    return last.whole;
  };
}

/** Reads texts; one that is read a second time is being edited, and from then on only what changed is parsed. */
function createTextReader(parser: BashParser) {
  const once = new Set<string>();
  const live = new Map<string, LiveText>();
  return {
    read(file: string, text: string): EbuildFacts {
      if (!once.has(file)) {
        once.add(file);
        return outlineEbuild(text, parser);
      }
      const known = live.get(file) ?? createLiveText(parser);
      // The Map keeps the order of insertion: its first entry is the one that was not read for longest.
      live.delete(file);
      live.set(file, known);
      const [oldest] = live.size > MOST_LIVE_TEXTS ? live : [];
      if (oldest !== undefined) {
        oldest[1].close();
        live.delete(oldest[0]);
      }
      return known.read(text);
    },
    close(): void {
      for (const text of live.values()) text.close();
      live.clear();
    },
  };
}
