import type { Finding } from '../audit/finding.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import type { Checker } from '../check/checker.ts';
import type { Client } from './client.ts';
import { toEbuildFile, toPath } from './from-protocol.ts';
import { readSettings } from './settings.ts';

/** The findings that need no trial, for documents; made for the first ebuild that is opened, with the root that is set then. */
export interface StaticCheck {
  /** Empty for what is no ebuild, and until the settings are known; total. */
  check(uri: string, text: string): readonly Finding[];
  knowledgeFor(uri: string): Knowledge | undefined;
  fileChanged(uri: string): void;
  saved(uri: string, text: string): void;
  stop(): Promise<void>;
}

/** @param changed told whenever other findings may come for the same text */
export function createStaticCheck(
  client: Client,
  createChecker: (root: string) => Checker,
  changed: () => void,
): StaticCheck {
  let checker: Checker | undefined;
  let starting: Promise<void> | undefined;
  let stopped = false;

  async function start(uri: string): Promise<void> {
    try {
      const { root } = readSettings(await client.settings(uri));
      if (stopped) return;
      checker = createChecker(root);
      checker.onChanged(changed);
      changed();
    } catch (error) {
      client.log(error instanceof Error ? error.message : String(error));
    }
  }

  const fileOf = (uri: string): string | undefined => {
    const target = toEbuildFile(uri);
    return 'file' in target ? target.file : undefined;
  };

  return {
    check(uri, text) {
      const file = fileOf(uri);
      if (file === undefined) return [];
      starting ??= start(uri);
      return checker?.check(file, text) ?? [];
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
      await starting;
      await checker?.close();
    },
  };
}
