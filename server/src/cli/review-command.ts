import picocolors from 'picocolors';
import type { Colors } from 'picocolors/types';
import { type Review, type ReviewOptions, type ReviewWorld, reviewRange } from '../review/review.ts';
import type { Baseline } from './baseline.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import { demandOutput, writeOutput } from './output-file.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { openReviewReport, type ReviewForm } from './report/review-forms.ts';

const WITHOUT_COLORS = picocolors.createColors(false);

export interface ReviewCommandOptions extends ReviewOptions {
  /** Whether the report has the whole chain of each finding. */
  readonly why: boolean;
  readonly format: ReviewForm;
  /** The reports that are also written to files. */
  readonly reports: readonly ReportFile[];
}

/** A report in a form, and the file that it is written to. */
export interface ReportFile {
  readonly form: ReviewForm;
  readonly path: string;
}

export interface ReviewCommandWorld extends Omit<ReviewWorld, 'watch'> {
  print(text: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
  /** The page of a finding's code in Markdown; undefined if there is none. */
  readPage(code: string): string | undefined;
  /** The known findings that are not reported as new; absent without one. */
  readonly baseline?: Pick<Baseline, 'applyTo'> | undefined;
  /** Whether the repositories of all ebuilds that were reviewed are known completely. */
  isComplete(): boolean;
}

/**
 * Reviews a range of commits and reports it; see {@link reviewRange}.
 *
 * @param signal cancels the review; its reason is thrown
 * @returns the exit code: `FINDINGS` for a new error or warning, `COULD_NOT_RUN` if there is none and an ebuild could not be judged
 */
export async function runReviewCommand(
  options: ReviewCommandOptions,
  world: ReviewCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  for (const { path } of options.reports) demandOutput(path);
  const board = createProgressBoard(world.progress);
  const found = await reviewRange(options, { ...world, watch: (title) => board.open(title) }, signal);
  board.clear();
  const { print, colors, readPage, baseline } = world;
  const review = baseline?.applyTo(found, world.git.top, world.isComplete()) ?? found;
  openReviewReport(options.format, { print, colors, readPage, why: options.why }).reviewed(review);
  for (const { form, path } of options.reports) {
    const lines: string[] = [];
    const setting = {
      print: (text: string) => void lines.push(text),
      colors: WITHOUT_COLORS,
      readPage,
      why: options.why,
    };
    openReviewReport(form, setting).reviewed(review);
    writeOutput(path, `${lines.join('\n')}\n`);
  }
  return statusOf(review);
}

function statusOf({ ebuilds }: Review): number {
  if (ebuilds.some(({ added }) => hasFault(added))) return FINDINGS;
  return ebuilds.every(({ isJudged }) => isJudged) ? CLEAN : COULD_NOT_RUN;
}
