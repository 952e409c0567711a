import type { OwnWorkTable } from './traced.ts';

/** On whose behalf a process works. */
export type Actor = 'package-manager' | 'ebuild';

export interface TracedProcess {
  readonly serial: number;
  readonly parent: TracedProcess | undefined;
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
}

/** The processes of one trial. Total: an event about an unknown process makes one without a parent. */
export interface ProcessTree {
  get(serial: number): TracedProcess;
  start(serial: number, parent: number): void;
  /** Tells the tree that a process runs another program; `phase` when this execution starts a phase. */
  execute(serial: number, program: string, argv: readonly string[], phase: string | undefined): void;
  /** Tells the tree that a process named a path, which may be the sign that its phase has come to the ebuild. */
  access(process: TracedProcess, path: string): void;
  /** From the phase to the process, outermost first, repeated names left out. */
  chain(process: TracedProcess): string[];
}

export function createProcessTree(ownWork: OwnWorkTable): ProcessTree {
  const processes = new Map<number, TracedProcess>();
  const create = (serial: number, parent: TracedProcess | undefined): TracedProcess => {
    const made: TracedProcess = {
      serial,
      parent,
      actor: parent?.actor ?? 'package-manager',
      phase: parent?.phase,
      program: parent?.program ?? '',
      label: parent?.label ?? '',
      preparing: false,
      executed: false,
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
    execute(serial, program, argv, phase) {
      const process = get(serial);
      process.executed = true;
      process.program = program;
      const name = baseName(program);
      if (phase !== undefined) {
        process.phase = phase;
        process.preparing = ownWork.ebuildBegins !== undefined;
        process.actor = process.preparing ? 'package-manager' : 'ebuild';
        process.label = phaseFunction(phase);
        return;
      }
      process.label = labelOf(name, argv);
      // A helper may be handed to another one as an argument, so that every word counts.
      const own = [program, ...argv.slice(0, 3)].filter((word) =>
        ownWork.folders.some((folder) => word.startsWith(`${folder}/`)),
      );
      if (own.length === 0) return;
      const givesBack = own.some((word) => ownWork.ebuildHelpers.includes(baseName(word)));
      process.actor = givesBack ? 'ebuild' : 'package-manager';
    },
    access(process, path) {
      if (!process.preparing || ownWork.ebuildBegins === undefined || !path.endsWith(ownWork.ebuildBegins))
        return;
      process.preparing = false;
      process.actor = 'ebuild';
    },
    chain(process) {
      const names: string[] = [];
      for (let one: TracedProcess | undefined = process; one !== undefined; one = one.parent) {
        if (one.executed && one.label !== names[0]) names.unshift(one.label);
        if (one.parent?.phase !== one.phase) break;
      }
      return names;
    },
  };
}

/** The function that a phase calls (PMS 9.1). */
export function phaseFunction(phase: string): string {
  return `${phase === 'setup' ? 'pkg' : 'src'}_${phase}`;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const INTERPRETERS = /^(ba|da|k|z)?sh$|^(python|perl)[\d.]*$/;

/** An interpreter says little; the script it was given says more. */
function labelOf(name: string, argv: readonly string[]): string {
  const script = argv[1];
  return INTERPRETERS.test(name) && script !== undefined && !script.startsWith('-') ? baseName(script) : name;
}
