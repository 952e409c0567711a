import { join } from 'node:path';
import type { Knowledge } from '../audit/knowledge.ts';
import type { BashParser } from '../ebuild/bash-parser.ts';
import type { Limit } from '../errors/limit.ts';
import type { RepositoryIndex } from '../repository/index/repository-index.ts';
import { readInstalledOffers } from './installed-offers.ts';
import { composeKnowledge, type InstalledOffers } from './knowledge.ts';
import { rememberLast } from './remember.ts';

/** Opens the index of a repository. */
export type OpenIndex = (place: {
  /** Absolute path. */
  readonly repository: string;
  readonly root: string;
  readonly cacheFolder: string;
  readonly parser: BashParser;
}) => RepositoryIndex;

/** The places of the repositories and the installed packages, and the functions that read them. */
export interface KnownWorldInput {
  readonly parser: BashParser;
  /** The state folder of Ebuild Audit, for indexes that are kept. */
  readonly home: string;
  /** The Gentoo system with the installed packages and repos.conf; see `chooseRoot`. */
  readonly root: string;
  readonly openIndex: OpenIndex;
  /** Why packages of this root cannot be called unknown, whatever its repositories have; undefined if they can. */
  readonly incomplete?: Limit | undefined;
}

/** The repositories and the installed packages around the checked ebuilds. They are read on demand. */
export interface KnownWorld {
  /** The knowledge so far; the rest is read in the background. */
  knowledgeOf(repository: string): Knowledge;
  /** Every reason why something about the ebuilds of a repository is not known, or not yet. */
  limitsOf(repository: string): readonly Limit[];
  /** Resolves when a repository, its masters and the root have been read. */
  ready(repository: string): Promise<void>;
  /** Handles that a file below a repository or the VDB was written, created or removed. */
  fileChanged(path: string): void;
  /** Stops the work in the background; resolves when all of it has ended. */
  close(): Promise<void>;
}

interface OpenRepository {
  readonly index: RepositoryIndex;
  readonly knowledge: () => Knowledge;
}

/** The state of a known world. */
interface State {
  readonly input: KnownWorldInput;
  /** Called whenever more is known. */
  readonly changed: () => void;
  readonly log: (sentence: string) => void;
  readonly repositories: Map<string, OpenRepository>;
  installed: InstalledOffers | undefined;
  readingInstalled: Promise<void> | undefined;
}

/** Several files often change at once: in a checkout, or if an editor writes a new file and renames it. */
const BURST_MS = 50;

/**
 * @param changed called when more is known
 * @param log receives one sentence about each thing that could not be read
 */
export function createKnownWorld(
  input: KnownWorldInput,
  changed: () => void,
  log: (sentence: string) => void,
): KnownWorld {
  const state: State = {
    input,
    changed,
    log,
    repositories: new Map(),
    installed: undefined,
    readingInstalled: undefined,
  };
  const pending = new Set<string>();
  let burst: NodeJS.Timeout | undefined;
  return {
    knowledgeOf: (repository) => openRepository(state, repository).knowledge(),
    limitsOf(repository) {
      const { knowledge } = openRepository(state, repository);
      // The first reason hides that of the root.
      return [...new Set([knowledge().incomplete, input.incomplete])].filter((limit) => limit !== undefined);
    },
    async ready(repository) {
      await openRepository(state, repository).index.ready();
      await state.readingInstalled;
    },
    fileChanged(path) {
      pending.add(path);
      burst ??= setTimeout(() => {
        burst = undefined;
        const paths = [...pending];
        pending.clear();
        void refresh(state, paths);
      }, BURST_MS);
    },
    async close() {
      clearTimeout(burst);
      for (const { index } of state.repositories.values()) index.close();
      await state.readingInstalled;
    },
  };
}

function openRepository(state: State, repository: string): OpenRepository {
  state.readingInstalled ??= readInstalled(state);
  const known = state.repositories.get(repository);
  if (known !== undefined) return known;
  const { input } = state;
  const { root, parser } = input;
  const index = input.openIndex({ repository, root, cacheFolder: join(input.home, 'index'), parser });
  const knowledge = rememberLast(
    () => [state.installed],
    ([installed]) => composeKnowledge(index, installed, input.incomplete),
  );
  const opened = { index, knowledge };
  state.repositories.set(repository, opened);
  void index.ready().then(() => {
    for (const problem of index.problems) state.log(problem);
    state.changed();
  });
  return opened;
}

async function readInstalled(state: State): Promise<void> {
  const { root, home } = state.input;
  const { offers, problems } = await readInstalledOffers(root, join(home, 'index'));
  state.installed = offers;
  for (const problem of problems) state.log(problem);
  state.changed();
}

async function refresh(state: State, paths: readonly string[]): Promise<void> {
  const vdb = join(state.input.root, 'var/db/pkg/');
  if (state.readingInstalled !== undefined && paths.some((path) => path.startsWith(vdb))) {
    state.readingInstalled = readInstalled(state);
    await state.readingInstalled;
  }
  await Promise.all([...state.repositories.values()].map(({ index }) => index.refresh(paths)));
  state.changed();
}
