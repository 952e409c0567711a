import type { Finding } from '../audit/finding.ts';
import type { EbuildFacts } from '../ebuild/facts.ts';
import type { Predefined } from '../ebuild/package-variables.ts';
import { mergePkgcheck, type PkgcheckOutput, type PkgcheckResult, toFindings } from './pkgcheck-result.ts';

/** Scans a text; rejects with one sentence when it cannot. */
export type Scan = (file: string, text: string, signal: AbortSignal) => Promise<PkgcheckOutput>;

/** What pkgcheck has said about texts that were saved. */
export interface PkgcheckFindings {
  /** Scans a text in the background, one at a time; of several texts of one file the newest wins. */
  saved(file: string, text: string): void;
  /** Our findings with those of pkgcheck's last scan of the file that still hold for this text. */
  merge(
    file: string,
    facts: EbuildFacts,
    predefined: Predefined,
    ours: readonly Finding[],
  ): readonly Finding[];
  /** Stops what is being scanned; resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * @param onChanged told when a scan has ended
 * @param log told once each why a scan could not be made, and that lines of its output were damaged
 */
export function createPkgcheckFindings(
  scan: Scan,
  onChanged: () => void,
  log: (sentence: string) => void,
): PkgcheckFindings {
  const scanned = new Map<
    string,
    { readonly lines: readonly string[]; readonly results: readonly PkgcheckResult[] }
  >();
  const waiting = new Map<string, string>();
  const told = new Set<string>();
  const stopped = new AbortController();
  let work: Promise<void> | undefined;

  const tell = (sentence: string): void => {
    if (told.has(sentence)) return;
    told.add(sentence);
    log(sentence);
  };
  const scanWaiting = async (): Promise<void> => {
    for (const [file, text] of waiting) {
      if (stopped.signal.aborted) return;
      waiting.delete(file);
      try {
        const { results, damaged } = await scan(file, text, stopped.signal);
        if (damaged > 0) tell('pkgcheck printed results that cannot be read; they are left out.');
        scanned.set(file, { lines: text.split('\n'), results });
      } catch (error) {
        scanned.delete(file);
        if (!stopped.signal.aborted) tell((error as Error).message);
      }
      onChanged();
    }
  };
  return {
    saved(file, text) {
      waiting.delete(file);
      waiting.set(file, text);
      work ??= scanWaiting().finally(() => {
        work = undefined;
      });
    },
    merge(file, facts, predefined, ours) {
      const known = scanned.get(file);
      if (known === undefined) return ours;
      const results = moveLines(known.results, known.lines, facts.text.split('\n'));
      return mergePkgcheck(ours, toFindings(results, facts, predefined), facts);
    },
    async close() {
      stopped.abort();
      await work;
    },
  };
}

/**
 * Takes results about lines to where the lines are now. A line is looked for by its text, the nearest first; a result whose line was
 * changed is left out, because it may have been mended.
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
