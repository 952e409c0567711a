import type { NamedPaths } from '../../../host/named-paths.ts';
import { seal, unseal } from '../../../host/sealed-value.ts';
import type { Footprint } from '../steps/footprint.ts';
import type { StepObservations } from '../steps/observations.ts';

/** Raise it when the format of snapshots changes, or a trial observes something else. */
const FORMAT = 14;

/** Everything about a snapshot except its files. */
export interface Manifest {
  readonly observations: StepObservations;
  readonly footprint: Footprint;
  /** The fingerprint of the step's view, see `createFingerprint`. */
  readonly fingerprint: string;
  /** The digest of all packages that were installed, see `digestInstalled`. */
  readonly installed: string;
  /** See `RootDigest`. It can only have changed if `installed` has. */
  readonly root: string;
  readonly named: NamedPaths;
  /** The digest of their state, see `readPathState`. */
  readonly state: string;
  /** Size of the files on disk. */
  readonly bytes: number;
  /** Number of files and folders. */
  readonly files: number;
  /** The digest of the state of the files, see `TreeState`. */
  readonly tree: string;
}

/** The bytes of a manifest's file. */
export function encodeManifest(manifest: Manifest): Buffer {
  return seal('snapshot', FORMAT, manifest);
}

/** Reads the bytes that {@link encodeManifest} made; undefined for any others. Total. */
export function decodeManifest(bytes: Buffer): Manifest | undefined {
  const read = unseal('snapshot', FORMAT, bytes);
  return read.kind === 'whole' ? (read.value as Manifest) : undefined;
}
