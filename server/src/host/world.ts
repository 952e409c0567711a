import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { PackageManager } from '../package-manager/port.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';

/** Everything outside of the program that a trial uses. */
export interface TrialWorld {
  readonly rootPath: string;
  /** The product's own state folder. */
  readonly home: string;
  readonly packageManager: PackageManager;
  /** Folders of this machine with binary packages, which come before that of the configuration (PKGDIR); absent: none. */
  readonly packageFolders?: readonly string[];
  /** Addresses of servers of binary packages, besides those of the configuration; absent: none. */
  readonly binhosts?: readonly string[];
  /** Enforces the limits that the user has chosen. */
  readonly sandbox: Sandbox;
  /** Whether another user builds than that of this process, as for root. Files must then be readable for others. */
  readonly buildsAsOther: boolean;
  readonly jobs: number;
  /** Limit for snapshots in bytes; 0 if none are kept. */
  readonly snapshotBytes: number;
  /** Limit for the contents of layers in bytes; absent: none. */
  readonly layerBytes?: number;
  /** Reads the text of an ebuild; total. */
  readFacts(text: string): EbuildFacts;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}
