/** Executions: a process starts a program, or fails to because the view hides the program. */

import type { ExecEvent, NamedPath } from '../event.ts';
import type { RecordedPackage } from '../evidence.ts';
import { isAmbient, isPartOfLibrary, type PathClass } from '../path-class.ts';
import { toAccess } from '../process/access.ts';
import { readPkgConfigCall } from '../process/pkg-config-call.ts';
import { type TracedProcess, worksForEbuild } from '../process/process-tree.ts';
import { findScript, NOBODY, PHASE_SHELL, type Role, takeRole } from '../process/role.ts';
import type { FileInView, PathDescription } from '../trace-context.ts';
import { isProgramsBusiness, isSamePackage } from './business.ts';
import { addDenial, addUse, type Doing, NO_BOUNDS, noticeUnowned } from './noticing.ts';
import { readPath } from './reading.ts';
import type { AttributionState } from './state.ts';

export function observeExec(state: AttributionState, process: TracedProcess, event: ExecEvent): void {
  const { context, tree } = state;
  const { argv, interpreters } = event;
  for (const named of [event, ...interpreters]) noticeDeniedPrograms(state, process, named);
  if (event.loader !== undefined) readPath(state, process, 'read', event.loader);
  if (!event.found) return;
  const programs = describeEnd(state, event).named;
  const executable = programs.at(-1)?.path ?? endOf(event);
  const phase = context.phaseOf(argv);
  // The tree replaces the process's old program with the new one, so the caller is copied first.
  const caller = { ...process };
  const isOwnWork = tree.execute(event.serial, executable, argv, phase);
  if (phase !== undefined) state.phase = phase;
  if (isOwnWork) {
    process.role = phase === undefined ? NOBODY : PHASE_SHELL;
    return;
  }
  const [interpreter] = interpreters.slice(-1);
  const interpreterFiles = interpreter === undefined ? [] : describeEnd(state, interpreter).named;
  const script = interpreter === undefined ? findScript(executable, argv) : undefined;
  const isScriptFile = script?.kind === 'file' && script.path.startsWith('/');
  const scripts = isScriptFile ? context.describePath(script.path).named : [];
  // If the script has an owner, the script was started, and its owner is responsible for the interpreter.
  const chosen = [scripts, programs, interpreterFiles].find((files) => files.length > 0) ?? [];
  const isHandedOver = isWrapper(state, caller, chosen);
  const callersRole = isHandedOver ? caller.formerRole : caller.role;
  process.role = takeRole(
    {
      named: event.path,
      program: executable,
      programFile: programs.at(-1),
      interpreterFile: interpreterFiles.at(-1),
      scriptFile: scripts.at(-1),
      argv,
      script,
    },
    callersRole,
  );
  if (!worksForEbuild(process) || caller.actor !== 'ebuild') return;
  if (isPlainTool(event.path, tree.chain(caller)))
    state.incidents.add('plain-tool', toAccess(tree, caller, 'execute', event.path, 'seen'));
  if (isHandedOver && caller.started !== undefined) state.used.markDrawn(caller.started, 'program');
  const isOwnScript = scripts.length === 0 && (script?.kind === 'file' || chosen === interpreterFiles);
  const isOwn = isOwnScript || asksForModules(callersRole, event);
  process.started = noticeStarted(state, caller, callersRole, chosen, isOwn);
  for (const named of [event, ...interpreters])
    noticeUnowned(state, caller, 'execute', describeEnd(state, named).unowned);
}

/** Build systems that run pkg-config for the modules that the build files of the ebuild name. */
const BUILD_SYSTEMS: ReadonlySet<string> = new Set(['cmake', 'meson', 'scons', 'waf']);

/** Whether a build system asks pkg-config for modules: that is the ebuild's use, even if the build system needs pkg-config itself. */
function asksForModules({ acting }: Role, { path, argv }: Pick<ExecEvent, 'path' | 'argv'>): boolean {
  if (acting === undefined || !BUILD_SYSTEMS.has(acting.name)) return false;
  return (readPkgConfigCall(path, argv)?.modules.size ?? 0) > 0;
}

const PLAIN_TOOL = /\/(cc|gcc|c\+\+|g\+\+|ar|ranlib|nm|pkg-config|pkgconf)$/;

/** Whether make itself runs a tool by its plain name, perhaps through a shell: the compiler driver runs others by names of its own. */
function isPlainTool(path: string, callers: readonly string[]): boolean {
  if (!PLAIN_TOOL.test(path)) return false;
  const maker = callers.findLast((name) => !/^(ba|da)?sh$/.test(name));
  return maker !== undefined && /^(g?make)$/.test(maker);
}

/** Records the hidden programs and interpreters of an execution. */
function noticeDeniedPrograms(state: AttributionState, process: TracedProcess, named: NamedPath): void {
  const { context, seen } = state;
  for (const path of [named.path, ...named.hops]) {
    for (const file of context.describePath(path).files) {
      if (!file.hidden) seen.add(file.package);
      else if (worksForEbuild(process)) {
        const isBusiness = isProgramsBusiness(process.role, file.package, false, context.needsToRun);
        addDenial(state, process, running(state, file), file, isBusiness || isAmbient(file.path));
      }
    }
  }
}

/**
 * Records the start of a program.
 *
 * @param role the role of the caller, or of the caller's caller if the caller is a wrapper
 * @param files the files that were named, links first
 * @param isOwn whether it is the ebuild's in any case: an interpreter whose script belongs to no package, or a question of the build files
 * @returns the package of the program, if the start is a use by the ebuild itself
 */
function noticeStarted(
  state: AttributionState,
  caller: TracedProcess,
  role: Role,
  files: readonly FileInView[],
  isOwn: boolean,
): RecordedPackage | undefined {
  const { needsToRun } = state.context;
  let started: RecordedPackage | undefined;
  for (const [at, file] of files.entries()) {
    const links = files.slice(0, at);
    if (file.hidden || isAmbient(file.path)) continue;
    if (links.some((link) => isSamePackage(link.package, file.package))) continue;
    if (isProgramsBusiness(role, file.package, isOwn, needsToRun)) continue;
    // The package that owns a link chooses the program (app-alternatives/yacc), so the program's own package is not the choice of the
    // ebuild.
    const isBehind = links.some((link) => needsToRun(link.package, file.package));
    const isDrawn = isBehind || (role.acting !== undefined && !isOwn);
    const doing = running(state, file);
    addUse(state, caller, doing, file, isDrawn);
    if (!isDrawn && doing.kind === 'program') started = file.package;
  }
  return started;
}

function running({ context }: AttributionState, file: FileInView): Doing {
  const isOfLibrary = isPartOfLibrary(file.path) && context.hasHeaders(file.package);
  const kind: PathClass = isOfLibrary ? 'pkg-config' : 'program';
  return { kind, operation: 'execute', bounds: NO_BOUNDS };
}

/** Whether a process replaces itself with a program that needs the process's own package: python-exec is part of starting Python. */
function isWrapper(
  { context }: AttributionState,
  { role: { acting }, executed }: TracedProcess,
  chosen: readonly FileInView[],
): boolean {
  return (
    acting !== undefined &&
    executed &&
    chosen.some((file) => !isSamePackage(acting, file.package) && context.needsToRun(file.package, acting))
  );
}

/** The path to which all links lead. */
const endOf = ({ path, hops }: NamedPath): string => hops.at(-1) ?? path;

const describeEnd = ({ context }: AttributionState, named: NamedPath): PathDescription =>
  context.describePath(endOf(named));
