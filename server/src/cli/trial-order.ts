import { basename } from 'node:path';
import { listNames } from '../audit/conclusion.ts';
import { isForUser } from '../errors/user-error.ts';
import { createEvaluator, type Evaluate } from '../evaluation/kept-evaluation.ts';
import { findTrialWorld, type RunnerSettings } from '../host/find-world.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { collectAtoms } from '../pms/dependency.ts';
import { type DependencyOrder, type OrderedEbuild, sortByDependency } from '../pms/dependency-order.ts';
import { TRIAL_VARIABLES } from '../pms/dependency-variable.ts';
import { locateEbuild } from '../repository/ebuild-location.ts';
import { activeNodes } from '../trial/builder/builds.ts';
import type { NamedFile } from './file-trial.ts';

/** An ebuild in the order in which several are tried. */
export interface OrderedFile {
  readonly named: NamedFile;
  /** Those before it that it depends on by itself. */
  readonly needs: readonly NamedFile[];
}

export interface TrialOrder {
  readonly files: readonly OrderedFile[];
  /** One sentence for each group of ebuilds that depend on each other. */
  readonly complaints: readonly string[];
}

/** The order in which the files were given. */
export function inGivenOrder(files: readonly NamedFile[]): TrialOrder {
  return { files: files.map((named) => ({ named, needs: [] })), complaints: [] };
}

/** Opens an evaluator in the world of the settings when it is first asked. What is missing there is an error of each evaluation. */
export function createLateEvaluator(settings: RunnerSettings): Evaluate {
  let opened: Promise<Evaluate> | undefined;
  return async (...question) => {
    opened ??= findTrialWorld(settings).then(createEvaluator);
    return (await opened)(...question);
  };
}

/**
 * Sorts ebuilds by their dependencies on each other, in the USE state of the configuration.
 *
 * @param evaluate asks the package manager; an ebuild that it refuses depends on nothing, and its trial says why
 * @throws the signal's reason
 */
export async function orderTrials(
  files: readonly NamedFile[],
  readFile: (path: string) => Promise<string>,
  evaluate: Evaluate,
  signal?: AbortSignal,
): Promise<TrialOrder> {
  const ebuilds: OrderedEbuild[] = [];
  for (const { path } of files) {
    const place = await unlessRefused(async () => locatePackage(path), signal);
    const metadata =
      place && (await unlessRefused(async () => evaluate(path, await readFile(path), signal), signal));
    ebuilds.push({ ...(place ?? NOWHERE), ...(metadata && describeMetadata(metadata)) });
  }
  const sorted = sortByDependency(ebuilds);
  const fileAt = (at: number) => files[at] as NamedFile;
  return {
    files: sorted.order.map((at) => ({ named: fileAt(at), needs: (sorted.needs[at] ?? []).map(fileAt) })),
    complaints: describeCycles(sorted, fileAt),
  };
}

/** A file that is no ebuild. No atom matches it. */
const NOWHERE: OrderedEbuild = {
  category: '',
  name: '',
  version: '',
  slot: undefined,
  subslot: undefined,
  atoms: [],
};

/** @throws UserError if the file is no ebuild in a repository */
function locatePackage(path: string): OrderedEbuild {
  const { category, packageName: name, packageAndVersion } = locateEbuild(path);
  return { ...NOWHERE, category, name, version: packageAndVersion.slice(name.length + 1) };
}

/** The result of a question; undefined if the answer is a sentence for the user, which the trial will say as well. */
async function unlessRefused<T>(
  ask: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    signal?.throwIfAborted();
    if (isForUser(error)) return undefined;
    throw error;
  }
}

function describeMetadata(metadata: EvaluatedMetadata): Pick<OrderedEbuild, 'slot' | 'subslot' | 'atoms'> {
  const [slot, subslot = slot] = metadata.slot.split('/');
  const atoms = collectAtoms(activeNodes(metadata, TRIAL_VARIABLES)).map(({ atom }) => atom);
  return { slot, subslot, atoms };
}

function describeCycles({ cycles }: DependencyOrder, fileAt: (at: number) => NamedFile): string[] {
  return cycles.map(
    (cycle) =>
      `${listNames(cycle.map((at) => basename(fileAt(at).file)))} depend on each other: they are tried in the order in which they were given.`,
  );
}
