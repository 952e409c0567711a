import { join } from 'node:path';
import type { TrialRecord } from '../audit/record.ts';
import { distfileFolders } from '../evaluation/distfile-folders.ts';
import { findDistfiles, makeWorkFolder, type WorkFolder } from '../evaluation/work-folder.ts';
import { guardDiskOf } from '../host/disk-room.ts';
import { linkLastLog } from '../host/log-folder.ts';
import { joinNamedPaths, type NamedPaths } from '../host/named-paths.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { Layering } from '../layers/add-layers.ts';
import type { Phase, UseSetting } from '../package-manager/port.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { withSignal } from '../sandbox/bound-sandbox.ts';
import { type BuildLog, openBuildLog } from './builder/build-log.ts';
import { type Builds, type EvaluatedEbuild, openBuilds } from './builder/builds.ts';
import { pruneSnapshots } from './builder/snapshots/prune-snapshots.ts';
import { openSnapshotStore, type SnapshotStore } from './builder/snapshots/snapshot-store.ts';
import { readFolderDigest } from './inputs.ts';
import { noteLayers } from './layered-record.ts';
import { type PreparedEbuild, prepareEbuild } from './prepared-ebuild.ts';
import { createProgress, type Progress } from './progress.ts';
import { createTreeReader, type TreeReader } from './reading/tree-reader.ts';
import { startRecord } from './start-record.ts';
import type { TrialListener } from './trial.ts';

/** The ebuild to build, its world and its listener. */
export interface SessionInput {
  readonly world: TrialWorld;
  /** The current state of the root. */
  readonly root: RootState;
  readonly location: EbuildLocation;
  readonly text: string;
  /** Flags to set on top of the configuration. */
  readonly use: UseSetting;
  /** What is known already of the ebuild in this USE state. */
  readonly prepared?: PreparedEbuild;
  /** Whether the snapshots of earlier trials are ignored. */
  readonly fresh: boolean;
  /** See `BuildsInput`; absent: as `fresh`. */
  readonly verbatim?: boolean;
  /** See `WorkFolderInput.shownAs`. */
  readonly shownAs?: string;
  /** See `BuildsInput.tests`. */
  readonly tests?: boolean;
  readonly listener: Pick<TrialListener, 'progress'>;
  /** Cancels the session: its current and its later operations reject with the reason. */
  readonly signal: AbortSignal | undefined;
}

/**
 * An ebuild that is ready to be built, for a trial or for `ebuild-audit runtime`. Every run of its sandbox ends when the session is
 * cancelled, and its folder is removed when the session is closed.
 */
export interface TrialSession extends EvaluatedEbuild {
  /** The record before any build. */
  readonly record: TrialRecord;
  /** See `PreparedEbuild`. */
  readonly layering: Layering | undefined;
  readonly progress: Progress;
  /** Reads what the builds have left. */
  readonly reader: TreeReader;
  /**
   * Opens the log and the builds. Call it only once.
   *
   * @param stopBefore see `BuildsInput`
   */
  openBuilds(stopBefore?: Phase): Promise<OpenBuilds>;
  /** Lists the paths of this machine that the evaluation and the builds have named; undefined if there were too many to keep. */
  listNamed(): NamedPaths | undefined;
  /** Removes everything except the log, and the snapshots within the limit of disk space. */
  close(): Promise<void>;
}

export interface OpenBuilds extends Builds {
  readonly log: BuildLog;
  /** Makes {@link TrialSession.close} remove the snapshots of this trial; see `SnapshotStore.distrust`. */
  distrust(): void;
}

/**
 * Evaluates the ebuild, finds its distfiles and makes a folder for its builds.
 *
 * @throws UserError if the package manager refuses the ebuild or a distfile is missing, SandboxError if the sandbox cannot run, and the
 *   signal's reason; nothing is left behind then
 */
export async function openSession(input: SessionInput): Promise<TrialSession> {
  const { location, text, use, signal } = input;
  const world = { ...input.world, sandbox: withSignal(input.world.sandbox, signal) };
  const progress = createProgress(world.now, input.listener);
  progress.show('preparing', 0);
  const copied = readFolderDigest(location);
  const made = await guardDiskOf(() =>
    makeWorkFolder({
      trials: join(world.home, 'trials'),
      location,
      layout: input.root.layout,
      repositories: input.root.repositories,
      text,
      ...(input.shownAs !== undefined && { shownAs: input.shownAs }),
    }),
  );
  let layering: Layering | undefined;
  try {
    const prepared =
      input.prepared ??
      (await prepareEbuild({ ...input, world, folder: made }, (step) => progress.show(step, 0)));
    layering = prepared.layering;
    const { metadata, named } = prepared.evaluation;
    const root = layering?.root ?? input.root;
    // A binary package has no say in where distfiles are.
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(input.root.layout, world.home));
    const facts = world.readFacts(text);
    const started = startRecord(world, root, location, facts, metadata);
    const record = noteLayers(
      { ...started, gaps: [...started.gaps, ...made.leftOut.map(describeLeftOut)] },
      layering,
    );
    const release = layering?.release ?? (() => {});
    const folder: WorkFolder = {
      ...made,
      distfiles,
      async remove() {
        release();
        await made.remove();
      },
    };
    const reader = createTreeReader(signal);
    const evaluated = {
      world,
      root,
      location,
      facts,
      metadata,
      use,
      folder,
      record,
      copied,
      progress,
      reader,
      signal,
    };
    return {
      ...evaluated,
      layering,
      ...createBuilding(
        {
          ...evaluated,
          fresh: input.fresh,
          verbatim: input.verbatim ?? input.fresh,
          tests: input.tests === true,
        },
        named,
      ),
    };
  } catch (error) {
    layering?.release();
    await made.remove();
    throw error;
  }
}

function describeLeftOut(name: string): string {
  return `${name} of the package was missing, because it leads out of the repository or is no regular file`;
}

/** The part of a session that opens files and closes them. */
function createBuilding(
  session: Omit<TrialSession, 'openBuilds' | 'close' | 'listNamed' | 'layering'> &
    Required<Pick<SessionInput, 'fresh' | 'tests' | 'verbatim'>>,
  evaluated: NamedPaths | undefined,
): Pick<TrialSession, 'openBuilds' | 'close' | 'listNamed'> {
  const { world, folder, record, use, fresh, reader } = session;
  const named: (NamedPaths | undefined)[] = [];
  const keeps = world.snapshotBytes !== 0;
  let open: { readonly log: BuildLog; readonly snapshots: SnapshotStore } | undefined;
  return {
    async openBuilds(stopBefore) {
      const log = openBuildLog(record.log);
      linkLastLog(record.log);
      const snapshots = openSnapshotStore(keeps ? world.home : undefined, fresh);
      open = { log, snapshots };
      const builds = await openBuilds({
        ...session,
        ...open,
        sharesSources: use.length > 0 && keeps && !fresh,
        stopBefore,
        onProgress: session.progress.show,
        noteNamed: (paths) => void named.push(paths),
      });
      return { ...builds, log, distrust: snapshots.distrust };
    },
    listNamed() {
      // The evaluation is last, because every name in a folder counted for it.
      const all = [...named, evaluated];
      const kept = all.filter((paths) => paths !== undefined);
      return kept.length < all.length ? undefined : joinNamedPaths(kept);
    },
    async close() {
      reader.close();
      try {
        open?.snapshots.close();
        if (open !== undefined && keeps) pruneSnapshots(world.home, world.snapshotBytes);
        await open?.log.close();
      } finally {
        await folder.remove();
      }
    },
  };
}
