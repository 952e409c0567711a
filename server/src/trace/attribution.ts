import { packageId as identify } from '../pms/package-id.ts';
import { isProgramsBusiness, isReadersBusiness, isSamePackage } from './attribution/business.ts';
import { type Denial, toDenial } from './attribution/denial.ts';
import { createIncidents, isNetworkAccess, wantsOwner } from './attribution/incidents.ts';
import { leaveOutFolders, understand } from './attribution/named-files.ts';
import { type ModuleBound, moduleOf } from './attribution/pkg-config-call.ts';
import { baseName, findScript, NOBODY, PHASE_SHELL, type Role, takeRole } from './attribution/role.ts';
import { createSightings, type Sightings } from './attribution/sightings.ts';
import type { UseSighting } from './attribution/use.ts';
import type { Evidence, Incident, RecordedPackage } from './evidence.ts';
import { classifyPath, isAmbient, isFlagsScript, isLibraryFolder, type PathClass } from './path-class.ts';
import { createProcessTree, type TracedProcess } from './process-tree.ts';
import type { TouchedFile, TraceContext, TracedEvent, TracedPath } from './trace-context.ts';
import { variableFor } from './use-kind.ts';

export { type Denial, isNamedIn } from './attribution/denial.ts';
export type { ModuleBound } from './attribution/pkg-config-call.ts';
export type { ObservedUse, UnlicensedRun, UseSighting } from './attribution/use.ts';

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
  /** The visible packages that the ebuild's own processes used, in the order in which they came to. */
  uses(): UseSighting[];
  /** What else the ebuild's own processes did and should not. */
  incidents(): Incident[];
}

