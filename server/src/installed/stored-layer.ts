import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { removeLeftovers, replaceFileByParts } from '../files/replace-file.ts';
import type { PathTable } from './owner-index/path-table.ts';
import {
  decodeTableFile,
  decodeText,
  encodeTableFile,
  HEADER_LENGTH,
  textEnd,
} from './owner-index/table-file.ts';
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

/** Where the layers of one root are kept. */
export interface LayerFiles {
  readonly base: string;
  readonly changes: string;
}

export function layerFiles(cacheFolder: string, root: string): LayerFiles {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return { base: join(cacheFolder, `${name}.installed`), changes: join(cacheFolder, `${name}.changes`) };
}

/** Reads the layers back, the base first. What is not a whole file that {@link saveLayer} wrote on such a machine counts as absent. */
export function loadLayers({ base, changes }: LayerFiles): StoredLayer[] {
  const below = loadLayer(base);
  return below === undefined ? [] : [below, loadLayer(changes)].filter((layer) => layer !== undefined);
}

function loadLayer(path: string): StoredLayer | undefined {
  const decoded = decodeTableFile(readBeginning(path, lengthOfFile));
  const layer = decoded === undefined ? undefined : parseText(decoded.text);
  return layer === undefined || decoded === undefined ? undefined : { ...layer, table: decoded.table };
}

/** As {@link loadLayers}, but only the records, which are the fiftieth part of a file. */
export function loadRecords({ base, changes }: LayerFiles): (readonly PackageRecord[])[] {
  const layers = [base, changes].map((path) => {
    const text = decodeText(readBeginning(path, lengthOfText));
    return text === undefined ? undefined : parseText(text);
  });
  return layers.flatMap((layer) => (layer === undefined ? [] : [layer.records]));
}

function parseText(text: string): Omit<StoredLayer, 'table'> | undefined {
  try {
    return JSON.parse(text) as Omit<StoredLayer, 'table'>;
  } catch {
    return undefined;
  }
}

const lengthOfFile = (descriptor: number): number => fstatSync(descriptor).size;

function lengthOfText(descriptor: number): number {
  const header = new Uint8Array(HEADER_LENGTH);
  readSync(descriptor, header, 0, header.length, 0);
  return Math.min(textEnd(header), lengthOfFile(descriptor));
}

/** The beginning of a file, as long as it should be; empty where it cannot be read. */
function readBeginning(path: string, lengthOf: (descriptor: number) => number): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    // Its memory must be its own, because the table keeps it, and begin at a whole word.
    const bytes = Buffer.allocUnsafeSlow(lengthOf(descriptor));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } catch {
    return new Uint8Array();
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Writes a layer, so that another process finds either the file that was there or all of the new one. A folder that cannot be
 * written to is no error: the next reading takes longer, that is all.
 */
export async function saveLayer(path: string, { table, ...rest }: StoredLayer): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    removeLeftovers(dirname(path), `${basename(path)}.`);
    await replaceFileByParts(path, encodeTableFile(JSON.stringify(rest), table));
  } catch {
    // Said above.
  }
}
