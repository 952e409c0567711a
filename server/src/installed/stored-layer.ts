import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PathTable } from './owner-index/path-table.ts';
import { decodeTableFile, encodeTableFile } from './owner-index/table-file.ts';
import type { InstalledPackage } from './vdb.ts';

/** What was read of one package's folder. */
export interface PackageRecord {
  /** `category/PF` */
  readonly id: string;
  /** See PackageFolder: while they are the same, so is the package. */
  readonly facts: readonly number[];
  /** Undefined where the package was skipped. */
  readonly installed?: InstalledPackage;
  /** Why it was skipped, or what of it was, as a sentence. */
  readonly problem?: string;
}

/** Packages as they were read at one time, and the paths they own. */
export interface StoredLayer {
  /** Names these contents, so that changes can be kept apart from what they change. */
  readonly stamp: string;
  /** For changes the stamp of the layer that they change, else empty. */
  readonly over: string;
  readonly root: string;
  /** What links and folders resolved to when the table was made, see TableBuilder.resolved. */
  readonly resolved: readonly (readonly [path: string, resolved: string])[];
  /** In the order of the numbers that packages have in the table. */
  readonly records: readonly PackageRecord[];
  readonly table: PathTable;
}

/** A new name for the contents of a layer. */
export const createStamp = (): string => randomUUID();

/** Reads a layer back. Anything but a whole file that {@link saveLayer} wrote on such a machine gives undefined. */
export function loadLayer(path: string): StoredLayer | undefined {
  const file = readWhole(path);
  const decoded = file === undefined ? undefined : decodeTableFile(file);
  if (decoded === undefined) return undefined;
  try {
    const layer = { ...(JSON.parse(decoded.text) as Omit<StoredLayer, 'table'>), table: decoded.table };
    return layer.records.length === layer.table.packageEnds.length ? layer : undefined;
  } catch {
    return undefined;
  }
}

function readWhole(path: string): Uint8Array | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    // Its memory must be its own, because the table keeps it, and begin at a whole word.
    const bytes = Buffer.allocUnsafeSlow(fstatSync(descriptor).size);
    return readSync(descriptor, bytes, 0, bytes.length, 0) === bytes.length ? bytes : undefined;
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Writes a layer, so that another process finds either the file that was there or all of the new one. A folder that cannot be
 * written to is no error: the next reading takes longer, that is all.
 */
export async function saveLayer(path: string, { table, ...rest }: StoredLayer): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'w', 0o644);
    try {
      for (const part of encodeTableFile(JSON.stringify(rest), table)) await file.writeFile(part);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
