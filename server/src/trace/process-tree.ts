import { baseName, findScript, NOBODY, type Role } from './attribution/role.ts';
import type { RecordedPackage } from './evidence.ts';
import { phaseFunction } from './phase-function.ts';
import type { OwnWorkTable } from './trace-context.ts';

/** On whose behalf a process works. */
export type Actor = 'package-manager' | 'ebuild';

export interface TracedProcess {
  readonly serial: number;
  /** What to call those above it up to its phase, outermost first, as they were called when it was first seen. */
  above: readonly string[];
  actor: Actor;
  /** The phase it belongs to, undefined before the first. */
  phase: string | undefined;
  /** Path of the program it runs now; for a script the script's path. */
  program: string;
  /** What to call it in a report: a program's name, or for a phase its function, e.g. `src_compile`. */
  label: string;
  /** Whether it is the process of a phase that has not come to the ebuild yet. */
  preparing: boolean;
  /** Whether it has executed anything itself; a process that only forked goes by its parent's name. */
  executed: boolean;
  /** For whom it works, and for whom it did before it ran this program. */
  role: Role;
  formerRole: Role;
  /**
   * Packages that it has used for the ebuild since it runs this program, under their names, and whether each followed from one before it
   * that needs it to run.
   */
  used: Map<string, { readonly package: RecordedPackage; readonly drawn: boolean }> | undefined;
  /** Whether it has listed a folder of libraries since it runs this program. */
  listsLibraries: boolean;
  /** Whose program it runs, if that counts as the ebuild's use of the package. */
  started: RecordedPackage | undefined;
}

/**
 * The processes of one trial. Total: an event about an unknown process makes one without a parent. A process keeps the names of
 * those above it and not those themselves, so that whoever has ended can be forgotten.
 */
export interface ProcessTree {
  get(serial: number): TracedProcess;
  start(serial: number, parent: number): void;
  /** No event of this process follows. */
  end(serial: number): void;
  /**
   * Tells the tree that a process runs another program; `phase` when this execution starts a phase. The process's role is what it was.
   *
   * @returns whether the program is one of the package manager's own
   */
  execute(serial: number, program: string, argv: readonly string[], phase: string | undefined): boolean;
  /** Tells the tree that a process named a path, which may be the sign that its phase has come to the ebuild. */
  access(process: TracedProcess, path: string): void;
  /** From the phase to the process, outermost first, repeated names left out. */
  chain(process: TracedProcess): string[];
}

/** A chain longer than this loses names in its middle: a build that keeps forking has no end of them. */
const MOST_NAMES = 32;

export function createProcessTree(ownWork: OwnWorkTable): ProcessTree {
  const processes = new Map<number, TracedProcess>();
  const create = (serial: number, parent: TracedProcess | undefined): TracedProcess => {
    const made: TracedProcess = {
      serial,
      above: parent === undefined ? [] : chainOf(parent),
      actor: parent?.actor ?? 'package-manager',
      phase: parent?.phase,
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
    execute(serial, program, argv, phase) {
      const process = get(serial);
      process.executed = true;
      process.formerRole = process.role;
      process.used = undefined;
      process.listsLibraries = false;
      process.started = undefined;
      process.program = program;
      const name = baseName(program);
      if (phase !== undefined) {
        process.above = [];
        process.phase = phase;
        process.preparing = ownWork.ebuildBegins !== undefined;
        process.actor = process.preparing ? 'package-manager' : 'ebuild';
        process.label = phaseFunction(phase);
        return true;
      }
      process.label = labelOf(name, argv);
      // A helper may be handed to another one as an argument, so that every word counts.
      const script = findScript(program, argv);
      const words = [program, ...argv.slice(0, 3), ...(script?.kind === 'file' ? [script.path] : [])];
      const own = words.filter((word) => ownWork.folders.some((folder) => word.startsWith(`${folder}/`)));
      if (own.length === 0) return false;
      const givesBack = own.some((word) => ownWork.ebuildHelpers.includes(baseName(word)));
      process.actor = givesBack ? 'ebuild' : 'package-manager';
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

function chainOf(process: TracedProcess): readonly string[] {
  const { above, label } = process;
  // Who only forked goes by its parent's name, which stands there already.
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
