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

/** Scans a text; rejects with one sentence if it cannot. */
export type Scan = (file: string, text: string, signal: AbortSignal) => Promise<PkgcheckOutput>;

/** The findings of pkgcheck about saved texts. */
export interface PkgcheckFindings {
  /**
   * Scans a text after those before it. If a newer text of the file is saved, the older one is skipped and its scan
   * is stopped.
   *
   * Rejects with one sentence if it cannot be scanned; the results of an earlier scan of the file are then removed.
   */
  scan(file: string, text: string): Promise<void>;
  /** Scans in the background; if that fails, the reason goes to the log. */
  saved(file: string, text: string): void;
  /** Why the last scan of the file failed; undefined if it has not. */
  failure(file: string): Error | undefined;
  /** Whether the last scan of the file was of this text. */
  hasScanned(file: string, text: string): boolean;
  /**
   * Merges our findings with those of pkgcheck's last scan of the file that still hold for this text.
   *
   * @param complete whether all repositories are known; otherwise results that call something unknown are left out
   */
  merge(
    file: string,
    facts: EbuildFacts,
    predefined: Predefined,
    ours: readonly Finding[],
    complete: boolean,
  ): readonly Finding[];
  /** Stops the running scan; resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * @param onChanged called when a scan has ended
 * @param log gets each sentence once: why a scan in the background failed, or that lines of its output were damaged
 */
export function createPkgcheckFindings(
  scan: Scan,
  onChanged: () => void,
  log: (sentence: string) => void,
): PkgcheckFindings {
  const scanned = new Map<string, { readonly text: string; readonly results: readonly PkgcheckResult[] }>();
  /** The newest waiting text of each file. */
  const waiting = new Map<string, string>();
  const failures = new Map<string, Error>();
  const reported = new Set<string>();
  const stopped = new AbortController();
  let last: Promise<void> = Promise.resolve();
  let running: { readonly file: string; readonly outdated: AbortController } | undefined;

  const logOnce = (sentence: string): void => {
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
      if (damaged > 0) logOnce('Some results of pkgcheck could not be read and were left out.');
      scanned.set(file, { text, results });
      failures.delete(file);
    } catch (error) {
      if (signal.aborted) return;
      scanned.delete(file);
      failures.set(file, error as Error);
      throw error;
    } finally {
      running = undefined;
      onChanged();
    }
  };
  const scanInTurn = (file: string, text: string): Promise<void> => {
    waiting.set(file, text);
    // In a large repository, a scan takes half a minute.
    if (running?.file === file) running.outdated.abort();
    const turn = last.then(() => scanNow(file, text));
    last = turn.catch(() => {});
    return turn;
  };
  return {
    scan: scanInTurn,
    failure: (file) => failures.get(file),
    hasScanned: (file, text) => scanned.get(file)?.text === text,
    saved(file, text) {
      scanInTurn(file, text).catch((error: Error) => logOnce(error.message));
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
 * Moves results to the present lines of the text. A line is found by its content, the nearest first. A result whose
 * line was changed is left out, because it may have been fixed.
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
