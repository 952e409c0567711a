import type { RecordedPackage } from '../evidence.ts';
import { phaseFunction } from '../phase-function.ts';
import type { OwnWorkTable } from '../trace-context.ts';
import { baseName, findScript, NOBODY, type Role } from './role.ts';

/** On whose behalf a process works. */
export type Actor = 'package-manager' | 'ebuild';

export interface TracedProcess {
  readonly serial: number;
  /** The labels of its ancestors up to its phase, outermost first, as they were when the process was first seen. */
  above: readonly string[];
  actor: Actor;
  /** The phase it belongs to, undefined before the first. */
  phase: string | undefined;
  /** Path of the program it runs now; for a script the script's path. */
  program: string;
  /** What to call it in a report: a program's name, or for a phase its function, e.g. `src_compile`. */
  label: string;
  /** Whether it is the process of a phase that has not reached the ebuild yet. */
  preparing: boolean;
  /** Whether it has executed anything itself; a process that only forked has its parent's label. */
  executed: boolean;
  /** For whom it works, and for whom it did before it ran this program. */
  role: Role;
  formerRole: Role;
  /** Packages that it has used for the ebuild since it runs this program, by id; `drawn` as in `Deed`. */
  used: Map<string, { readonly package: RecordedPackage; readonly drawn: boolean }> | undefined;
  /** Whether it has listed a folder of libraries since it runs this program. */
  listsLibraries: boolean;
  /** Whose program it runs, if that counts as the ebuild's use of the package. */
  started: RecordedPackage | undefined;
}

/** Whether a process works for the ebuild in one of its phases: only the accesses of such processes become uses and denials. */
export function worksForEbuild({ actor, phase }: TracedProcess): boolean {
  return actor === 'ebuild' && phase !== undefined;
}

/**
 * The processes of one trial. Total: an event about an unknown process makes one without a parent. A process keeps the labels of its
 * ancestors and not the ancestors, so a process that has ended can be forgotten.
 */
export interface ProcessTree {
  get(serial: number): TracedProcess;
  start(serial: number, parent: number): void;
  /** No event of this process follows. */
  end(serial: number): void;
  /**
   * A process runs another program. Its role is left as it was.
   *
   * @param started the phase that this execution starts, if it starts one
   * @returns whether the program is one of the package manager's own
   */
  execute(serial: number, program: string, argv: readonly string[], started: string | undefined): boolean;
  /** A process named a path, which may be the sign that its phase has reached the ebuild. */
  access(process: TracedProcess, path: string): void;
  /** From the phase to the process, outermost first, repeated names left out. */
  chain(process: TracedProcess): string[];
}

/** A chain longer than this loses names in its middle: a build that keeps forking has no end of them. */
const MOST_NAMES = 32;

/** @param phase of processes that start before any execution starts a phase; absent: they belong to none */
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

/** The words of an execution that name the package manager's own programs. A helper may be an argument of another helper. */
function findOwnWork({ folders }: OwnWorkTable, program: string, argv: readonly string[]): string[] {
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

/** An interpreter says little; the script it was given says more. */
function labelOf(name: string, argv: readonly string[]): string {
  const script = argv[1];
  return INTERPRETERS.test(name) && script !== undefined && !script.startsWith('-') ? baseName(script) : name;
}
