import { statSync } from 'node:fs';
import type { Need } from '../../audit/record.ts';
import { UserError } from '../../errors/user-error.ts';
import { diskError } from '../../host/disk-room.ts';
import type { RootState } from '../../host/root-state.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/denial.ts';
import type { RecordedPackage } from '../../trace/evidence.ts';
import { RUNTIME_PHASE } from '../../trace/phase-function.ts';
import type { LoadedLibrary } from '../../trace/run-observer.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { confirmDenials } from '../builder/confirm.ts';
import { suggestAtom } from '../needs/atoms/suggested-atom.ts';
import { findInstalledPackage } from '../needs/need.ts';
import { openSession, type SessionInput, type TrialSession } from '../session.ts';
import { lackingDependency, lacksBuildDependency } from '../start-record.ts';
import { type CommandRun, createRuns } from './command-run.ts';
import type { RuntimeOutcome, RuntimePackage, RuntimeRequest } from './runtime-request.ts';

/** Programs, libraries and modules. Other files that a command passed without are not worth reporting. */
const WORTH_REPORTING = /\/s?bin\/[^/]+$|\.so(?:\.[\w.]+)?$|\/(?:site|dist)-packages\/[^/]+$|\.pm$/;

/**
 * Builds an ebuild, from snapshots if there are any, and runs a command with the installed image. The view has @system and the closure of
 * RDEPEND. Further runs reveal denied packages until the packages that the command needs are known.
 *
 * @throws UserError if the ebuild cannot be built in the view that it declares, and the errors of a trial
 */
export async function runInstalled(
  input: Omit<SessionInput, 'text' | 'use' | 'fresh'>,
  request: RuntimeRequest,
): Promise<RuntimeOutcome> {
  checkShown(request.shown, input.root);
  const session = await openSession({ ...input, text: request.text, use: [], fresh: false });
  try {
    if (lacksBuildDependency(session.record)) throw lackingDependency(session.record);
    const { build, log } = await session.openBuilds();
    const built = await build({});
    if (built.image === undefined) throw notBuilt(built, request.file);
    const runs = createRuns({ session, log, image: built.image, request });
    const outcome = await confirmRuns(session, runs);
    const failure = log.failure();
    if (failure !== undefined) throw diskError(failure);
    return outcome;
  } finally {
    await session.close();
  }
}

/** Runs the command until the packages that it needs are known. */
async function confirmRuns(
  { root, record, progress }: TrialSession,
  runs: (shown: readonly Denial[]) => Promise<CommandRun>,
): Promise<RuntimeOutcome> {
  progress.show(RUNTIME_PHASE, 0);
  const first = await runs([]);
  const runAgain = (shown: readonly Denial[]) => {
    progress.confirm();
    progress.show(RUNTIME_PHASE, 0);
    return runs(shown);
  };
  const {
    required,
    outcome: last,
    unsteady,
  } = await confirmDenials(
    first,
    { build: runAgain, again: runAgain },
    () => {},
    () => {},
  );
  const atomOf = (recorded: RecordedPackage) => suggestAtom(findInstalledPackage(root, recorded), root);
  const known = new Set(required.map((denial) => packageId(denial.package)));
  const isKnown = (use: { readonly package: RecordedPackage }) => known.has(packageId(use.package));
  return {
    record: {
      ...record,
      outcome: last.passed ? 'passed' : 'failed',
      ...(last.failure !== undefined && { failure: last.failure }),
      needs: required.map((denial) => toRuntimeNeed(denial, atomOf(denial.package))),
      gaps: [...record.gaps, ...last.gaps, ...unsteady],
    },
    status: first.status,
    doneWithout: listDoneWithout(last.denials.filter((denial) => !isKnown(denial))).map((use) => ({
      ...use,
      atom: atomOf(use.package),
    })),
    loaded: groupLoaded(last.loaded.filter((library) => !isKnown(library))).map((use) => ({
      ...use,
      atom: atomOf(use.package),
    })),
    output: last.output,
  };
}

function toRuntimeNeed({ package: needed, evidence }: Denial, atom: string): Need {
  return { variable: 'RDEPEND', package: needed, atom, certainty: 'proven', evidence };
}

function listDoneWithout(denials: readonly Denial[]): Omit<RuntimePackage, 'atom'>[] {
  return denials
    .filter(({ weak }) => !weak)
    .map((denial) => ({
      package: denial.package,
      licence: 'hidden' as const,
      evidence: denial.evidence.filter(({ path }) => WORTH_REPORTING.test(path)),
    }))
    .filter(({ evidence }) => evidence.length > 0);
}

/** Checks that the folders of `--show` exist and do not cover a part of the view. */
function checkShown(folders: readonly string[], { layout }: RootState): void {
  for (const folder of folders) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UserError(`${folder} is not a folder: give a folder to --show.`);
    const isOfView = folder === '/' || locateOnMachine(layout, folder) !== undefined;
    if (isOfView || /^\/(?:dev|proc|run|sys|tmp)$/.test(folder))
      throw new UserError(
        `--show cannot cover ${folder}, which is part of the view: copy the files to another folder.`,
      );
  }
}

function groupLoaded(loaded: readonly LoadedLibrary[]): Omit<RuntimePackage, 'atom'>[] {
  const groups = new Map<string, Omit<RuntimePackage, 'atom'>>();
  for (const { package: owner, licence, evidence } of loaded) {
    const id = packageId(owner);
    const before = groups.get(id)?.evidence ?? [];
    groups.set(id, { package: owner, licence, evidence: [...before, evidence] });
  }
  return [...groups.values()];
}

function notBuilt({ failure, passed }: BuildOutcome, file: string): UserError {
  const reason = passed
    ? 'the installed image was not found'
    : `the ${failure?.phase} phase failed (${failure?.firstError})`;
  return new UserError(`The ebuild could not be built (${reason}): run "ebuild-audit trial ${file}" first.`);
}
