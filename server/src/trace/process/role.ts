import type { RecordedPackage } from '../evidence.ts';
import type { FileInView } from '../trace-context.ts';
import { type PkgConfigCall, readPkgConfigCall } from './pkg-config-call.ts';

/**
 * The package for which a process acts, derived from its program. If the caller's arguments control the program, the process acts for its
 * caller.
 */
export interface Role {
  /** Owner of the program, or of the script if the program is its interpreter. Undefined for a program or script of the ebuild itself. */
  readonly acting: RecordedPackage | undefined;
  /** Owner of the file that the kernel loaded; of a script, the owner of its interpreter. */
  readonly image: RecordedPackage | undefined;
  /** Whether it reads all macros of a folder, as aclocal(1) does. */
  readonly readsAllMacros: boolean;
  /** The request, if the program is pkg-config. */
  readonly call: PkgConfigCall | undefined;
  /** Name of the script that its interpreter has not opened yet. Until then, the interpreter loads the same files as for every script. */
  readonly awaits: string | undefined;
}

/** The role of a process of which nothing is known yet. */
export const NOBODY: Role = {
  acting: undefined,
  image: undefined,
  readsAllMacros: false,
  call: undefined,
  awaits: undefined,
};

/** The role of the shell of a phase, which runs the code of the ebuild and its eclasses. */
export const PHASE_SHELL: Role = { ...NOBODY };

/** One execution, with resolved links. */
export interface Execution {
  /** Path of the executed program or script, as the caller named it. */
  readonly named: string;
  /** The same path with links resolved. */
  readonly program: string;
  readonly programFile: FileInView | undefined;
  /** The file that the `#!` lines lead to. */
  readonly interpreterFile: FileInView | undefined;
  readonly argv: readonly string[];
  /** The script that is an argument of an interpreter, see {@link findScript}. */
  readonly script: Script | undefined;
  readonly scriptFile: FileInView | undefined;
}

interface Interpreter {
  readonly program: RegExp;
  /** Options after which the script is text in the arguments, or comes from elsewhere. */
  readonly text: RegExp;
  /** Options whose value is the next word. */
  readonly valued: RegExp;
}

/** Programs that run a script: bash(1), python(1), perlrun(1), ruby(1), node(1), php(1). */
const INTERPRETERS: readonly Interpreter[] = [
  {
    program: /^((ba|da|a|k|mk|z|)sh|busybox)$/,
    text: /^-[a-zA-Z]*[cs]/,
    valued: /^[-+][oO]$|^--(rc|init-)file$/,
  },
  { program: /^(python|pypy)[\d.]*$/, text: /^-[a-zA-Z]*[cm]/, valued: /^-[a-zA-Z]*[XW]$/ },
  { program: /^perl[\d.]*$/, text: /^-(?![IMm])[^-]*[eE]$/, valued: /^-I$/ },
  { program: /^(ruby|lua|guile|tclsh)[\d.]*$/, text: /^-[a-zA-Z]*[ec]$/, valued: /^-[Irl]$/ },
  { program: /^node(js)?$/, text: /^-[ep]$|^--(eval|print)$/, valued: /^-r$|^--require$/ },
  { program: /^php[\d.]*$/, text: /^-r$/, valued: /^-[dcz]$/ },
];

/** Programs that run the ebuild's own build files. */
const BUILDER = /^(g?make|bmake|ninja|samu|scons|waf)$/;

/** Programs that only run the command in their arguments. */
const LAUNCHER =
  /^(env|nice|ionice|nohup|timeout|time|setsid|stdbuf|taskset|xargs|find|flock|chroot|unshare|sudo|setarch|linux\d\d|busybox)$/;

/** The script of an interpreter: a file, or text in its arguments, which belongs to the caller. */
export type Script = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'text' };

/**
 * Finds the script in the arguments of an interpreter.
 *
 * @param program path of the executed program
 * @returns undefined if the program is not an interpreter
 */
export function findScript(program: string, argv: readonly string[]): Script | undefined {
  const name = baseName(program);
  const interpreter = INTERPRETERS.find((known) => known.program.test(name));
  if (interpreter === undefined) return undefined;
  for (let at = 1; at < argv.length; at += 1) {
    const word = argv[at] as string;
    if (interpreter.valued.test(word)) at += 1;
    else if (word === '-' || interpreter.text.test(word)) break;
    else if (!word.startsWith('-') && !word.startsWith('+')) return { kind: 'file', path: word };
  }
  return { kind: 'text' };
}

/**
 * Derives the role of a process after an execution.
 *
 * @param before its role until then
 */
export function takeRole(execution: Execution, before: Role): Role {
  const { named, program, programFile, interpreterFile, argv, script, scriptFile } = execution;
  const name = baseName(program);
  const image = (interpreterFile ?? programFile)?.package;
  const role = (acting: RecordedPackage | undefined): Role => ({
    acting,
    image,
    readsAllMacros: name.startsWith('aclocal'),
    call: readPkgConfigCall(program, argv),
    awaits: undefined,
  });
  if (interpreterFile !== undefined) return { ...role(programFile?.package), awaits: baseName(named) };
  if (script?.kind === 'text' || LAUNCHER.test(name)) return role(before.acting);
  if (script?.kind === 'file') {
    const name = baseName(script.path);
    return { ...role(scriptFile?.package), readsAllMacros: name.startsWith('aclocal'), awaits: name };
  }
  return role(BUILDER.test(name) ? undefined : programFile?.package);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
