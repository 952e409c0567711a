import { basename } from 'node:path';
import { listNames } from '../audit/conclusion.ts';
import { isForUser } from '../errors/user-error.ts';
import type { Evaluate } from '../evaluation/kept-evaluation.ts';
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

/**
 * Sorts ebuilds by their dependencies on each other, in the USE state of the configuration.
 *
 * @param evaluate asks the package manager; an ebuild that it refuses depends on nothing, and its trial says why
 * @throws SandboxError if the sandbox cannot run, and the signal's reason
 */
export async function orderTrials(
  files: readonly NamedFile[],
  readFile: (path: string) => Promise<string>,
  evaluate: Evaluate,
  signal?: AbortSignal,
): Promise<TrialOrder> {
  const known: { readonly named: NamedFile; readonly ebuild: OrderedEbuild }[] = [];
  const strangers: NamedFile[] = [];
  for (const named of files) {
    const ebuild = await describeEbuild(named, readFile, evaluate, signal);
    if (ebuild === undefined) strangers.push(named);
    else known.push({ named, ebuild });
  }
  const sorted = sortByDependency(known.map(({ ebuild }) => ebuild));
  const fileAt = (at: number) => known[at]?.named as NamedFile;
  const ordered = sorted.order.map((at) => ({
    named: fileAt(at),
    needs: (sorted.needs[at] ?? []).map(fileAt),
  }));
  return {
    files: [...strangers.map((named) => ({ named, needs: [] })), ...ordered],
    complaints: describeCycles(sorted, fileAt),
  };
}

/** @returns undefined for a file that is no ebuild, or cannot be read; its trial says why */
async function describeEbuild(
  { path }: NamedFile,
  readFile: (path: string) => Promise<string>,
  evaluate: Evaluate,
  signal: AbortSignal | undefined,
): Promise<OrderedEbuild | undefined> {
  try {
    const { category, packageName: name, packageAndVersion } = locateEbuild(path);
    const version = packageAndVersion.slice(name.length + 1);
    const unknown = { category, name, version, slot: undefined, subslot: undefined, atoms: [] };
    const metadata = await evaluateOrNot(path, await readFile(path), evaluate, signal);
    return metadata === undefined ? unknown : { ...unknown, ...describeMetadata(metadata) };
  } catch (error) {
    signal?.throwIfAborted();
    if (isForUser(error)) return undefined;
    throw error;
  }
}

async function evaluateOrNot(
  path: string,
  text: string,
  evaluate: Evaluate,
  signal: AbortSignal | undefined,
): Promise<EvaluatedMetadata | undefined> {
  try {
    return await evaluate(path, text, signal);
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
