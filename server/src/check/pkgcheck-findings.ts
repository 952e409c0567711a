import type { Finding } from '../audit/finding.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Predefined } from '../ebuild/package-variables.ts';
import {
  mergePkgcheck,
  needsWholeRepositories,
  type PkgcheckOutput,
  type PkgcheckResult,
  toFindings,
} from './pkgcheck-result.ts';

/** Scans a text; rejects with one sentence when it cannot. */
export type Scan = (file: string, text: string, signal: AbortSignal) => Promise<PkgcheckOutput>;

/** What pkgcheck has said about texts that were saved. */
export interface PkgcheckFindings {
  /**
   * Scans a text when those before it have been scanned. A text for which there is a newer one is passed over, and its scan is ended.
   *
   * Rejects with one sentence when it cannot be scanned; then nothing of an earlier scan of the file is left.
   */
  scan(file: string, text: string): Promise<void>;
  /** The same in the background; why it could not be done goes to the log. */
  saved(file: string, text: string): void;
  /** Whether the last scan of the file was of this text. */
  hasScanned(file: string, text: string): boolean;
  /**
   * Our findings with those of pkgcheck's last scan of the file that still hold for this text.
   *
   * @param complete whether all repositories are known; otherwise nothing is called unknown
   */
  merge(
    file: string,
    facts: EbuildFacts,
    predefined: Predefined,
    ours: readonly Finding[],
    complete: boolean,
  ): readonly Finding[];
  /** Stops what is being scanned; resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * @param onChanged told when a scan has ended
 * @param log told once each why a scan in the background could not be made, and that lines of its output were damaged
 */
export function createPkgcheckFindings(
  scan: Scan,
  onChanged: () => void,
  log: (sentence: string) => void,
): PkgcheckFindings {
  const scanned = new Map<string, { readonly text: string; readonly results: readonly PkgcheckResult[] }>();
  /** The newest text of each file that waits. */
  const waiting = new Map<string, string>();
  const reported = new Set<string>();
  const stopped = new AbortController();
  let last: Promise<void> = Promise.resolve();
  let running: { readonly file: string; readonly outdated: AbortController } | undefined;

  const tell = (sentence: string): void => {
    if (reported.has(sentence)) return;
    reported.add(sentence);
    log(sentence);
  };
  const scanNow = async (file: string, text: string): Promise<void> => {
    if (stopped.signal.aborted || waiting.get(file) !== text) return;
    waiting.delete(file);
    const outdated = new AbortController();
    const signal = AbortSignal.any([stopped.signal, outdated.signal]);
    running = { file, outdated };
    try {
      const { results, damaged } = await scan(file, text, signal);
      if (damaged > 0) tell('Some results of pkgcheck could not be read and were left out.');
      scanned.set(file, { text, results });
    } catch (error) {
      if (signal.aborted) return;
      scanned.delete(file);
      throw error;
    } finally {
      running = undefined;
      onChanged();
    }
  };
  const scanInTurn = (file: string, text: string): Promise<void> => {
    waiting.set(file, text);
    // In a large repository a scan takes half a minute.
    if (running?.file === file) running.outdated.abort();
    const turn = last.then(() => scanNow(file, text));
    last = turn.catch(() => {});
    return turn;
  };
  return {
    scan: scanInTurn,
    hasScanned: (file, text) => scanned.get(file)?.text === text,
    saved(file, text) {
      scanInTurn(file, text).catch((error: Error) => tell(error.message));
    },
    merge(file, facts, predefined, ours, complete) {
      const known = scanned.get(file);
      if (known === undefined) return ours;
      const credible = known.results.filter((result) => complete || !needsWholeRepositories(result));
      const results = moveLines(credible, known.text.split('\n'), facts.text.split('\n'));
      return mergePkgcheck(ours, toFindings(results, facts, predefined), facts);
    },
    async close() {
      stopped.abort();
      await last;
    },
  };
}

/**
 * Takes results about lines to where the lines are now. A line is looked for by its text, the nearest first; a result whose line was
 * changed is left out, because it may have been fixed.
 */
function moveLines(
  results: readonly PkgcheckResult[],
  before: readonly string[],
  after: readonly string[],
): PkgcheckResult[] {
  return results.flatMap((result) => {
    if (result.lines.length === 0) return [result];
    const lines = result.lines.flatMap((line) => nearestEqual(before[line - 1], line - 1, after) ?? []);
    return lines.length === 0 ? [] : [{ ...result, lines: [...new Set(lines)] }];
  });
}

/** @returns counted from 1 */
function nearestEqual(text: string | undefined, index: number, lines: readonly string[]): number | undefined {
  for (let distance = 0; distance <= lines.length; distance++) {
    if (lines[index + distance] === text) return index + distance + 1;
    if (lines[index - distance] === text) return index - distance + 1;
  }
  return undefined;
}