export function createAttribution(context: TraceContext): Attribution {
  const tree = createProcessTree(context.ownWork);
  /** By phase. */
  const denied = new Map<string, Sightings>();
  const used = createSightings();
  const incidents = createIncidents();
  const seen = new Set<RecordedPackage>();
  const gaps = new Set<string>();
  let phase: string | undefined;
  let clock = 0;

  const describe = (
    process: TracedProcess,
    operation: Evidence['operation'],
    path: string,
    result: Evidence['result'],
  ): Evidence => ({
    phase: process.phase ?? '',
    program: process.program,
    chain: tree.chain(process),
    operation,
    path,
    result,
    count: 1,
  });

  const deniedIn = (ofPhase: string): Sightings => {
    const known = denied.get(ofPhase);
    if (known !== undefined) return known;
    const made = createSightings();
    denied.set(ofPhase, made);
    return made;
  };

  const sight = (process: TracedProcess, doing: Doing, file: TouchedFile, weak: boolean, drawn: boolean) => {
    const { kind, operation, bounds } = doing;
    const deed = {
      package: file.package,
      kind,
      weak: file.hidden ? weak : drawn,
      bounds,
      program: process.program,
      operation,
      path: file.path,
      describe: () => describe(process, operation, file.path, file.hidden ? 'denied' : 'seen'),
    };
    const sightings = file.hidden ? deniedIn(process.phase ?? '') : used;
    sightings.add(identify(file.package), deed, clock);
  };

  /** Whether another package that the process has used needs this one to run, so that it follows from that. */
  const isDrawn = (process: TracedProcess, one: RecordedPackage): boolean => {
    process.used ??= new Map();
    const id = identify(one);
    const known = process.used.get(id);
    if (known !== undefined) return known.drawn;
    const drawn = [...process.used.values()].some((other) => context.needsToRun(other.package, one));
    process.used.set(id, { package: one, drawn });
    return drawn;
  };

  const use = (process: TracedProcess, doing: Doing, file: TouchedFile) => {
    const { acting, call } = process.role;
    // What pkg-config was asked for by name is wanted for itself, whatever else needs it. What another package's program loads is that
    // program's choice.
    const isAsked = doing.kind === 'pkg-config' && call?.isWhole === true;
    const isChosen = acting !== undefined && variableFor(doing.kind) !== 'DEPEND';
    sight(process, doing, file, false, (isDrawn(process, file.package) && !isAsked) || isChosen);
  };

  const open = (process: TracedProcess, operation: Evidence['operation'], named: TracedPath) => {
    openOne(process, operation, named.path);
    for (const hop of named.hops ?? []) openOne(process, operation, hop);
  };

  const openOne = (process: TracedProcess, operation: Evidence['operation'], path: string) => {
    const files = context.touch(path);
    if (files.length === 0) return;
    for (const file of files) if (!file.hidden) seen.add(file.package);
    const { role } = process;
    if (process.actor !== 'ebuild' || process.phase === undefined) return;
    const { kind, ambient, meant } = understand(files);
    for (const file of meant) {
      // What is only looked up is not used, and to read a program is not to run it.
      if (!file.hidden && (operation !== 'read' || kind === 'program' || ambient)) continue;
      const business =
        ambient ||
        isReadersBusiness(role, file, kind, context.needsToRun) ||
        (kind === 'library' && process.listsLibraries);
      if (!file.hidden && business) continue;
      const doing = { kind, operation, bounds: kind === 'pkg-config' ? boundsOf(role, path) : NO_BOUNDS };
      if (file.hidden)
        sight(process, doing, file, business || kind === 'data' || isTyped(process, kind), false);
      else use(process, doing, file);
    }
  };

  /**
   * Whether the shell of a phase itself looks for a program, as `type -P` does in eclasses. Where the ebuild runs a program that is hidden
   * nothing else is seen, so that it is not to be forgotten.
   */
  const isTyped = (process: TracedProcess, kind: PathClass) =>
    kind === 'program' && process.role === PHASE_SHELL;

  /** Folders belong to nobody: what is hidden is found by their path. */
  const lookIntoFolder = (process: TracedProcess, path: string, listed: boolean) => {
    if (process.actor !== 'ebuild' || process.phase === undefined) return;
    const found = context.hiddenAt(path, listed);
    for (const file of found) {
      const kind = classifyPath(file.path);
      const doing: Doing = { kind, operation: 'look-up', bounds: NO_BOUNDS };
      // A folder that several packages share is one of those in which modules are looked for.
      const isNamed = !listed && found.length === 1 && variableFor(kind) === 'DEPEND';
      sight(process, doing, file, !isNamed || isAmbient(file.path), false);
    }
  };

  /** Programs and interpreters that a process asked for and that are hidden. */
  const denyPrograms = (process: TracedProcess, named: readonly TracedPath[]) => {
    for (const path of named.flatMap((one) => [one.path, ...(one.hops ?? [])])) {
      for (const file of context.touch(path)) {
        if (!file.hidden) seen.add(file.package);
        else if (process.actor === 'ebuild' && process.phase !== undefined) {
          const doing: Doing = { kind: programKind(file), operation: 'execute', bounds: NO_BOUNDS };
          const weak =
            isAmbient(file.path) || isProgramsBusiness(process.role, file.package, false, context.needsToRun);
          sight(process, doing, file, weak, false);
        }
      }
    }
  };

  const programKind = (file: TouchedFile): PathClass =>
    isFlagsScript(file.path) && context.hasHeaders(file.package) ? 'pkg-config' : 'program';

  /** The owned files that a path leads to by all links, the last one where the kernel ends up. */
  const filesOf = (named: TracedPath | undefined): readonly TouchedFile[] =>
    named === undefined ? [] : leaveOutFolders(context.touch(named.hops?.at(-1) ?? named.path));

  const execute = (process: TracedProcess, event: TracedEvent & { kind: 'exec' }) => {
    denyPrograms(process, [event, ...event.interpreters]);
    if (event.loader !== undefined) open(process, 'read', event.loader);
    if (!event.found) return;
    const programs = filesOf(event);
    const executable = programs.at(-1)?.path ?? event.hops?.at(-1) ?? event.path;
    const started = context.phaseOf(event.argv);
    // The caller is what the process ran until now, so this comes before the tree is told.
    const caller = { ...process };
    const isOwnWork = tree.execute(event.serial, executable, event.argv, started);
    if (started !== undefined) phase = started;
    if (isOwnWork) {
      process.role = started === undefined ? NOBODY : PHASE_SHELL;
      return;
    }
    const interpreters = event.interpreters.length === 0 ? [] : filesOf(event.interpreters.at(-1));
    const script = event.interpreters.length === 0 ? findScript(executable, event.argv) : undefined;
    const scripts = script?.kind === 'file' && script.path.startsWith('/') ? filesOf(script) : [];
    // What was started is the script where it has an owner, who then answers for the interpreter.
    const chosen = [scripts, programs, interpreters].find((files) => files.length > 0) ?? [];
    const handsOver = isWrapper(caller, chosen);
    const callersRole = handsOver ? caller.formerRole : caller.role;
    process.role = takeRole(
      {
        named: event.path,
        program: executable,
        programFile: programs.at(-1),
        interpreterFile: interpreters.at(-1),
        scriptFile: scripts.at(-1),
        argv: event.argv,
        script,
      },
      callersRole,
    );
    if (process.actor !== 'ebuild' || caller.actor !== 'ebuild' || process.phase === undefined) return;
    if (handsOver && caller.started !== undefined) used.weaken(identify(caller.started), 'program');
    const isOwnScript = scripts.length === 0 && (script?.kind === 'file' || chosen === interpreters);
    process.started = start(caller, callersRole, chosen, isOwnScript);
    for (const named of [event, ...event.interpreters]) noticeUnowned(caller, 'execute', named);
  };

  /**
   * Takes down that a program was started.
   *
   * @param files those that were named, links first
   * @param isOwnScript whether the program is an interpreter, and what it runs belongs to no package
   * @returns whose program it is, if that is a use by the ebuild itself
   */
  const start = (
    caller: TracedProcess,
    role: Role,
    files: readonly TouchedFile[],
    isOwnScript: boolean,
  ): RecordedPackage | undefined => {
    let started: RecordedPackage | undefined;
    for (const [at, file] of files.entries()) {
      const links = files.slice(0, at);
      if (file.hidden || isAmbient(file.path)) continue;
      if (links.some((link) => isSamePackage(link.package, file.package))) continue;
      if (isProgramsBusiness(role, file.package, isOwnScript, context.needsToRun)) continue;
      // Who owns the link chooses among programs (app-alternatives/yacc), and the one behind it follows.
      const isBehind = links.some((link) => context.needsToRun(link.package, file.package));
      const drawn = isBehind || (role.acting !== undefined && !isOwnScript);
      const kind = programKind(file);
      sight(caller, { kind, operation: 'execute', bounds: NO_BOUNDS }, file, false, drawn);
      if (!drawn && kind === 'program') started = file.package;
    }
    return started;
  };

  /** Whether a process hands over to a program that needs the one which it has run: python-exec is a part of how Python is started. */
  const isWrapper = ({ role: { acting }, executed }: TracedProcess, chosen: readonly TouchedFile[]) =>
    acting !== undefined &&
    executed &&
    chosen.some((file) => !isSamePackage(acting, file.package) && context.needsToRun(file.package, acting));

  const noticeUnowned = (process: TracedProcess, operation: Evidence['operation'], named: TracedPath) => {
    if (process.actor !== 'ebuild' || process.phase === undefined) return;
    const path = context.unowned(named.hops?.at(-1) ?? named.path);
    if (path === undefined || !wantsOwner(path) || isAmbient(path)) return;
    // A program is used by being run.
    if (operation === 'read' && classifyPath(path) === 'program') return;
    incidents.add('unowned-file', process.program, path, () => describe(process, operation, path, 'seen'));
  };

  const connect = (process: TracedProcess, event: TracedEvent & { kind: 'connect' }) => {
    if (event.family === 'unix') open(process, 'look-up', event);
    if (!event.family.startsWith('inet') || process.actor !== 'ebuild' || process.phase === undefined) return;
    if (!isNetworkAccess(process.program, process.phase, event.path, event.port)) return;
    const address =
      event.family === 'inet6' ? `[${event.path}]:${event.port}` : `${event.path}:${event.port}`;
    incidents.add('network-access', process.program, address, () =>
      describe(process, 'look-up', address, 'denied'),
    );
  };

  const access = (process: TracedProcess, event: TracedEvent & { kind: 'access' }) => {
    tree.access(process, event.path);
    if (process.role.awaits !== undefined && baseName(event.path) === process.role.awaits)
      process.role = { ...process.role, awaits: undefined };
    const isListed = event.operation === 'readdir';
    // What changes something below /usr is no use of what lies there.
    if (!LOOKS.has(event.operation)) return;
    open(process, event.operation === 'open' ? 'read' : 'look-up', event);
    if (event.operation === 'link' && event.to !== undefined) open(process, 'look-up', { path: event.to });
    const path = event.hops?.at(-1) ?? event.path;
    // Who lists a folder of libraries takes what there is (meson reads the header of whichever comes first); the linker asks by name.
    if (isListed && isLibraryFolder(path)) process.listsLibraries = true;
    if (event.result === 'missing' || isListed) lookIntoFolder(process, path, isListed);
    else if (event.operation === 'open' && event.result === 'file') noticeUnowned(process, 'read', event);
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
      else if (event.kind === 'connect') connect(tree.get(event.serial), event);
      else if (event.kind === 'access') access(tree.get(event.serial), event);
      else if (event.kind === 'exec') execute(tree.get(event.serial), event);
    },
    denials: (ofPhase) =>
      [...(denied.get(ofPhase)?.list() ?? [])]
        .map((sighting) => toDenial(sighting, ofPhase))
        .sort((a, b) => Number(a.weak) - Number(b.weak) || b.last - a.last),
    uses: () =>
      used.list().map(({ package: one, kinds, bounds }) => ({
        package: one,
        kinds: [...kinds].map(([kind, { evidence, weak }]) => ({ kind, evidence, drawn: weak })),
        bounds,
      })),
    incidents: incidents.list,
  };
}

/** Operations by which a process learns of a file. */
const LOOKS = new Set(['open', 'stat', 'access', 'readlink', 'readdir', 'chdir', 'link']);

/** What a process does to the files that one path leads to. */
interface Doing {
  readonly kind: PathClass;
  readonly operation: Evidence['operation'];
  readonly bounds: readonly ModuleBound[];
}

const NO_BOUNDS: readonly ModuleBound[] = [];

function boundsOf(role: Role, path: string): readonly ModuleBound[] {
  const module = moduleOf(path);
  return role.call?.bounds.filter((one) => one.module === module) ?? NO_BOUNDS;
}
