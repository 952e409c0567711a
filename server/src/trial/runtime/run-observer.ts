import { openElf } from '../../image/elf/elf-file.ts';
import { readNeedsOfElf } from '../../image/elf/elf-needs.ts';
import { readPieces } from '../../image/elf/file-pieces.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/attribution.ts';
import type { TraceEvent } from '../../trace/event.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import { createProcessTree, type TracedProcess } from '../../trace/process-tree.ts';
import type { Licence, TouchedFile, TraceContext } from '../../trace/trace-context.ts';

/** A library that was loaded and that no loaded file links: by dlopen(3) or the like. */
export interface LoadedLibrary {
  readonly package: RecordedPackage;
  /** By what right it was visible. */
  readonly licence: Licence;
  readonly evidence: Evidence;
}

/** What a run asked of the view. */
export interface ObservedRun {
  /** The packages of which something was hidden that the run asked for, what it asked for last first. */
  readonly denials: readonly Denial[];
  readonly loaded: readonly LoadedLibrary[];
}

/** What an observer must know of the view. */
export interface RunContext extends Pick<TraceContext, 'touch' | 'needsToRun' | 'hiddenAt'> {
  /** The file that the sandbox shows under a path, as a path of this machine. */
  locate(path: string): string | undefined;
  /** Whether the path is the installed package's own, in this version or another. */
  isOwn(path: string): boolean;
}

export interface RunObserver {
  observe(event: TraceEvent): void;
  result(): ObservedRun;
}

/** What the evidence calls the time at which all of it happens. */
export const RUNTIME_PHASE = 'runtime';

/** Kept per package: enough to explain, never the whole trace. */
const EVIDENCE_KEPT = 4;

const LIBRARY = /\/lib[^/]*\/(?:.*\/)?[^/]+\.so(?:\.[\w.]+)?$/;
const PROGRAM = /\/s?bin\/[^/]+$/;

/** What one program has loaded or is known to load. */
interface Loading {
  /** Names of libraries that the program and what it has loaded link. */
  readonly linked: Set<string>;
  /** The owners of the program and its interpreters; none: it is the installed package's own. */
  readonly owners: readonly RecordedPackage[];
}

interface Denied {
  readonly package: RecordedPackage;
  readonly evidence: Map<string, Evidence>;
  last: number;
  weak: boolean;
}

/** Reads the events of a run of an installed program as they come. */
export function createRunObserver(context: RunContext): RunObserver {
  const tree = createProcessTree({ folders: [], ebuildHelpers: [] });
  const loadings = new Map<number, Loading>();
  const denied = new Map<string, Denied>();
  const loaded = new Map<string, LoadedLibrary>();
  let clock = 0;

  const describe = (
    process: TracedProcess,
    operation: Evidence['operation'],
    { path, hidden }: TouchedFile,
  ): Evidence => ({
    phase: RUNTIME_PHASE,
    program: process.program,
    chain: tree.chain(process),
    operation,
    path,
    result: hidden ? 'denied' : 'seen',
    count: 1,
  });

  const deny = (
    process: TracedProcess,
    operation: Evidence['operation'],
    file: TouchedFile,
    weak: boolean,
  ) => {
    const id = packageId(file.package);
    const known = denied.get(id) ?? { package: file.package, evidence: new Map(), last: 0, weak: true };
    denied.set(id, known);
    known.last = clock;
    known.weak &&= weak;
    const key = `${process.program} ${file.path}`;
    const before = known.evidence.get(key);
    if (before !== undefined) known.evidence.set(key, { ...before, count: before.count + 1 });
    else if (known.evidence.size < EVIDENCE_KEPT) known.evidence.set(key, describe(process, operation, file));
  };

  const touch = (process: TracedProcess, operation: Evidence['operation'], path: string) => {
    if (context.isOwn(path)) return;
    for (const file of context.touch(path)) {
      const meant = operation !== 'look-up' || LIBRARY.test(file.path) || PROGRAM.test(file.path);
      if (file.hidden && !context.isOwn(file.path)) deny(process, operation, file, !meant);
    }
  };

  /** A program that lists a folder, as Python does for its modules, never names what the list lacks. */
  const lookIntoFolder = (process: TracedProcess, path: string, isListed: boolean) => {
    if (context.isOwn(path)) return;
    for (const file of context.hiddenAt(path, isListed)) deny(process, 'look-up', file, true);
  };

  const load = (process: TracedProcess, path: string) => {
    const loading = loadings.get(process.serial);
    if (loading === undefined || !LIBRARY.test(path)) return;
    const isLinked = loading.linked.has(baseName(path));
    for (const name of linkedBy(context.locate(path))) loading.linked.add(name);
    if (isLinked || context.isOwn(path)) return;
    const file = context.touch(path).at(-1);
    if (file === undefined || file.hidden || file.licence === 'system') return;
    // What another package's program loads, such as the modules of an interpreter, is that package's business.
    const belongsToOwner = loading.owners.some(
      (owner) => packageId(owner) === packageId(file.package) || context.needsToRun(owner, file.package),
    );
    const key = `${packageId(file.package)} ${baseName(file.path)}`;
    if (belongsToOwner || loaded.has(key)) return;
    const { package: owner, licence } = file;
    loaded.set(key, { package: owner, licence, evidence: describe(process, 'read', file) });
  };

  const execute = (serial: number, path: string, argv: readonly string[], files: readonly string[]) => {
    tree.execute(serial, path, argv, undefined);
    const owners = files.flatMap((file) =>
      context.isOwn(file)
        ? []
        : context
            .touch(file)
            .slice(-1)
            .map((one) => one.package),
    );
    const linked = new Set(files.flatMap((file) => linkedBy(context.locate(file))));
    loadings.set(serial, { linked, owners });
  };

  return {
    observe(event) {
      clock += 1;
      if (event.kind === 'process') {
        tree.start(event.serial, event.parent);
        const parent = loadings.get(event.parent);
        if (parent !== undefined) loadings.set(event.serial, { ...parent, linked: new Set(parent.linked) });
      } else if (event.kind === 'exited') {
        tree.end(event.serial);
        loadings.delete(event.serial);
      } else if (event.kind === 'exec') {
        const process = tree.get(event.serial);
        const names = [event, ...event.interpreters].map(({ path, hops }) => hops.at(-1) ?? path);
        for (const name of names) touch(process, 'execute', name);
        if (event.found) execute(event.serial, names[0] ?? event.path, event.argv, names);
      } else if (event.kind === 'access') {
        const process = tree.get(event.serial);
        const path = event.hops.at(-1) ?? event.path;
        if (event.operation === 'readdir') lookIntoFolder(process, path, true);
        else {
          const operation = event.operation === 'open' ? 'read' : 'look-up';
          for (const named of [event.path, ...event.hops]) touch(process, operation, named);
          if (event.result === 'missing') lookIntoFolder(process, path, false);
          else if (operation === 'read' && event.result === 'file') load(process, path);
        }
      }
    },
    result: () => ({
      denials: [...denied.values()]
        .sort((a, b) => b.last - a.last)
        .map((one) => ({
          package: one.package,
          phase: RUNTIME_PHASE,
          variable: 'RDEPEND',
          evidence: [...one.evidence.values()],
          last: one.last,
          kinds: [],
          bounds: [],
          weak: one.weak,
        })),
      loaded: [...loaded.values()],
    }),
  };
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function linkedBy(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  return (
    readPieces(file, (read) => {
      const elf = openElf(read);
      return elf === undefined ? [] : readNeedsOfElf(elf).needed;
    }) ?? []
  );
}
