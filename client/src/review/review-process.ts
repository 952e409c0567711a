import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { listBuildOptions, optionOf, type Settings } from '../command-options.ts';
import type { ReviewReport } from './review-report.ts';

export interface ReviewRequest {
  /** The path of `ebuild-audit.mjs`. */
  readonly program: string;
  /** The top folder of the repository. */
  readonly folder: string;
  /** The commit that the working tree is compared with. */
  readonly commit: string;
  /** The section of the settings. */
  readonly settings: Settings;
  /** Ends the review; its trials are ended with it. */
  readonly signal: AbortSignal;
  onProgress(message: string): void;
}

export interface ReviewOutcome {
  readonly report: ReviewReport;
  /** The report as a page of HTML. */
  readonly page: string;
}

/**
 * Runs `ebuild-audit review` of this extension in a process of its own, which the editor's own Node runs.
 *
 * @returns undefined if it was cancelled
 * @throws Error with the sentence of the command if it could not review
 */
export async function runReview(request: ReviewRequest): Promise<ReviewOutcome | undefined> {
  const { program, folder, commit, settings, signal, onProgress } = request;
  const reports = await mkdtemp(join(tmpdir(), 'ebuild-audit-review-'));
  try {
    const page = join(reports, 'review.html');
    const words = [program, 'review', commit, '--format', 'json', '--report', `html=${page}`];
    const child = spawn(process.execPath, [...words, ...optionsFor(settings)], {
      cwd: folder,
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    const { output, sentences } = await readOutput(child, signal, onProgress);
    if (signal.aborted) return undefined;
    if (output === '') throw new Error(sentences.join(' ') || 'ebuild-audit ended without a report.');
    return { report: JSON.parse(output) as ReviewReport, page: await readFile(page, 'utf8') };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/** How a sentence of the command begins on standard error; the other lines there are progress. */
const SENTENCE = /^ebuild-audit: /;

async function readOutput(
  child: ChildProcessWithoutNullStreams,
  signal: AbortSignal,
  onProgress: (message: string) => void,
): Promise<{ readonly output: string; readonly sentences: readonly string[] }> {
  child.stdin.end();
  const parts: Buffer[] = [];
  const sentences: string[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (SENTENCE.test(line)) sentences.push(line.replace(SENTENCE, ''));
    else onProgress(line);
  });
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve());
    });
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
  return { output: Buffer.concat(parts).toString(), sentences };
}

/** The options of the command that say what the settings say. */
function optionsFor(settings: Settings): string[] {
  return [
    ...listBuildOptions(settings),
    ...optionOf(settings, '--jobs', 'jobs'),
    ...(settings.get<boolean>('quickTrials') ? ['--quick'] : []),
  ];
}
