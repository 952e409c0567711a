import type { Finding } from '../audit/finding.ts';
import type { Checker } from '../check/checker.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { LanguageSubject } from '../language/subject.ts';
import type { Client } from './client.ts';
import { toEbuildPath, toPath } from './from-protocol.ts';
import { readSettings, type Settings } from './settings.ts';

/** Finds the findings that need no trial. The checker is created with the current settings when the first ebuild is checked. */
export interface StaticCheck {
  /** The findings of a document: none if it is not an ebuild or the settings are not known yet. Total. */
  check(uri: string, facts: EbuildFacts): readonly Finding[];
  /** An ebuild with what is known of its surroundings. */
  subjectOf(uri: string, facts: EbuildFacts): LanguageSubject;
  fileChanged(uri: string): void;
  saved(uri: string, text: string): void;
  stop(): Promise<void>;
}

/**
 * @param createChecker called again if the settings change, and when the workspace becomes trusted
 * @param changed called when the findings for the same text may have changed
 */
export function createStaticCheck(
  client: Client,
  createChecker: (settings: Settings, trusted: boolean) => Checker,
  changed: () => void,
): StaticCheck {
  let checker: Checker | undefined;
  /** The settings and the trust with which the checker was created. */
  let madeWith: string | undefined;
  /** The ebuild whose settings apply. */
  let first: string | undefined;
  let making: Promise<void> = Promise.resolve();
  let stopped = false;

  /** Creates the checker. If the new settings are invalid, the previous checker remains. */
  async function make(uri: string): Promise<void> {
    try {
      const settings = readSettings(await client.settings(uri));
      const trusted = client.isTrusted();
      const wanted = JSON.stringify([settings, trusted]);
      if (stopped || wanted === madeWith) return;
      const before = checker;
      checker = createChecker(settings, trusted);
      madeWith = wanted;
      checker.onChanged(changed);
      changed();
      await before?.close();
    } catch (error) {
      client.log(error instanceof Error ? error.message : String(error));
    }
  }

  client.onConfigurationChanged(() => {
    const uri = first;
    if (uri !== undefined) making = making.then(() => make(uri));
  });

  return {
    check(uri, facts) {
      const file = toEbuildPath(uri);
      if (file === undefined) return [];
      if (first === undefined) {
        first = uri;
        making = make(uri);
      }
      return checker?.check(file, facts).findings ?? [];
    },
    subjectOf(uri, facts) {
      const file = toEbuildPath(uri);
      if (file === undefined) return { facts, knowledge: undefined, identity: undefined };
      return { facts, knowledge: checker?.knowledgeFor(file), identity: checker?.identify(file) };
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
