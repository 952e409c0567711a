import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { UserError } from '../errors/user-error.ts';
import { makePrivateFolder } from '../evaluation/work-folder.ts';
import { replaceFile } from '../files/replace-file.ts';
import { digestOf } from '../host/digest.ts';
import { splitPackageName } from '../installed/vdb.ts';
import type { Binhost } from '../package-manager/package-reader.ts';
import { layerFolder } from './layer-store.ts';
import { openRemote } from './remote-file.ts';

/** The index of a binhost, as it was downloaded. */
export interface BinhostIndex {
  readonly uri: string;
  /** Absolute path of this machine. */
  readonly file: string;
  readonly digest: string;
}

/** Indexes that could be read, and sentences about the others. */
export interface ReadIndexes {
  readonly read: readonly BinhostIndex[];
  readonly problems: readonly string[];
}

/** An index is downloaded again after this time. Portage asks each time, and a trial does so much more often. In milliseconds. */
const FRESH = 10 * 60 * 1000;
/** The largest index of Gentoo's own binhosts has some 30 MB. A compressed one of a few kB can hold any number of lines. */
const LARGEST_INDEX = 128 * 2 ** 20;

/**
 * Downloads the indexes of binhosts. If one cannot be had, the last that could be is used, and a sentence says so.
 *
 * @param place.home the state folder
 * @throws the signal's reason
 */
export async function readIndexes(
  binhosts: readonly Binhost[],
  { home, signal }: { readonly home: string; readonly signal: AbortSignal | undefined },
): Promise<ReadIndexes> {
  const read: BinhostIndex[] = [];
  const problems: string[] = [];
  for (const { name, uri } of binhosts) {
    const folder = join(layerFolder(home), 'binhosts');
    const file = join(folder, digestOf(uri).slice(0, 40));
    const stats = statSync(file, { throwIfNoEntry: false });
    const age = Date.now() - (stats?.mtimeMs ?? 0);
    if (age < 0 || age > FRESH) {
      try {
        makePrivateFolder(layerFolder(home));
        mkdirSync(folder, { recursive: true });
        replaceFile(file, await downloadIndex(uri, signal));
      } catch (error) {
        signal?.throwIfAborted();
        const effect = stats === undefined ? 'is not used' : 'is used with its last index';
        problems.push(`the binhost ${name} ${effect}: ${(error as Error).message.replace(/\.$/, '')}`);
        if (stats === undefined) continue;
      }
    }
    read.push({ uri, file, digest: digestIndex(file) });
  }
  return { read, problems };
}

/**
 * A digest of what a downloaded index says of some packages; empty if it is gone.
 *
 * @param names `category/PN`; undefined: of all packages
 */
export function digestIndex(file: string, names?: ReadonlySet<string>): string {
  try {
    const hash = createHash('sha256');
    const text = readFileSync(file, 'latin1');
    for (const stanza of listStanzas(text))
      if (names === undefined || isAbout(stanza, names)) hash.update(`${stanza}\n`);
    return hash.digest('hex');
  } catch {
    return '';
  }
}

/** One after another, because there can be millions. */
function* listStanzas(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n\n', start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length : end + 2;
  }
}

function isAbout(stanza: string, names: ReadonlySet<string>): boolean {
  const [, category, pf = ''] = /^CPV: ([^/\n]+)\/(\S+)$/m.exec(stanza) ?? [];
  return category !== undefined && names.has(`${category}/${splitPackageName(pf)?.name ?? ''}`);
}

/** Downloads `Packages.gz`, or `Packages` if there is none, as Portage does. */
async function downloadIndex(uri: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const base = uri.replace(/\/+$/, '');
  let index: Buffer;
  try {
    index = gunzipSync(await readWhole(`${base}/Packages.gz`, signal), { maxOutputLength: LARGEST_INDEX });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError && !/answers 404|ENOENT/.test(error.message)) throw error;
    index = await readWhole(`${base}/Packages`, signal);
  }
  // Its header and its packages are separated by empty lines.
  const end = index.indexOf('\n\n');
  const header = index.subarray(0, end < 0 ? 4096 : end).toString('utf8');
  if (!/^TIMESTAMP: \d+$/m.test(header)) throw new UserError('its index has no TIMESTAMP');
  const count = Number(/^PACKAGES: (\d+)$/m.exec(header)?.[1] ?? Number.NaN);
  const found = countPackages(index);
  // Each package ends with an empty line.
  if (found < count || index.at(-1) !== 0x0a)
    throw new UserError(`its index ended after ${found} of ${count} packages`);
  return index;
}

function countPackages(index: Buffer): number {
  let count = 0;
  for (let at = index.indexOf('\nCPV: '); at >= 0; at = index.indexOf('\nCPV: ', at + 1)) count += 1;
  return count;
}

async function readWhole(uri: string, signal: AbortSignal | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of await openRemote(uri, signal)) {
    length += part.length;
    if (length > LARGEST_INDEX) throw new UserError('its index is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}
