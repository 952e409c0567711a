import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { digestOf } from '../host/digest.ts';
import type { Stack } from '../host/stacked-root.ts';
import { FILES, type Layer, type LayerStore } from './layer-store.ts';

/** What is kept of a stack. */
const stackSchema = z.object({
  /** The layers' names in the store, the lowest first. */
  layers: z.array(z.string()),
  notes: z.array(z.string()),
  /** How many of the lowest layers are one folder of the stack's own. */
  joined: z.number().int().nonnegative().default(0),
});

/** A stack in the store. */
export interface KeptStack extends Stack {
  /** Sentences about what the layers lack. */
  readonly notes: readonly string[];
  /** Lets the stack be removed again. */
  release(): void;
}

/** The folder in a stack's folder that shows the lowest of its layers as one. */
const JOINED = 'joined';
/** The file in a stack's folder that says what it is made of. */
export const STACK = 'stack.json';
/** The folder with the index of the layers' files. */
const INDEX = 'index';
/** The folder with one folder for each process that uses a stack. */
export const LEASES = 'leases';

/** What is needed to make a stack: its layers, and the root that they lie on. */
export interface StackParts {
  readonly layers: readonly Layer[];
  readonly removed: readonly string[];
  /** Whatever else decides on the effects of the packages' scripts. */
  readonly base: unknown;
}

/** Raise the number when {@link ./settle.ts} writes something else for the same packages. */
const FORMAT = 'stack 2';

/** The digest of a stack. */
export function digestStack({ layers, removed, base }: StackParts): string {
  return digestOf([FORMAT, base, layers.map(({ digest }) => digest), removed]).slice(0, 40);
}

const folderOf = (store: LayerStore, digest: string): string => join(store.path, 'stacks', digest);

/**
 * Finds a stack and takes a lease of it: until it is released, neither it nor its layers are removed.
 *
 * @returns undefined if there is none
 */
export function findStack(store: LayerStore, parts: StackParts): KeptStack | undefined {
  const digest = digestStack(parts);
  const folder = folderOf(store, digest);
  // A folder of the store's is taken over, because its name says whose it is.
  const made = store.makeWork('lease');
  const lease = join(folder, LEASES, basename(made));
  try {
    renameSync(made, lease);
  } catch {
    rmSync(made, { recursive: true, force: true });
    return undefined;
  }
  const release = () => rmSync(lease, { recursive: true, force: true });
  const kept = readStack(folder);
  if (kept === undefined) {
    release();
    return undefined;
  }
  const now = new Date();
  utimesSync(join(folder, STACK), now, now);
  return {
    digest,
    layers: [
      ...(kept.joined > 0 ? [join(folder, JOINED)] : []),
      ...parts.layers.slice(kept.joined).map((layer) => layer.folder),
      join(folder, FILES),
    ],
    cacheFolder: join(folder, INDEX),
    removed: parts.removed,
    notes: kept.notes,
    release,
  };
}

/** What has been made for a stack. */
export interface MadeStack {
  /** A folder with what the packages' scripts have written, laid out like a root; it is moved. */
  readonly effects: string;
  /** The folder with the index of the layers' files, see `Stack.cacheFolder`; it is moved. */
  readonly index: string;
  readonly notes: readonly string[];
  /** The folder of the lowest layers that are one, which is moved, and their number; absent: each is a folder of its own. */
  readonly joined?: { readonly folder: string; readonly count: number };
}

/** Keeps a stack. */
export function keepStack(
  store: LayerStore,
  parts: StackParts,
  { effects, index, notes, joined }: MadeStack,
): void {
  const folder = folderOf(store, digestStack(parts));
  const made = store.makeWork('stack');
  renameSync(effects, join(made, FILES));
  renameSync(index, join(made, INDEX));
  if (joined !== undefined) renameSync(joined.folder, join(made, JOINED));
  mkdirSync(join(made, LEASES));
  const kept = {
    layers: parts.layers.map(({ digest }) => digest),
    notes,
    joined: joined?.count ?? 0,
  };
  writeFileSync(join(made, STACK), JSON.stringify(kept));
  mkdirSync(join(store.path, 'stacks'), { recursive: true });
  try {
    renameSync(made, folder);
  } catch {
    // Another process has made the same one meanwhile.
    rmSync(made, { recursive: true, force: true });
  }
}

/** Reads what a stack is made of; undefined if it is damaged. */
export function readStack(folder: string): z.infer<typeof stackSchema> | undefined {
  try {
    return stackSchema.safeParse(JSON.parse(readFileSync(join(folder, STACK), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
