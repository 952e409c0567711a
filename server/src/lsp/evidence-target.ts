import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { showName } from '../errors/visible-text.ts';
import { LARGEST, readText } from '../files/regular-file.ts';
import type { FindEvidenceResult } from '../protocol.ts';
import type { EvidencePlace } from '../trial/evidence-places.ts';

/** Where the evidence may be. */
interface EvidenceSources {
  /** The folder of the Gentoo system; undefined if it is not known. */
  readonly root: string | undefined;
  /** Path of the build log; empty if it is not kept. */
  readonly log: string;
  /** What a finding with this access leads to. */
  readonly place: EvidencePlace | undefined;
}

/** The part of a build log that is searched for a path, in bytes. */
const MOST_OF_LOG = 64 * 2 ** 20;

/**
 * Finds what a reader can look at for an access: what a finding leads to, else the file, if it is a text, else the first line of the build log
 * that names it. Never rejects.
 *
 * @param path of the access, as the sandbox has it
 */
export async function findEvidence(
  path: string,
  { root, log, place }: EvidenceSources,
): Promise<FindEvidenceResult> {
  if (place !== undefined)
    return place.file === log
      ? { kind: 'log', path: log, line: place.line, message: `The build log misses ${showName(path)}.` }
      : { kind: 'file', path: place.file, message: showName(place.file) };
  const file = root === undefined || !path.startsWith('/') ? undefined : join(root, path);
  if (file !== undefined && root !== undefined && isText(file, root))
    return { kind: 'file', path: file, message: showName(file) };
  const line = log === '' ? undefined : await findLine(log, path);
  const name = showName(path);
  if (line !== undefined) return { kind: 'log', path: log, line, message: `The build log names ${name}.` };
  const why =
    log === ''
      ? 'and the build log is no longer kept'
      : `and the build log does not name it in its first ${MOST_OF_LOG / 2 ** 20} MiB`;
  return { kind: 'none', message: `${name} is not a text in the root that can be shown, ${why}.` };
}

function isText(file: string, root: string): boolean {
  try {
    const text = readText(file, [root], () => {}, LARGEST.text);
    return text !== undefined && !text.includes('\0');
  } catch {
    return false;
  }
}

/** The first line with the whole path, else the first with its name; counted from 0. */
async function findLine(log: string, path: string): Promise<number | undefined> {
  const name = basename(path);
  if (name === '') return undefined;
  let named: number | undefined;
  let number = 0;
  try {
    const input = createReadStream(log, { end: MOST_OF_LOG });
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.includes(path)) {
        input.destroy();
        return number;
      }
      if (named === undefined && line.includes(name)) named = number;
      number++;
    }
  } catch {
    // The log was removed meanwhile, or cannot be read.
  }
  return named;
}
