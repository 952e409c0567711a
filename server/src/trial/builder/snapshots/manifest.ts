import { seal, unseal } from '../../../host/sealed-value.ts';
import type { Footprint } from '../steps/footprint.ts';
import type { StepObservations } from '../steps/observations.ts';

/** Raised when a snapshot has another form or the trial observes something else. */
const FORMAT = 4;

/** What is known of a snapshot besides its files. */
export interface Manifest {
  readonly observations: StepObservations;
  readonly footprint: Footprint;
  /** Of the view that the step ran in, see `fingerprintOf`. */
  readonly fingerprint: string;
  /** What the files take on disk. */
  readonly bytes: number;
  /** How many files and folders there are. */
  readonly files: number;
  /** The boot in which it was made (`/proc/sys/kernel/random/boot_id`): after another one the files may not all have reached the disk. */
  readonly boot: string;
}

/** The bytes of a manifest's file. */
export function encodeManifest(manifest: Manifest): Buffer {
  return seal('snapshot', FORMAT, manifest);
}

/** Reads what {@link encodeManifest} made; undefined when it is anything else. Total. */
export function decodeManifest(bytes: Buffer): Manifest | undefined {
  const read = unseal('snapshot', FORMAT, bytes);
  return read.kind === 'whole' ? (read.value as Manifest) : undefined;
}
