import { printDuration } from '../page/duration.ts';
import type { SweepProgress } from '../sweep/run-sweep.ts';
import type { ProgressOutput } from './progress-line.ts';

/** The progress of a sweep on standard error. */
export interface SweepProgressLine {
  show(progress: SweepProgress): void;
  /** Erases the line to make room for a sentence. */
  clear(): void;
}

/** Between two lines where nothing can be overwritten, in milliseconds. */
const PAUSE = 60_000;

/**
 * Shows one line that is redrawn on a terminal, and elsewhere a line each minute.
 *
 * @param now milliseconds of a clock that never goes back
 */
export function createSweepLine(output: ProgressOutput, now: () => number): SweepProgressLine {
  let isDrawn = false;
  let last = Number.NEGATIVE_INFINITY;
  return {
    show(progress) {
      const text = describeProgress(progress);
      if (output.isTTY) {
        output.write(`\r\u001b[2K${text.slice(0, Math.max(20, output.columns - 1))}`);
        isDrawn = true;
        return;
      }
      const isLast = progress.isStopping || progress.done === progress.total;
      if (now() - last < PAUSE && !isLast) return;
      last = now();
      output.write(`${text}\n`);
    },
    clear() {
      if (isDrawn) output.write('\r\u001b[2K');
      isDrawn = false;
    },
  };
}

function describeProgress({ done, total, running, again, perHour, left, isStopping }: SweepProgress): string {
  const parts = [`${done} of ${total}`, `${running} running`];
  if (again > 0) parts.push(`${again} to try again`);
  if (perHour !== undefined) parts.push(`${describeRate(perHour)} an hour`);
  if (isStopping) parts.push('stopping');
  else if (done < total) parts.push(`about ${printDuration(left)} left`);
  return `sweep: ${parts.join(', ')}`;
}

const describeRate = (perHour: number) => (perHour < 10 ? perHour.toFixed(1) : String(Math.round(perHour)));
