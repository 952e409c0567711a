import { createHash } from 'node:crypto';
import type { Observations } from '../steps/observations.ts';
import type { Touched } from '../steps/touched.ts';

/** Raised when a snapshot has another form or the trial observes something else. */
const FORMAT = 1;

/** What is known of a snapshot besides its files. */
export interface Manifest {
  readonly observations: Observations;
  readonly touched: Touched;
  /** Of the view that the step ran in, see `fingerprintTouched`. */
  readonly fingerprint: string;
  /** What the files take on disk. */
  readonly bytes: number;
  /** How many files and folders there are. */
  readonly files: number;
  /** The boot in which it was made (`/proc/sys/kernel/random/boot_id`): after another one the files may not all have reached the disk. */
  readonly boot: string;
}

const FIRST_LINE = /^ebuild-audit snapshot (\d+) ([0-9a-f]{64})\n/;

/** The text of a manifest: a line with the form and the SHA-256 of the rest, then JSON. */
export function printManifest(manifest: Manifest): string {
  const body = JSON.stringify(manifest);
  return `ebuild-audit snapshot ${FORMAT} ${digestOf(body)}\n${body}`;
}

/** Reads what {@link printManifest} made; undefined when it is anything else. Total. */
export function parseManifest(text: string): Manifest | undefined {
  const [line = '', format, digest] = FIRST_LINE.exec(text) ?? [];
  const body = text.slice(line.length);
  if (format !== String(FORMAT) || digestOf(body) !== digest) return undefined;
  return JSON.parse(body) as Manifest;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
