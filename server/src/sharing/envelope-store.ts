import { listFolder } from '../files/folder-listing.ts';
import { readRegularFile } from '../files/regular-file.ts';
import { MOST_ENTRIES, readEntries, writeEntries } from './action-result.ts';
import { sha256 } from './canonical-json.ts';
import { LARGEST_ENVELOPE } from './envelope.ts';
import { type ObjectStore, STORE_PATIENCE, StoreProblem } from './object-store.ts';

/** Envelopes of records, found by the key of a question. */
export interface EnvelopeStore {
  readonly shown: string;
  /** Rejects only with the signal's reason. What is wrong with the store or an envelope is logged in a sentence. */
  find(key: string, signal?: AbortSignal): Promise<readonly FoundEnvelope[]>;
  /** @throws StoreProblem */
  add(key: string, envelope: Uint8Array, signal?: AbortSignal): Promise<void>;
}

export interface FoundEnvelope {
  /** For sentences: the beginning of its SHA-256, or the name of its file. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** In bytes. */
const LONGEST_LIST = 64 * 1024;
/** In bytes: the envelopes of one key, and those that are files of their own. They are in memory together. */
const MOST_BYTES = 64 * 2 ** 20;
/** In milliseconds, for all envelopes of one key. A store may answer each request just in time. */
const LONGEST_FIND = 3 * STORE_PATIENCE;

export function createEnvelopeStore(objects: ObjectStore, log: (sentence: string) => void): EnvelopeStore {
  const { shown } = objects;
  let isGone = false;
  const noteProblem = (what: string, error: unknown, advice: string): void => {
    if (!(error instanceof StoreProblem)) throw error;
    isGone ||= error.isGone;
    log(`${what} is not used, because ${error.message}: ${advice}`);
  };
  const readList = async (key: string, signal?: AbortSignal) => {
    const bytes = await objects.get('ac', key, LONGEST_LIST, signal);
    if (bytes === undefined) return [];
    const entries = readEntries(bytes);
    if (entries === undefined) throw new StoreProblem('its list of records is damaged');
    return entries;
  };
  return {
    shown,
    async find(key, signal) {
      // It was logged once.
      if (isGone) return [];
      const found: FoundEnvelope[] = [];
      const end = performance.now() + LONGEST_FIND;
      let left = MOST_BYTES;
      try {
        for (const { hash } of await readList(key, signal)) {
          const name = hash.slice(0, 12);
          if (isGone) break;
          if (performance.now() > end) throw new StoreProblem('it is too slow', true);
          if (left < LARGEST_ENVELOPE) throw new StoreProblem('it has too many large records for one ebuild');
          try {
            const bytes = await objects.get('cas', hash, LARGEST_ENVELOPE, signal);
            if (bytes === undefined) throw new StoreProblem('it is no longer there');
            if (sha256(bytes) !== hash) throw new StoreProblem('it was cut off or changed');
            left -= bytes.length;
            found.push({ name, bytes });
          } catch (error) {
            noteProblem(`The record ${name} of ${shown}`, error, 'push it again.');
          }
        }
      } catch (error) {
        noteProblem(`The store ${shown}`, error, 'check --records.');
      }
      return found;
    },
    async add(key, envelope, signal) {
      const entry = { hash: sha256(envelope), size: envelope.length };
      await objects.put('cas', entry.hash, envelope, signal);
      let known: readonly { readonly hash: string; readonly size: number }[] = [];
      try {
        known = await readList(key, signal);
      } catch (error) {
        // A damaged list is replaced.
        if (!(error instanceof StoreProblem) || error.isGone) throw error;
      }
      const others = known.filter(({ hash }) => hash !== entry.hash).slice(0, MOST_ENTRIES - 1);
      await objects.put('ac', key, writeEntries([entry, ...others]), signal);
    },
  };
}

/** The most files that are read of a folder. */
const MOST_FILES = 1000;

/** The envelopes that lie in a folder as files of their own, as `record export --output` writes them. */
export function readLooseEnvelopes(
  folder: string,
  log: (sentence: string) => void,
): readonly FoundEnvelope[] {
  const names = listFolder(folder).filter((name) => name.endsWith('.json'));
  let left = MOST_BYTES;
  return names
    .sort()
    .slice(0, MOST_FILES)
    .flatMap((name) => {
      const path = `${folder}/${name}`;
      const bytes = readRegularFile(path, [folder], log, Math.min(left, LARGEST_ENVELOPE))?.bytes;
      left -= bytes?.length ?? 0;
      return bytes === undefined ? [] : [{ name, bytes }];
    });
}
