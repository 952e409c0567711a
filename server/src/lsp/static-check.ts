import { checkText } from '../audit/check.ts';
import type { Finding } from '../audit/finding.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import { silenceStatic } from '../audit/silencing/silence-static.ts';
import type { Checker } from '../check/checker.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { readEclassDocumentation } from '../ebuild/eclass-documentation.ts';
import { type Limit, limitFrom } from '../errors/limit.ts';
import type { LanguageSubject } from '../language/subject.ts';
import type { Client } from './client.ts';
import { toEbuildFile, toEbuildPath, toEclassName, toPath } from './from-protocol.ts';
import { findUnknownSettings, readSettings, type Settings } from './settings.ts';

const UNSAVED = 'The ebuild is not checked.';

/** The findings that need neither a root nor a repository. */
function checkTextAlone(facts: EbuildFacts): readonly Finding[] {
  const looked = { repositories: false, pkgcheck: false };
  return silenceStatic(facts, checkText(facts, undefined, undefined), [], undefined, looked).findings;
}

/** What is not run because nobody has said that the workspace is trusted. */
function trustLimits(client: Client, wantsPkgcheck: boolean): readonly Limit[] {
  if (client.isDistrusted())
    return [
      {
        kind: 'untrusted',
        text: 'Trials and pkgcheck are not run, because they run code of the ebuild and this workspace is not trusted',
        remedy: 'trust the workspace',
        mend: { kind: 'trust' },
      },
    ];
  if (client.isTrusted() || !wantsPkgcheck) return [];
  return [
    {
      kind: 'untrusted',
      text: 'The findings of pkgcheck are missing, because it runs code of the ebuild and the editor does not say that the workspace is trusted',
      remedy: 'send "trusted": true in initializationOptions, or set ebuildAudit.pkgcheck to off',
      mend: { kind: 'setting', name: 'pkgcheck' },
    },
  ];
}

/**
 * Makes a checker of these settings.
 *
 * @param wait called with a sentence before work that takes minutes
 */
export type CreateChecker = (
  settings: Settings,
  trusted: boolean,
  wait: (sentence: string) => void,
) => Checker | Promise<Checker>;

/** Finds the findings that need no trial. The checker is created with the current settings when the first ebuild is checked. */
export interface StaticCheck {
  /** The findings of a document: none if it is not an ebuild or the settings are not known yet. Total. */
  check(uri: string, facts: EbuildFacts): readonly Finding[];
  /** Handles that a document was opened: the checker is created with its settings, if there is none yet. */
  begin(uri: string): void;
  /** What is known of the surroundings of an ebuild or another file of a repository; undefined outside a repository. */
  knowledgeFor(uri: string): Knowledge | undefined;
  /** An ebuild or an eclass with what is known of its surroundings. */
  subjectOf(uri: string, facts: EbuildFacts): LanguageSubject;
  /** Every reason why something about a document is not checked, or not tried. Total. */
  limits(uri: string): readonly Limit[];
  fileChanged(uri: string): void;
  saved(uri: string, text: string): void;
  stop(): Promise<void>;
}

function makeSubject(
  uri: string,
  facts: EbuildFacts,
  knowledge: Knowledge | undefined,
  checker: Checker | undefined,
): LanguageSubject {
  const name = toEclassName(uri);
  if (name === undefined) {
    const file = toEbuildPath(uri);
    return { facts, knowledge, identity: file === undefined ? undefined : checker?.identify(file) };
  }
  const inherits = facts.inherits.map((inherit) => inherit.name);
  const eclass = { name, documentation: readEclassDocumentation(facts.text, inherits) };
  return { facts, knowledge, identity: undefined, eclass };
}

/** The checker of the current settings, and what is wrong with these. */
interface CurrentChecker {
  checker(): Checker | undefined;
  wrong(): readonly Limit[];
  wantsPkgcheck(): boolean;
  /** Makes the checker if the settings or the trust have changed. If the new settings are invalid, the previous one remains. Never rejects. */
  make(uri: string): Promise<void>;
  stop(): Promise<void>;
}

