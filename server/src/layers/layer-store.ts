import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { makePrivateFolder } from '../evaluation/work-folder.ts';
import { removeTree } from '../files/remove-tree.ts';
import { replaceFile } from '../files/replace-file.ts';
import { findOwner, listAbandoned, nameForOwner } from '../host/process-owner.ts';

/** What is known of a layer. */
export interface LayerFacts {
  /** `category/PF` of its package. */
  readonly id: string;
  /** Names in the package that the layer lacks, because they are neither files, folders nor links. */
  readonly leftOut: readonly string[];
  /** The digest of the opened package: of its paths, modes, contents and records. */
  readonly tree: string;
}

const factsSchema: z.ZodType<LayerFacts> = z.object({
  id: z.string(),
  leftOut: z.array(z.string()),
  tree: z.string(),
});

/** A binary package that has been opened and is kept. */
export interface Layer extends LayerFacts {
  /** Names it in the store. */
  readonly digest: string;
  /** Absolute path of a folder that looks like a root, with a VDB of this package. Nothing in it changes. */
  readonly folder: string;
}

/**
 * The store of layers, in the state folder. `packages` has one folder for each, `content` has each file of them once: equal files are hard
 * links of it. `work` has what is being made. A folder gets into `packages` by being renamed, so it is there whole or not at all.
 */
export interface LayerStore {
  readonly path: string;
  /** The folder of the files' contents. */
  readonly content: string;
  /** Finds a layer, and notes that it is used; undefined if there is none. */
  find(digest: string): Layer | undefined;
  /**
   * Keeps a finished layer; if another process was faster, its own.
   *
   * @param made a folder from {@link makeWork} on the same file system
   */
  keep(digest: string, facts: LayerFacts, made: string): Layer;
  /** Whether {@link keep} was called. */
  hasGrown(): boolean;
  /** Makes a folder for this process, which others remove if it dies. */
  makeWork(name: string): string;
}

/** The folder of the store in a state folder. */
export const layerFolder = (home: string): string => join(home, 'layers');

/** The file in a layer's folder that has its {@link LayerFacts}. */
export const FACTS = 'facts.json';
/** The folder in a layer's folder that looks like a root. */
export const FILES = 'files';

/** Opens the store, and removes what killed processes have left in it. */
export async function openLayerStore(home: string): Promise<LayerStore> {
  const path = layerFolder(home);
  makePrivateFolder(path);
  const [packages, content, work] = ['packages', 'content', 'work'].map((name) => join(path, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [packages, content, work]) mkdirSync(folder, { recursive: true });
  const owner = findOwner();
  for (const abandoned of listAbandoned(work, owner)) await removeTree(abandoned).catch(() => {});
  const find = (digest: string): Layer | undefined => {
    const folder = join(packages, digest);
    const facts = readFacts(join(folder, FACTS));
    if (facts === undefined) return undefined;
    const now = new Date();
    utimesSync(join(folder, FACTS), now, now);
    return { ...facts, digest, folder: join(folder, FILES) };
  };
  let hasGrown = false;
  return {
    path,
    content,
    find,
    hasGrown: () => hasGrown,
    keep(digest, facts, made) {
      hasGrown = true;
      const whole = mkdtempSync(join(work, nameForOwner('kept', owner)));
      renameSync(made, join(whole, FILES));
      replaceFile(join(whole, FACTS), JSON.stringify(facts), { durable: true });
      try {
        renameSync(whole, join(packages, digest));
      } catch (error) {
        // Another process has made the same layer meanwhile (ENOTEMPTY). A folder without facts is what a full disk has left.
        if (find(digest) === undefined) {
          rmSync(join(packages, digest), { recursive: true, force: true });
          renameSync(whole, join(packages, digest));
        } else rmSync(whole, { recursive: true, force: true });
        if (find(digest) === undefined) throw error;
      }
      return find(digest) as Layer;
    },
    makeWork: (name) => mkdtempSync(join(work, nameForOwner(name, owner))),
  };
}

function readFacts(path: string): LayerFacts | undefined {
  try {
    return factsSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
