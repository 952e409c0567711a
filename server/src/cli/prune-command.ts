import { DEFAULT_STORAGE, type StorageLimits } from '../host/find-world.ts';
import { pruneLogs } from '../host/log-folder.ts';
import { pruneRoots } from '../host/root-image/kept-roots.ts';
import { pruneLayers } from '../layers/prune-layers.ts';
import { pruneSnapshots } from '../trial/builder/snapshots/prune-snapshots.ts';
import { openRecordStore } from '../trial/records/record-store.ts';
import { recordFolder } from '../trial/records/trial-records.ts';

/** The kinds of data that are kept between trials. */
export type KeptPart = keyof StorageLimits;
const PARTS: readonly KeptPart[] = ['records', 'snapshots', 'logs', 'roots', 'layers'];

/**
 * Removes the least recently used data of trials, down to the limits. Data that a running trial uses stays.
 *
 * @param home the state folder
 * @param chosen the parts to prune; empty: every part
 * @param all whether to remove everything
 * @returns one line for each part
 */
export function pruneKept(home: string, chosen: readonly KeptPart[], all: boolean): string[] {
  return (chosen.length > 0 ? chosen : PARTS).map((part) => {
    const { count, bytes } = prunePart(home, part, all ? 0 : DEFAULT_STORAGE[part]);
    return `${part}: ${count} removed, ${printBytes(bytes)} freed`;
  });
}

/** The parts that the flags of the command line name. */
export function readParts(flags: Readonly<Partial<Record<KeptPart, boolean>>>): KeptPart[] {
  return PARTS.filter((part) => flags[part] === true);
}

function prunePart(
  home: string,
  part: KeptPart,
  limit: number,
): { readonly count: number; readonly bytes: number } {
  if (part === 'snapshots') {
    const { snapshots, bytes } = pruneSnapshots(home, limit);
    return { count: snapshots, bytes };
  }
  if (part === 'roots') {
    const { roots, bytes } = pruneRoots(home, limit);
    return { count: roots, bytes };
  }
  if (part === 'layers') {
    const { layers, bytes } = pruneLayers(home, limit);
    return { count: layers, bytes };
  }
  const { files, bytes } =
    part === 'logs' ? pruneLogs(home, limit) : openRecordStore(recordFolder(home)).prune(limit);
  return { count: files, bytes };
}

function printBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toLocaleString('en', { maximumFractionDigits: 1 })} ${units[power]}`;
}
