import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
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
export async function loadLayers({ base, changes }: LayerFiles): Promise<StoredLayer[]> {
  const [below, above] = await Promise.all([loadLayer(base), loadLayer(changes)]);
  return below === undefined ? [] : [below, above].filter((layer) => layer !== undefined);
}

async function loadLayer(path: string): Promise<StoredLayer | undefined> {
  const decoded = decodeTableFile(await readWhole(path));
  const layer = decoded === undefined ? undefined : parseText(decoded.text);
  return layer === undefined || decoded === undefined ? undefined : { ...layer, table: decoded.table };
}

/** Like {@link loadLayers}, but reads only the records, which are a fiftieth of a file. */
export function loadRecords({ base, changes }: LayerFiles): (readonly PackageRecord[])[] {
  const layers = [base, changes].map((path) => {
    const text = decodeText(readText(path));
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

const readInThread = promisify(read);

/** Reads a file in another thread; empty if it cannot be read. The reading begins before this function returns. */
async function readWhole(path: string): Promise<Uint8Array> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const bytes = allocateOwn(fstatSync(descriptor).size);
    const { bytesRead } = await readInThread(descriptor, bytes, 0, bytes.length, 0);
    return bytes.subarray(0, bytesRead);
  } catch {
    return NOTHING;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads the header and the text of a file; empty if it cannot be read. */
function readText(path: string): Uint8Array {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const header = new Uint8Array(HEADER_LENGTH);
    readSync(descriptor, header, 0, header.length, 0);
    const bytes = allocateOwn(Math.min(textEnd(header), fstatSync(descriptor).size));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } catch {
    return NOTHING;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const NOTHING = new Uint8Array();

/** Memory that is not from the pool of small Buffers: tables keep it, and their arrays need whole words. */
const allocateOwn = (length: number): Buffer => Buffer.allocUnsafeSlow(length);

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
