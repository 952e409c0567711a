import type { RecordedPackage } from '../evidence.ts';
import { phaseFunction } from '../phase-function.ts';
import type { OwnWorkTable } from '../trace-context.ts';
import { baseName, findScript, NOBODY, type Role } from './role.ts';

/** The side on whose behalf a process works. */
export type Actor = 'package-manager' | 'ebuild';

export interface TracedProcess {
  readonly serial: number;
  /** The labels of its ancestors up to its phase, outermost first, from the time when the process was first seen. */
  above: readonly string[];
  actor: Actor;
  /** The phase it belongs to, undefined before the first. */
  phase: string | undefined;
  /** Path of the program that it runs now; of a script, the script's path. */
  program: string;
  /** Its name in a report: the name of a program, or the function of a phase, e.g. `src_compile`. */
  label: string;
  /** Whether it is the process of a phase that has not reached the code of the ebuild yet. */
  preparing: boolean;
  /** Whether it has executed anything itself; a process that only forked has its parent's label. */
  executed: boolean;
  /** The package for which it works, and the one before it executed its current program. */
  role: Role;
  formerRole: Role;
  /** Packages that it has used for the ebuild since it executed its current program, by id; `drawn` as in `Deed`. */
  used: Map<string, { readonly package: RecordedPackage; readonly drawn: boolean }> | undefined;
  /** Whether it has listed a library folder since it executed its current program. */
  listsLibraries: boolean;
  /** The package of its program, if running it counts as a use by the ebuild. */
  started: RecordedPackage | undefined;
}

/** Whether a process works for the ebuild in one of its phases: only the accesses of such processes become uses and denials. */
export function worksForEbuild({ actor, phase }: TracedProcess): boolean {
  return actor === 'ebuild' && phase !== undefined;
}

/**
 * The processes of one trial. Total: an event of an unknown process adds a process without a parent. A process keeps the labels of its
 * ancestors instead of the ancestors, so a process that has ended can be removed.
 */
export interface ProcessTree {
  get(serial: number): TracedProcess;
  start(serial: number, parent: number): void;
  /** Removes a process: no event of it follows. */
  end(serial: number): void;
  /**
   * Records that a process runs another program. Its role does not change.
   *
   * @param started the phase that this execution starts, if any
   * @returns whether the program belongs to the package manager itself
   */
  execute(serial: number, program: string, argv: readonly string[], started: string | undefined): boolean;
  /** Records that a process named a path. The path may show that the phase has reached the code of the ebuild. */
  access(process: TracedProcess, path: string): void;
  /** The labels from the phase to the process, outermost first, without repeated names. */
  chain(process: TracedProcess): string[];
}

/** Longer chains lose names in their middle, because a build that keeps forking would make a chain without end. */
const MOST_NAMES = 32;

/** @param phase the phase of processes that start before an execution starts one; absent: they have no phase */
export function createProcessTree(ownWork: OwnWorkTable, phase?: string): ProcessTree {
  const processes = new Map<number, TracedProcess>();
  const create = (serial: number, parent: TracedProcess | undefined): TracedProcess => {
    const made: TracedProcess = {
      serial,
      above: parent === undefined ? [] : chainOf(parent),
      actor: parent?.actor ?? 'package-manager',
      phase: parent === undefined ? phase : parent.phase,
      program: parent?.program ?? '',
      label: parent?.label ?? '',
      preparing: false,
      executed: false,
      role: parent?.role ?? NOBODY,
      formerRole: NOBODY,
      used: undefined,
      listsLibraries: false,
      started: undefined,
    };
    processes.set(serial, made);
    return made;
  };
  const get = (serial: number) => processes.get(serial) ?? create(serial, undefined);
  return {
    get,
    start(serial, parent) {
      if (!processes.has(serial)) create(serial, parent === 0 ? undefined : get(parent));
    },
    end(serial) {
      processes.delete(serial);
    },
    execute(serial, program, argv, started) {
      const process = get(serial);
      process.executed = true;
      process.formerRole = process.role;
      process.used = undefined;
      process.listsLibraries = false;
      process.started = undefined;
      process.program = program;
      if (started !== undefined) {
        process.above = [];
        process.phase = started;
        process.preparing = ownWork.ebuildBegins !== undefined;
        process.actor = process.preparing ? 'package-manager' : 'ebuild';
        process.label = phaseFunction(started);
        return true;
      }
      process.label = labelOf(baseName(program), argv);
      const own = findOwnWork(ownWork, program, argv);
      if (own.length === 0) return false;
      const isHandedBack = own.some((word) => ownWork.ebuildHelpers.includes(baseName(word)));
      process.actor = isHandedBack ? 'ebuild' : 'package-manager';
      return true;
    },
    access(process, path) {
      if (!process.preparing || !ownWork.ebuildBegins?.some((end) => path.endsWith(end))) return;
      process.preparing = false;
      process.actor = 'ebuild';
    },
    chain: (process) => [...chainOf(process)],
  };
}

/** The words of an execution that name programs of the package manager. A helper may be an argument of another helper. */
function findOwnWork(table: OwnWorkTable, program: string, argv: readonly string[]): string[] {
  const { folders, programs = [] } = table;
  if (programs.includes(program)) return [program];
  const script = findScript(program, argv);
  const words = [program, ...argv.slice(0, 3), ...(script?.kind === 'file' ? [script.path] : [])];
  return words.filter((word) => folders.some((folder) => word.startsWith(`${folder}/`)));
}

function chainOf(process: TracedProcess): readonly string[] {
  const { above, label } = process;
  // A process that only forked has its parent's label, which is in the chain already.
  if (!process.executed || above.at(-1) === label) return above;
  const whole = [...above, label];
  return whole.length <= MOST_NAMES
    ? whole
    : [...whole.slice(0, MOST_NAMES / 2), ...whole.slice(1 - MOST_NAMES / 2)];
}

const INTERPRETERS = /^(ba|da|k|z)?sh$|^(python|perl)[\d.]*$/;

/** The name of a script says more than that of its interpreter. */
function labelOf(name: string, argv: readonly string[]): string {
  const script = argv[1];
  return INTERPRETERS.test(name) && script !== undefined && !script.startsWith('-') ? baseName(script) : name;
}
