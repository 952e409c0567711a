import { join } from 'node:path';
import { type EclassDocumentation, readEclassDocumentation } from '../ebuild/eclass-documentation.ts';
import { splitValue, type ValuePart } from '../ebuild/value.ts';
import { listFolder, type ReportProblem, readRegularFile } from '../files/regular-file.ts';
import { type BroughtAtom, readBroughtAtoms } from './eclass-atoms.ts';
import { findFunctionRunning } from './eclass-function.ts';
import { endOfWord } from './eclass-word.ts';
import { md5Of } from './md5-cache.ts';

/** The facts that the text of an eclass gives without being run, including the eclasses that it inherits. */
export interface EclassFacts {
  /** `category/name` of every atom that its text names. */
  readonly names: ReadonlySet<string>;
  /** Flags that it may add to IUSE, without `+` and `-`; undefined if only bash knows them all. */
  readonly iuse: ReadonlySet<string> | undefined;
  /** Whether every ebuild that inherits it gets all of `iuse`, whatever the ebuild sets or calls. */
  readonly iuseExact: boolean;
  /** Whether it may set SLOT. */
  readonly setsSlot: boolean;
  /** Whether it may add `test` to RESTRICT, in any branch or function. */
  readonly restrictsTests: boolean;
  /** The atoms that its own text surely adds to dependency variables, without those of inherited eclasses. */
  readonly brings: readonly BroughtAtom[];
}

/** The facts of one eclass, without those that it inherits. */
interface EclassText extends EclassFacts {
  readonly inherits: readonly string[];
  /** False if an `inherit` has a word whose value is not known. */
  readonly inheritsKnown: boolean;
  /** Whether every ebuild reaches every `inherit`. */
  readonly inheritsSure: boolean;
}

/** The text of an eclass. */
export interface EclassSource {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly text: string;
}

/** The eclasses that an ebuild of a repository can inherit. */
export interface EclassLookup {
  names(): Iterable<string>;
  /** Undefined if no repository has it. */
  facts(name: string): EclassFacts | undefined;
  /**
   * `category/name` of every atom that the eclass, or one that it inherits, has in a dependency variable such as
   * BDEPEND or NINJA_DEPEND. Reads the text at each call.
   */
  dependencies(name: string): ReadonlySet<string>;
  /** The function of the eclass that runs a program; see {@link findFunctionRunning}. */
  functionRunning(name: string, program: string): string | undefined;
  /** What the eclass says about itself, its functions and variables; undefined if no repository has it. */
  documentation(name: string): EclassDocumentation | undefined;
  /** These eclasses, and after them those that they inherit, each once. An eclass that no repository has is left out. */
  sources(names: Iterable<string>): Iterable<EclassSource>;
  /** The md5 of the eclass's bytes; undefined if no repository has it. */
  md5(name: string): string | undefined;
  /** Reads the folders and files again. Returns whether anything has changed. */
  refresh(): boolean;
}

/**
 * The groups of flags that these eclasses take from a list of implementations. Their text names the group, and the
 * repository's profiles/desc lists the flags.
 */
const FLAG_GROUPS: Readonly<Record<string, readonly string[]>> = {
  'llvm-r1': ['llvm_slot'],
  'llvm-r2': ['llvm_slot'],
  lua: ['lua_targets'],
  'lua-single': ['lua_single_target'],
  'multilib-build': ['abi_mips', 'abi_s390', 'abi_x86'],
  'python-r1': ['python_targets'],
  'python-single-r1': ['python_single_target', 'python_targets'],
  'ruby-ng': ['ruby_targets'],
};

const ATOM = /(?<![\w./-])([a-z][a-z0-9]*(?:-[a-z0-9]+)+|virtual)\/([A-Za-z0-9_][A-Za-z0-9_+-]*)/g;
/** Gentoo's eclasses build their dependencies in variables of their own, such as PYTHON_DEPS and AUTOTOOLS_DEPEND. */
const DEPENDENCY_VARIABLE = '[A-Z_]*DEP(?:END|S)?';
const VERSION_AFTER_NAME = /-\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?$/;

/**
 * Finds eclasses as an ebuild's `inherit` does (PMS 10.1): in the first repository that has one. Files are read when
 * they are first needed.
 *
 * @param repositories absolute paths, the ebuild's own first
 * @param flagsOfGroup the flags of a USE_EXPAND group with their prefix; undefined if no repository describes it
 */
