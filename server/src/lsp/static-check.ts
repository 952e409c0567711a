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

/**
 * @param createChecker called again if the settings change, and when the workspace becomes trusted
 * @param changed called when the findings for the same text, or the limits, may have changed
 */
export function createStaticCheck(
  client: Client,
  createChecker: (settings: Settings, trusted: boolean) => Checker,
  changed: () => void,
): StaticCheck {
  let checker: Checker | undefined;
  /** The settings and the trust with which the checker was created. */
  let madeWith: string | undefined;
  let wantsPkgcheck = false;
  /** What is wrong with the settings. */
  let wrong: readonly Limit[] = [];
  /** The ebuild whose settings apply. */
  let first: string | undefined;
  let making: Promise<void> = Promise.resolve();
  let stopped = false;

  /** Creates the checker. If the new settings are invalid, the previous checker remains. */
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
      checker = createChecker(settings, trusted);
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
    }
  }

  function begin(uri: string): void {
    if (first !== undefined) return;
    first = uri;
    making = make(uri);
  }
  function knowledgeFor(uri: string): Knowledge | undefined {
    const file = toEbuildPath(uri) ?? toPath(uri);
    return file === undefined ? undefined : checker?.knowledgeFor(file);
  }

  client.onConfigurationChanged(() => {
    const uri = first;
    if (uri !== undefined) making = making.then(() => make(uri));
  });

  return {
    check(uri, facts) {
      const file = toEbuildPath(uri);
      // A new text has no repository yet, and what is wrong in the text alone is wrong in each.
      if (file === undefined) return uri.startsWith('untitled:') ? checkTextAlone(facts) : [];
      begin(uri);
      if (checker !== undefined) return checker.check(file, facts).findings;
      return wrong.length > 0 ? checkTextAlone(facts) : [];
    },
    begin,
    knowledgeFor,
    subjectOf: (uri, facts) => makeSubject(uri, facts, knowledgeFor(uri), checker),
    limits(uri) {
      const target = toEbuildFile(uri);
      if ('problem' in target) return [limitFrom('no-repository', UNSAVED, { message: target.problem })];
      return [
        ...wrong,
        ...(first === undefined ? [] : trustLimits(client, wantsPkgcheck)),
        ...(checker?.limits(target.file) ?? []),
      ];
    },
    fileChanged(uri) {
      const path = toPath(uri);
      if (path !== undefined) checker?.fileChanged(path);
    },
    saved(uri, text) {
      const file = toEbuildPath(uri);
      if (file !== undefined) checker?.saved(file, text);
    },
    async stop() {
      stopped = true;
      await making;
      await checker?.close();
    },
  };
}
