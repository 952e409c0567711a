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

/** The result of reading the folder of one package. */
export interface PackageRecord {
  /** `category/PF` */
  readonly id: string;
  /** See PackageFolder: the package is unchanged while they are equal. */
  readonly facts: readonly number[];
  /** Undefined if the package was skipped. */
  readonly installed?: InstalledPackage;
  /** One sentence that says why the package, or a part of it, was skipped. */
  readonly problem?: string;
}

/** Packages as they were read at one time, and the paths they own. */
export interface StoredLayer {
  /** Identifies the content of the layer, so that a layer of changes can refer to its base. */
  readonly stamp: string;
  /** In a layer of changes the stamp of the base, else empty. */
  readonly over: string;
  readonly root: string;
  /** The results of resolving links and folders when the table was made, see TableBuilder.resolved. */
  readonly resolved: readonly (readonly [path: string, resolved: string])[];
  /** In the order of the package numbers in the table. */
  readonly records: readonly PackageRecord[];
  readonly table: PathTable;
}

/** A new identifier for the content of a layer. */
export const createStamp = (): string => randomUUID();

/** The paths of the stored layers of one root. */
export interface LayerFiles {
  readonly base: string;
  readonly changes: string;
}

export function layerFiles(cacheFolder: string, root: string): LayerFiles {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return { base: join(cacheFolder, `${name}.installed`), changes: join(cacheFolder, `${name}.changes`) };
}

/**
 * Reads the stored layers, the base first. A file that is damaged, or was not written by {@link saveLayer} on such a
 * machine, counts as absent.
 */
export function loadLayers({ base, changes }: LayerFiles): StoredLayer[] {
  const below = loadLayer(base);
  return below === undefined ? [] : [below, loadLayer(changes)].filter((layer) => layer !== undefined);
}

function loadLayer(path: string): StoredLayer | undefined {
  const decoded = decodeTableFile(readBeginning(path, lengthOfFile));
  const layer = decoded === undefined ? undefined : parseText(decoded.text);
  return layer === undefined || decoded === undefined ? undefined : { ...layer, table: decoded.table };
}

/** Like {@link loadLayers}, but reads only the records, which are a fiftieth of a file. */
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

/** Reads the beginning of a file, in the length that `lengthOf` gives; empty if it cannot be read. */
function readBeginning(path: string, lengthOf: (descriptor: number) => number): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    // Not from the pool of small Buffers: the table keeps the memory, and its arrays need whole words.
    const bytes = Buffer.allocUnsafeSlow(lengthOf(descriptor));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } catch {
    return new Uint8Array();
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/**
 * Writes a layer atomically: another process finds either the old file or the whole new one. If the folder is not writable,
 * this is not an error, and the next reading only takes longer.
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
