import { classifyPath, type PathClass, variableFor } from './path-class.ts';
import { createProcessTree, type TracedProcess } from './process-tree.ts';
import type { DependencyVariable, Evidence, RecordedPackage } from './record.ts';
import type { TouchedFile, TraceContext, TracedEvent, TracedPath } from './traced.ts';

/** A package that the build asked for and the view hid. */
export interface Denial {
  readonly package: RecordedPackage;
  readonly phase: string;
  readonly variable: DependencyVariable;
  readonly evidence: readonly Evidence[];
  /** Counts up with every event: of two denials the one with the higher number came later. */
  readonly last: number;
}

/** A program that only the package manager's sake makes visible, run by the ebuild itself. */
export interface UnlicensedRun {
  readonly package: RecordedPackage;
  readonly evidence: readonly Evidence[];
}

/** Reads the events of one run as they come and keeps what the judging needs; memory is bounded by the number of packages. */
export interface Attribution {
  observe(event: TracedEvent): void;
  /** The phase that was started last. */
  readonly phase: string | undefined;
  /** How many different packages were touched. */
  readonly packagesSeen: number;
  readonly gaps: readonly string[];
  /** What was denied to the ebuild's own processes in a phase, the likeliest cause of its failure first. */
  denials(phase: string): Denial[];
  unlicensedRuns(): UnlicensedRun[];
}

/** Kept per package, phase and class: enough to explain, never the whole trace. */
const EVIDENCE_KEPT = 4;

interface MutableDenial {
  readonly package: RecordedPackage;
  readonly phase: string;
  readonly classes: Map<PathClass, { evidence: Map<string, Evidence>; last: number }>;
}

const identify = (one: RecordedPackage) => `${one.category}/${one.name}-${one.version}`;

export function createAttribution(context: TraceContext): Attribution {
  const tree = createProcessTree(context.ownWork);
  const denied = new Map<string, MutableDenial>();
  const runs = new Map<string, { package: RecordedPackage; evidence: Map<string, Evidence> }>();
  const seen = new Set<string>();
  const gaps = new Set<string>();
  let phase: string | undefined;
  let clock = 0;

  const keep = (
    evidence: Map<string, Evidence>,
    process: TracedProcess,
    operation: Evidence['operation'],
    file: TouchedFile,
  ) => {
    const key = `${process.program} ${file.path}`;
    const known = evidence.get(key);
    // A program often looks a file up before it reads it; the stronger deed says it all.
    if (known !== undefined) {
      if (operation === known.operation) evidence.set(key, { ...known, count: known.count + 1 });
      else if (known.operation === 'look-up') evidence.set(key, { ...known, operation, count: 1 });
    } else if (evidence.size < EVIDENCE_KEPT) {
      evidence.set(key, {
        phase: process.phase ?? '',
        program: process.program,
        chain: tree.chain(process),
        operation,
        path: file.path,
        result: file.hidden ? 'denied' : 'seen',
        count: 1,
      });
    }
  };

  const deny = (process: TracedProcess, operation: Evidence['operation'], file: TouchedFile) => {
    if (process.actor !== 'ebuild' || process.phase === undefined) return;
    const pathClass = classifyPath(file.path);
    const key = `${process.phase} ${identify(file.package)}`;
    let denial = denied.get(key);
    if (denial === undefined) {
      denial = { package: file.package, phase: process.phase, classes: new Map() };
      denied.set(key, denial);
    }
    let ofClass = denial.classes.get(pathClass);
    if (ofClass === undefined) {
      ofClass = { evidence: new Map(), last: 0 };
      denial.classes.set(pathClass, ofClass);
    }
    ofClass.last = clock;
    keep(ofClass.evidence, process, operation, file);
  };

  const touch = (process: TracedProcess, operation: Evidence['operation'], named: TracedPath) => {
    const touchOne = (path: string) => {
      for (const file of context.touch(path)) {
        if (!file.hidden) seen.add(identify(file.package));
        else deny(process, operation, file);
      }
    };
    touchOne(named.path);
    named.hops?.forEach(touchOne);
  };

  /** The file at the end of all links. */
  const endOf = (named: TracedPath | undefined): TouchedFile | undefined =>
    named && context.touch(named.hops?.at(-1) ?? named.path).at(-1);

  const run = (process: TracedProcess, program: TracedPath, interpreters: readonly TracedPath[]) => {
    if (process.actor !== 'ebuild') return;
    const chosen = endOf(program) ?? endOf(interpreters[0]);
    if (chosen === undefined || chosen.hidden || chosen.licence !== 'package-manager-only') return;
    // An interpreter is the business of whoever owns the script; a program that another program of a package needs in
    // order to run is that package's business. What is left was started by the ebuild's own scripts and build files.
    const caller = context.touch(process.program).at(-1)?.package;
    if (caller !== undefined && context.needsToRun(caller, chosen.package)) return;
    const key = identify(chosen.package);
    const entry = runs.get(key) ?? { package: chosen.package, evidence: new Map() };
    runs.set(key, entry);
    keep(entry.evidence, process, 'execute', chosen);
  };

  return {
    get phase() {
      return phase;
    },
    get packagesSeen() {
      return seen.size;
    },
    get gaps() {
      return [...gaps];
    },
    observe(event) {
      clock += 1;
      if (event.kind === 'process') tree.start(event.serial, event.parent);
      else if (event.kind === 'exited') tree.end(event.serial);
      else if (event.kind === 'gap') gaps.add(event.reason);
      else if (event.kind === 'connect') {
        if (event.family === 'unix') touch(tree.get(event.serial), 'look-up', event);
      } else if (event.kind === 'access') {
        const process = tree.get(event.serial);
        tree.access(process, event.path);
        touch(process, operationOf(event.operation), event);
        if (event.operation === 'link' && event.to !== undefined)
          touch(process, 'look-up', { path: event.to });
      } else if (event.kind === 'exec') {
        const process = tree.get(event.serial);
        touch(process, 'execute', event);
        for (const interpreter of event.interpreters) touch(process, 'execute', interpreter);
        if (event.loader !== undefined) touch(process, 'read', event.loader);
        if (!event.found) return;
        const started = context.phaseOf(event.path, event.argv);
        const executable = endOf(event)?.path ?? event.hops?.at(-1) ?? event.path;
        // The caller is what the process ran until now, so this comes before the tree is told.
        const before = { ...process };
        tree.execute(event.serial, executable, event.argv, started);
        if (started !== undefined) phase = started;
        if (started === undefined && process.actor === 'ebuild') run(before, event, event.interpreters);
      }
    },
    denials(ofPhase) {
      const found: Denial[] = [];
      for (const denial of denied.values()) {
        if (denial.phase !== ofPhase) continue;
        const told = [...denial.classes].filter(([pathClass]) => variableFor(pathClass) !== undefined);
        // A package may be asked for in several ways; the last one before the failure says what it was asked for as.
        told.sort(([, a], [, b]) => b.last - a.last);
        const [pathClass, decisive] = told[0] ?? [];
        if (pathClass === undefined || decisive === undefined) continue;
        const variable = variableFor(pathClass) as DependencyVariable;
        found.push({
          package: denial.package,
          phase: denial.phase,
          variable,
          evidence: [...decisive.evidence.values()],
          last: decisive.last,
        });
      }
      return found.sort((a, b) => b.last - a.last);
    },
    unlicensedRuns: () =>
      [...runs.values()].map((one) => ({ package: one.package, evidence: [...one.evidence.values()] })),
  };
}

function operationOf(operation: string): Evidence['operation'] {
  return operation === 'open' || operation === 'readdir' ? 'read' : 'look-up';
}
