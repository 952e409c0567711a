/** The options of every command that runs trials. */
import { type Command, Option } from 'commander';
import { LIMIT_NAMES } from '../sandbox/limits.ts';
import type { RequestedStates } from '../trial/trial.ts';
import { readCount, readStates } from './options.ts';
import { addTrustOptions, type TrustFlags } from './record-arguments.ts';
import { addRemoteOptions, type RemoteFlags } from './remote-arguments.ts';
import { addWorldOptions, type WorldFlags } from './world-options.ts';

export interface BuildFlags extends WorldFlags, TrustFlags, RemoteFlags {
  readonly fresh?: true;
  readonly quick?: true;
  readonly tests?: true;
  readonly useMatrix?: RequestedStates;
  readonly jobs: number;
}

/** Adds the options that {@link BuildFlags} has. @param fresh what `--fresh` does */
export function addBuildOptions(command: Command, fresh: string): Command {
  addTrustOptions(command)
    .option('--fresh', fresh)
    .option('--quick', 'find only what the build needs, without builds for comparison')
    .option('--tests', 'run src_test unless RESTRICT forbids it, with the USE flag test if IUSE has it')
    .addOption(
      new Option(
        '--use-matrix [states]',
        'also build with all USE flags off and with each flag alone on; "=pairwise": also with each pair of flags on; "=ssl,png": only with these flags',
      ).argParser(readStates),
    )
    .option('--jobs <number>', 'number of trials that run at the same time', readCount(1), 1);
  return addWorldOptions(addRemoteOptions(command), {
    root: 'the Gentoo system to build in',
    packageManager: 'the package manager that runs the phases',
    buildJobs: 'number of parallel jobs in one build; 0: one per processor, shared among the trials',
    limit: `limit for a trial (repeatable); names: ${LIMIT_NAMES.join(', ')}`,
  });
}
