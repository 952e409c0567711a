import type { BashParser } from '../ebuild/bash-parser.ts';

/** What the process gives to a command. */
export interface CommandSetting {
  readParser(): Promise<BashParser>;
  /** The folder with the bundle of the command line. */
  readonly product: string;
  readonly interrupted: AbortSignal;
  complain(sentence: string): void;
  /** Milliseconds since the epoch. */
  date(): number;
}
