import type { Finding } from '../audit/finding.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import type { Checker } from '../check/checker.ts';
import type { Client } from './client.ts';
import { toEbuildFile, toPath } from './from-protocol.ts';
import { readSettings, type Settings } from './settings.ts';

/** The findings that need no trial, for documents; made for the first ebuild that is opened, with the settings that hold then. */
export interface StaticCheck {
  /** Empty for what is no ebuild, and until the settings are known; total. */
  check(uri: string, text: string): readonly Finding[];
  knowledgeFor(uri: string): Knowledge | undefined;
  fileChanged(uri: string): void;
  saved(uri: string, text: string): void;
  stop(): Promise<void>;
}

/**
 * @param createChecker called again for other settings, and when the workspace has become trusted
 * @param changed told whenever other findings may come for the same text
 */
export function createStaticCheck(
  client: Client,
  createChecker: (settings: Settings, trusted: boolean) => Checker,
  changed: () => void,
): StaticCheck {
  let checker: Checker | undefined;
  /** What the checker was made with. */
  let madeWith: string | undefined;
  /** The ebuild that the settings are asked for. */
  let first: string | undefined;
  let making: Promise<void> = Promise.resolve();
  let stopped = false;

  /** Where no checker can be made with the new settings, the one before goes on. */
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

  const fileOf = (uri: string): string | undefined => {
    const target = toEbuildFile(uri);
    return 'file' in target ? target.file : undefined;
  };

  return {
    check(uri, text) {
      const file = fileOf(uri);
      if (file === undefined) return [];
      if (first === undefined) {
        first = uri;
        making = make(uri);
      }
      return checker?.check(file, text).findings ?? [];
    },
    knowledgeFor(uri) {
      const file = fileOf(uri);
      return file === undefined ? undefined : checker?.knowledgeFor(file);
    },
    fileChanged(uri) {
      const path = toPath(uri);
      if (path !== undefined) checker?.fileChanged(path);
    },
    saved(uri, text) {
      const file = fileOf(uri);
      if (file !== undefined) checker?.saved(file, text);
    },
    async stop() {
      stopped = true;
      await making;
      await checker?.close();
    },
  };
}