export function createEclassLookup(
  repositories: readonly string[],
  flagsOfGroup: (group: string) => readonly string[] | undefined,
  report: ReportProblem,
): EclassLookup {
  let paths = findEclasses(repositories, report);
  const read = new Map<string, { readonly md5: string; readonly bytes: Buffer } | undefined>();
  const texts = new Map<string, EclassText | undefined>();
  const joined = new Map<string, EclassFacts | undefined>();
  const documented = new Map<string, EclassDocumentation | undefined>();

  const bytesOf = (name: string): { readonly md5: string; readonly bytes: Buffer } | undefined => {
    const path = paths.get(name);
    if (path === undefined) return undefined;
    if (!read.has(name)) {
      const bytes = readRegularFile(path.file, [path.repository], report)?.bytes;
      read.set(name, bytes && { bytes, md5: md5Of(bytes) });
    }
    return read.get(name);
  };
  const textOf = (name: string): EclassText | undefined => {
    if (!texts.has(name)) {
      const bytes = bytesOf(name)?.bytes;
      texts.set(name, bytes && readEclass(name, bytes.toString('utf8'), flagsOfGroup));
    }
    return texts.get(name);
  };
  return {
    names: () => paths.keys(),
    facts: (name) => {
      if (!joined.has(name)) joined.set(name, joinInherited(name, textOf));
      return joined.get(name);
    },
    dependencies: (name) => {
      const found = new Set<string>();
      const seen = new Set([name]);
      for (const eclass of seen) {
        for (const atom of dependenciesIn(bytesOf(eclass)?.bytes.toString('utf8') ?? '')) found.add(atom);
        for (const next of textOf(eclass)?.inherits ?? []) seen.add(next);
      }
      return found;
    },
    functionRunning: (name, program) =>
      findFunctionRunning(bytesOf(name)?.bytes.toString('utf8') ?? '', program),
    documentation: (name) => {
      if (!documented.has(name)) {
        const bytes = bytesOf(name)?.bytes;
        const inherits = textOf(name)?.inherits ?? [];
        documented.set(name, bytes && readEclassDocumentation(bytes.toString('utf8'), inherits));
      }
      return documented.get(name);
    },
    *sources(names) {
      const seen = new Set(names);
      for (const name of seen) {
        const file = paths.get(name)?.file;
        const bytes = bytesOf(name)?.bytes;
        if (file === undefined || bytes === undefined) continue;
        yield { name, file, text: bytes.toString('utf8') };
        for (const next of textOf(name)?.inherits ?? []) seen.add(next);
      }
    },
    md5: (name) => bytesOf(name)?.md5,
    refresh: () => {
      const before = new Map([...read].map(([name, file]) => [name, file?.md5]));
      const old = paths;
      paths = findEclasses(repositories, report);
      read.clear();
      const same =
        old.size === paths.size &&
        [...paths].every(([name, { file }]) => old.get(name)?.file === file) &&
        [...before].every(([name, md5]) => bytesOf(name)?.md5 === md5);
      if (same) return false;
      texts.clear();
      joined.clear();
      documented.clear();
      return true;
    },
  };
}

/** The file of an eclass, and the repository that has it. */
interface EclassFile {
  readonly file: string;
  readonly repository: string;
}

function findEclasses(repositories: readonly string[], report: ReportProblem): Map<string, EclassFile> {
  const paths = new Map<string, EclassFile>();
  for (const repository of repositories) {
    const folder = join(repository, 'eclass');
    for (const file of listFolder(folder, [repository], report)) {
      const name = file.endsWith('.eclass') ? file.slice(0, -'.eclass'.length) : '';
      if (name !== '' && !paths.has(name)) paths.set(name, { file: join(folder, file), repository });
    }
  }
  return paths;
}

/**
 * Reads the text of one eclass, without those that it inherits. Total.
 *
 * It is read line by line and not as bash: eclasses are long, only three variables matter, and in Gentoo's eclasses
 * every ebuild reaches a line that is not indented.
 */