function createCurrentChecker(
  client: Client,
  createChecker: CreateChecker,
  changed: () => void,
): CurrentChecker {
  let checker: Checker | undefined;
  /** The settings and the trust with which the checker was created. */
  let madeWith: string | undefined;
  let wantsPkgcheck = false;
  let wrong: readonly Limit[] = [];
  let making: Promise<void> = Promise.resolve();
  /** Whether the checker comes after minutes of work, which end with this process. */
  let takesLong = false;
  let stopped = false;

  function wait(sentence: string): void {
    takesLong = true;
    client.log(sentence);
    wrong = [limitFrom('reading', 'Only the text of the ebuild is checked so far.', { message: sentence })];
    changed();
  }

  async function make(uri: string): Promise<void> {
    let unknown: readonly Limit[] = [];
    try {
      const section = await client.settings(uri);
      unknown = findUnknownSettings(section);
      const settings = readSettings(section);
      const trusted = client.isTrusted();
      const wanted = JSON.stringify([settings, trusted]);
      if (stopped) return;
      wrong = unknown;
      wantsPkgcheck = settings.pkgcheck === 'auto';
      if (wanted === madeWith) return changed();
      const before = checker;
      const made = await createChecker(settings, trusted, wait);
      if (stopped) return await made.close();
      wrong = unknown;
      checker = made;
      madeWith = wanted;
      checker.onChanged(changed);
      changed();
      await before?.close();
    } catch (error) {
      client.log(error instanceof Error ? error.message : String(error));
      if (stopped || !(error instanceof Error)) return;
      const effect =
        checker === undefined
          ? 'Only the text of the ebuild is checked.'
          : 'The settings before it still apply.';
      wrong = [limitFrom('setting', effect, error), ...unknown];
      changed();
    } finally {
      takesLong = false;
    }
  }

  return {
    checker: () => checker,
    wrong: () => wrong,
    wantsPkgcheck: () => wantsPkgcheck,
    make(uri) {
      making = making.then(() => make(uri));
      return making;
    },
    async stop() {
      stopped = true;
      if (!takesLong) await making;
      await checker?.close();
    },
  };
}

/**
 * @param createChecker called again if the settings change, and when the workspace becomes trusted
 * @param changed called when the findings for the same text, or the limits, may have changed
 */
export function createStaticCheck(
  client: Client,
  createChecker: CreateChecker,
  changed: () => void,
): StaticCheck {
  const current = createCurrentChecker(client, createChecker, changed);
  /** The ebuild whose settings apply. */
  let first: string | undefined;

  function begin(uri: string): void {
    if (first !== undefined) return;
    first = uri;
    void current.make(uri);
  }
  function knowledgeFor(uri: string): Knowledge | undefined {
    const file = toEbuildPath(uri) ?? toPath(uri);
    return file === undefined ? undefined : current.checker()?.knowledgeFor(file);
  }

  client.onConfigurationChanged(() => {
    if (first !== undefined) void current.make(first);
  });

  return {
    check(uri, facts) {
      const file = toEbuildPath(uri);
      // A new text has no repository yet, and what is wrong in the text alone is wrong in each.
      if (file === undefined) return uri.startsWith('untitled:') ? checkTextAlone(facts) : [];
      begin(uri);
      const checker = current.checker();
      if (checker !== undefined) return checker.check(file, facts).findings;
      return current.wrong().length > 0 ? checkTextAlone(facts) : [];
    },
    begin,
    knowledgeFor,
    subjectOf: (uri, facts) => makeSubject(uri, facts, knowledgeFor(uri), current.checker()),
    limits(uri) {
      const target = toEbuildFile(uri);
      if ('problem' in target) return [limitFrom('no-repository', UNSAVED, { message: target.problem })];
      return [
        ...current.wrong(),
        ...(first === undefined ? [] : trustLimits(client, current.wantsPkgcheck())),
        ...(current.checker()?.limits(target.file) ?? []),
      ];
    },
    fileChanged(uri) {
      const path = toPath(uri);
      if (path !== undefined) current.checker()?.fileChanged(path);
    },
    saved(uri, text) {
      const file = toEbuildPath(uri);
      if (file !== undefined) current.checker()?.saved(file, text);
    },
    stop: current.stop,
  };
}
