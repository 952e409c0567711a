import { escapeJson } from '../errors/visible-text.ts';
import type { Reason } from '../installed/visible-set.ts';
import type { SeenPackage, SeenView, WrittenView } from '../trial/view/seen-view.ts';
import type { SeeView } from '../trial/view/view-runner.ts';
import { CLEAN } from './exit-status.ts';
import type { NamedFile } from './file-trial.ts';
import type { ProgressOutput } from './progress-line.ts';

export type ViewForm = 'human' | 'json';

export interface ViewCommandOptions {
  readonly named: NamedFile;
  /** Flags on top of the configuration. */
  readonly use: readonly string[];
  /** Absolute path of the image; undefined if none is written. */
  readonly exportTo: string | undefined;
  readonly format: ViewForm;
}

export interface ViewCommandWorld {
  readonly see: SeeView;
  readFile(path: string): Promise<string>;
  print(text: string): void;
  readonly progress: Pick<ProgressOutput, 'write'>;
}

/**
 * Prints what the first build of a trial sees, and writes it as an image if that is wanted; see `SeeView`.
 *
 * @returns the exit code
 * @throws the errors of `SeeView` and `readFile`
 */
export async function runViewCommand(
  { named, use, exportTo, format }: ViewCommandOptions,
  world: ViewCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const text = await world.readFile(named.path);
  const request = { file: named.path, text, use, ...(exportTo !== undefined && { exportTo }) };
  const seen = await world.see(request, (phase) => world.progress.write(`view: ${phase}\n`), signal);
  if (format === 'json') world.print(escapeJson(JSON.stringify({ format: 1, ...seen }, null, 2)));
  else for (const line of printView(seen, use.length > 0)) world.print(line);
  return CLEAN;
}

const REASONS: Readonly<Record<Reason, string>> = {
  declared: 'declared by the ebuild',
  system: '@system',
  'depend-closure': 'needed by a package of DEPEND',
  'revealed-closure': 'needed by a revealed package',
  'bdepend-closure': 'needed by a package of BDEPEND',
  'system-closure': 'needed by a package of @system',
  'package-manager': 'needed by the package manager',
  revealed: 'revealed',
};

/** @param hasOwnFlags whether flags on top of the configuration were given */
function printView(seen: SeenView, hasOwnFlags: boolean): string[] {
  const { ebuild, root, visible, hidden, notInstalled, written } = seen;
  if (written !== undefined) return printWritten(written, hasOwnFlags);
  const width = Math.max(0, ...visible.map(({ id }) => id.length));
  return [
    `A trial of ${ebuild} in ${root} sees ${count(visible.length, 'package')}; ${hidden} installed ${hidden === 1 ? 'one is' : 'ones are'} hidden.`,
    ...notInstalled.map(({ variable, atom }) => `Not installed: ${atom} of ${variable}.`),
    ...visible.map((shown) => `  ${shown.id.padEnd(width)}  ${explain(shown)}`),
  ];
}

function explain({ reason, visibility, standIn }: SeenPackage): string {
  const why = standIn === undefined ? REASONS[reason] : `provides ${standIn}, ${REASONS[reason]}`;
  return visibility === 'full' ? why : `${why}; without its development files`;
}

function printWritten(
  { path, size, image, rootHash, hashes, record, unreadable }: WrittenView,
  hasOwnFlags: boolean,
): string[] {
  const why = hasOwnFlags
    ? 'records are of the configured flags'
    : 'no stored trial of this text saw this; run "ebuild-audit trial" and export again';
  return [
    `image      ${path}`,
    `size       ${size} bytes`,
    `sha256     ${image}`,
    `root hash  ${rootHash}`,
    `hashes     ${hashes}`,
    `record     ${record ?? `none: ${why}`}`,
    ...(unreadable.length === 0
      ? []
      : [`left out   ${count(unreadable.length, 'path')} that the user of a build cannot read`]),
  ];
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