export function readEclass(
  name: string,
  text: string,
  flagsOfGroup: (group: string) => readonly string[] | undefined,
): EclassText {
  const groups = FLAG_GROUPS[name] ?? [];
  const groupFlags = groups.map(flagsOfGroup);
  let known = groupFlags.every((flags) => flags !== undefined);
  let exact = known && groups.length === 0;
  const iuse = new Set<string>(groupFlags.flatMap((flags) => flags ?? []));
  for (const { sure, parts } of assignmentsOf(text, 'IUSE')) {
    if (!sure) exact = false;
    for (const part of parts) {
      if (part.kind === 'variable' && part.name === 'IUSE') continue;
      if (part.kind === 'text') {
        for (const word of part.text.match(/[A-Za-z0-9][\w+@-]*/g) ?? []) iuse.add(word);
        continue;
      }
      // A word beside an unknown value may be a part of a flag; a superfluous flag causes no finding.
      exact = false;
      if (groups.length === 0) known = false;
    }
  }
  const inherits = [...text.matchAll(/^(.*?)\binherit[ \t]+(.*)$/gm)]
    .filter(([, before = '']) => /^[ \t]*$|(?:&&|\|\||;|then|do|\{)[ \t]*$/.test(before.slice(-80)))
    .filter(([line]) => !line.trimStart().startsWith('#'))
    .map(([, before = '', words = '']) => ({
      sure: before === '',
      words: words.replace(/[;#].*/, '').match(/\S+/g) ?? [],
    }));
  const plain = (word: string): boolean => /^[\w.+-]+$/.test(word);
  return {
    names: namesIn(text),
    iuse: known ? iuse : undefined,
    iuseExact: exact,
    setsSlot: !assignmentsOf(text, 'SLOT').next().done,
    restrictsTests: [...assignmentsOf(text, 'RESTRICT')].some(({ parts }) => parts.some(mayRestrictTests)),
    brings: readBroughtAtoms(text),
    inherits: inherits.flatMap(({ words }) => words.filter(plain)),
    inheritsKnown: inherits.every(({ words }) => words.every(plain)),
    inheritsSure: inherits.every(({ sure }) => sure),
  };
}

/** Every assignment of the variable; `sure` if no branch or function seems to contain it. */
function* assignmentsOf(
  text: string,
  variable: string,
): Generator<{ readonly sure: boolean; readonly parts: readonly ValuePart[] }> {
  // Commands such as `read -r IUSE` set it too, but no eclass uses them.
  const pattern = new RegExp(`^(.*?)(?<![\\w$\\{!#-])${variable}\\+?=(?!=)`, 'gm');
  for (const match of text.matchAll(pattern)) {
    const before = match[1] ?? '';
    if (/^\s*#/.test(before)) continue;
    const start = match.index + match[0].length;
    yield { sure: before === '', parts: splitValue(text, start, endOfWord(text, start)).parts };
  }
}

function mayRestrictTests(part: ValuePart): boolean {
  if (part.kind === 'text') return /(?<![\w-])test(?![\w-])/.test(part.text);
  return part.kind !== 'variable' || part.name !== 'RESTRICT';
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>();
  for (const [, category, word = ''] of text.replace(/^[ \t]*#.*$/gm, '').matchAll(ATOM)) {
    names.add(`${category}/${word.replace(VERSION_AFTER_NAME, '')}`);
  }
  return names;
}

/** The atoms in dependency variables, and in the variables that those expand. */
function dependenciesIn(text: string): Set<string> {
  const names = new Set<string>();
  const variables = new Set([DEPENDENCY_VARIABLE]);
  for (const variable of variables) {
    for (const { parts } of assignmentsOf(text, variable)) {
      for (const part of parts) {
        if (part.kind === 'text') for (const name of namesIn(part.text)) names.add(name);
        else if (part.kind === 'variable') variables.add(part.name);
      }
    }
  }
  return names;
}

function joinInherited(
  name: string,
  textOf: (name: string) => EclassText | undefined,
): EclassFacts | undefined {
  const first = textOf(name);
  if (first === undefined) return undefined;
  const names = new Set<string>();
  const iuse = new Set<string>();
  let known = true;
  let exact = true;
  let setsSlot = false;
  let restrictsTests = false;
  const seen = new Set([name]);
  // A set that grows while it is walked: eclasses may inherit each other in a circle.
  for (const inherited of seen) {
    const text = textOf(inherited);
    if (text === undefined) {
      known = exact = false;
      setsSlot = restrictsTests = true;
      continue;
    }
    for (const atom of text.names) names.add(atom);
    for (const flag of text.iuse ?? []) iuse.add(flag);
    if (text.iuse === undefined || !text.inheritsKnown) known = false;
    if (!text.iuseExact || !text.inheritsSure) exact = false;
    if (text.setsSlot || !text.inheritsKnown) setsSlot = true;
    if (text.restrictsTests || !text.inheritsKnown) restrictsTests = true;
    for (const next of text.inherits) seen.add(next);
  }
  return {
    names,
    iuse: known ? iuse : undefined,
    iuseExact: exact && known,
    setsSlot,
    restrictsTests,
    brings: first.brings,
  };
}
