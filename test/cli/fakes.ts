import picocolors from 'picocolors';
import type { Finding, Verdict } from '../../server/src/audit/finding.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import type { TrialCommandOptions, TrialCommandWorld } from '../../server/src/cli/trial-command.ts';
import type { Evidence } from '../../server/src/trace/evidence.ts';
import type { TrialProgress, TrialRequest } from '../../server/src/trial/trial.ts';
import { makeRecord } from '../support/trial-record.ts';

export const colors = picocolors.createColors(false);
/** The time of the command's clock. */
export const NOW = Date.UTC(2026, 0, 1);
export const PATH = '/repo/media-gfx/foo/foo-1.ebuild';

export const EVIDENCE: Evidence = {
  phase: 'compile',
  program: '/usr/libexec/cc1',
  chain: ['src_compile', 'emake', 'make', 'cc1'],
  operation: 'read',
  path: '/usr/include/png.h',
  result: 'denied',
  count: 2,
};

/** Reports each atom of `wanted` that is not in the text; the fix inserts it before the closing quote. */
export function judgeFor(wanted: readonly string[], fixable = true) {
  return (record: TrialRecord, text: string): Verdict => {
    const at = text.indexOf('DEPEND="');
    const insert = at + 'DEPEND="'.length;
    const findings = wanted
      .filter((atom) => !text.includes(atom))
      .map(
        (atom): Finding => ({
          code: 'missing-depend',
          severity: 'error',
          message: `${atom} is missing.`,
          range: { start: at, end: insert },
          evidence: [EVIDENCE],
          about: [],
          ...(fixable
            ? {
                fix: {
                  title: `Add ${atom} to DEPEND`,
                  edits: [{ start: insert, end: insert, newText: `\n\t${atom}` }],
                },
              }
            : {}),
        }),
      );
    const isBuilt = text === record.text;
    return { findings, state: isBuilt ? 'verified' : 'not-verified', isBuilt };
  };
}

export interface Bench {
  readonly world: TrialCommandWorld;
  readonly files: Map<string, string>;
  readonly printed: string[];
  /** The sentences on standard error. */
  readonly complaints: string[];
  readonly progress: string[];
  /** The requests to the runner, in order. */
  readonly requests: TrialRequest[];
  /** The texts that were built, in order. */
  readonly built: string[];
}

export interface BenchOptions {
  readonly text: string;
  readonly judge: TrialCommandWorld['judge'];
  /** The result of each trial. */
  readonly records?: readonly Partial<TrialRecord>[];
  readonly reports?: readonly TrialProgress[];
  readonly isTTY?: boolean;
  readonly columns?: number;
  /** Called while a trial runs. */
  during?(files: Map<string, string>): void;
}

export function openBench(options: BenchOptions): Bench {
  const files = new Map([[PATH, options.text]]);
  const printed: string[] = [];
  const complaints: string[] = [];
  const progress: string[] = [];
  const built: string[] = [];
  const requests: TrialRequest[] = [];
  return {
    files,
    printed,
    complaints,
    progress,
    built,
    requests,
    world: {
      runner: {
        async run(request, listener, signal) {
          const { text } = request;
          requests.push(request);
          signal?.throwIfAborted();
          for (const progress of options.reports ?? []) listener.progress(progress);
          options.during?.(files);
          const record = makeRecord(text, options.records?.[built.length]);
          built.push(text);
          listener.record(record);
          return record;
        },
        recall: async () => undefined,
      },
      judge: options.judge,
      readFile: async (path) => files.get(path) ?? '',
      writeFile: async (path, text) => void files.set(path, text),
      print: (text) => void printed.push(text),
      complain: (sentence) => void complaints.push(sentence),
      now: () => NOW,
      progress: {
        isTTY: options.isTTY ?? false,
        columns: options.columns ?? 80,
        write: (text) => void progress.push(text),
      },
      colors,
    },
  };
}

export const command = (more: Partial<TrialCommandOptions> = {}): TrialCommandOptions => ({
  files: [{ file: 'foo-1.ebuild', path: PATH }],
  jobs: 1,
  fresh: false,
  quick: false,
  tests: false,
  states: {},
  fix: false,
  verify: false,
  why: false,
  probes: false,
  format: 'text',
  ...more,
});
