import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { PackageManager } from '../package-manager/port.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** What a trial reaches the world through. */
export interface TrialWorld {
  readonly root: string;
  /** The product's own state folder. */
  readonly home: string;
  readonly packageManager: PackageManager;
  /** Holds each run to the limits that the user has chosen. */
  readonly sandbox: Sandbox;
  /** Whether the build has another user than this process, as when root starts it; files must then be open to others. */
  readonly buildsAsOther: boolean;
  readonly jobs: number;
  /** How much the snapshots of builds may take, in bytes; 0: none are kept. */
  readonly snapshotBytes: number;
  /** Reads the text of an ebuild; total. */
  readFacts(text: string): EbuildFacts;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}
