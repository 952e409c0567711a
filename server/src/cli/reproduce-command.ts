import type { Colors } from 'picocolors/types';
import type { RunReproduction } from '../trial/reproduction/reproduction-runner.ts';
import { CLEAN, FINDINGS } from './exit-status.ts';
import type { NamedFile } from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { openReport, type ReportForm } from './report/report-forms.ts';

export interface ReproduceCommandOptions {
  readonly named: NamedFile;
  readonly format: ReportForm;
  /** Whether the causes of differences are not looked for. */
  readonly quick: boolean;
}

export interface ReproduceCommandWorld {
  readonly run: RunReproduction;
  readFile(path: string): Promise<string>;
  print(text: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
}

/**
 * Builds an ebuild several times with everything varied in which two machines may differ, and reports what differs; see `reproduce`.
 *
 * @returns the exit code: `CLEAN` if the image is the same byte for byte, else `FINDINGS`
 * @throws the errors of `reproduce` and `readFile`
 */
export async function runReproduceCommand(
  { named, format, quick }: ReproduceCommandOptions,
  world: ReproduceCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const text = await world.readFile(named.path);
  const line = createProgressBoard(world.progress).open('reproduce');
  try {
    const outcome = await world.run(
      { file: named.path, text, quick },
      (progress) => line.show(progress),
      signal,
    );
    line.end();
    openReport(format, world).reproduced({ file: named.file, outcome });
    return outcome.differences.length + outcome.failing.length === 0 ? CLEAN : FINDINGS;
  } finally {
    line.end();
  }
}
