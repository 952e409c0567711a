import type { NamedKind } from '../../audit/record.ts';
import { readDlopenNotes } from '../elf/dlopen-notes.ts';
import type { ElfFile, ReadBytes } from '../elf/elf-file.ts';
import { readSonameStrings } from '../elf/elf-strings.ts';
import { listReachedNames, type ModuleFile, stemOf } from './module-graph.ts';
import type { NamedNeed } from './named-need.ts';
import { readPerlModules } from './perl-modules.ts';
import { readEntryPoints, readPythonImports } from './python-imports.ts';
import { distributionOf, readRequirements } from './python-metadata.ts';
import { readQmlImports } from './qml-imports.ts';
import { readRubyRequires } from './ruby-requires.ts';
import { readShellCommands } from './shell-commands.ts';
import { type ModuleLanguage, NOTHING_LOADED } from './source-file.ts';
import { readGirIncludes, readTypelibDependencies } from './typelib-file.ts';

/** A file of the image that is not an ELF file. */
export interface ImageFile {
  readonly user: string;
  readonly read: ReadBytes;
  readonly size: number;
  /** The program that runs it, by its `#!` line, if it is there to be run. */
  readonly interpreter: string | undefined;
}

/** Collects what the files of an image name, to find it only when they run. */
export interface NameCollector {
  /** @param linked the sonames that it links */
  takeElf(elf: ElfFile, user: string, linked: readonly string[], imported: readonly string[]): void;
  takeFile(file: ImageFile): void;
  /** The names, each once for each kind, without those of the image itself. @param hasFile whether the image has a file of this name */
  finish(hasFile: (name: string) => boolean): NamedNeed[];
}

/** Limits in bytes of a text that is read, in files of script languages, and in names. */
const LONGEST_TEXT = 2 ** 20;
const MOST_MODULES = 50_000;
const MOST_NAMES = 10_000;

/** Functions that load a library by its name. */
const OPENER =
  /^(?:dlm?open|g_module_open\w*|lt_dlopen\w*|SDL_LoadObject|uv_dlopen|apr_dso_load|PR_LoadLibrary\w*|_ZN8QLibrary\w*|_ZN13QPluginLoader\w*)$/;

export function createNameCollector(): NameCollector {
  const strings: NamedNeed[] = [];
  const noted: NamedNeed[] = [];
  const plain: NamedNeed[] = [];
  const modules: Omit<ModuleFile, 'isStart'>[] = [];
  const programs = new Set<string>();
  const entryModules: string[] = [];
  const distributions = new Set<string>();
  const required: NamedNeed[] = [];
  let canOpen = false;

  const add = (
    user: string,
    kind: NamedKind,
    wanted: readonly string[],
    strength: NamedNeed['strength'] = 'required',
  ) => {
    for (const name of wanted)
      if (plain.length < MOST_NAMES) plain.push({ user, kind, wanted: [name], strength });
  };
  const addModule = (user: string, language: ModuleLanguage, text: string | undefined) => {
    if (modules.length >= MOST_MODULES) return;
    modules.push({
      user,
      language,
      source: text === undefined ? NOTHING_LOADED : READERS[language](text, user),
    });
  };

  const addDistribution = (user: string, distribution: string, text: string) => {
    distributions.add(distribution);
    for (const { name, ...requirement } of readRequirements(text, user))
      if (required.length < MOST_NAMES)
        required.push({ user, kind: 'python-metadata', wanted: [name], strength: 'required', requirement });
  };

  return {
    takeElf(elf, user, linked, imported) {
      canOpen ||= imported.some((symbol) => OPENER.test(symbol));
      if (/\.so$/.test(user) && /\/(?:python|pypy)[^/]*\//.test(user)) addModule(user, 'python', undefined);
      for (const { sonames, priority, feature, description } of readDlopenNotes(elf)) {
        const strength = priority === 'required' ? 'required' : 'optional';
        const purpose = description === '' ? feature : description;
        noted.push({
          user,
          kind: 'dlopen-note',
          wanted: sonames,
          strength,
          ...(purpose !== '' && { purpose }),
        });
      }
      for (const name of readSonameStrings(elf))
        if (!linked.includes(name) && strings.length < MOST_NAMES)
          strings.push({ user, kind: 'soname', wanted: [name], strength: 'possible' });
    },

    takeFile({ user, read, size, interpreter }) {
      const text = () => Buffer.from(read(0, Math.min(size, LONGEST_TEXT))).toString('utf8');
      const language = languageOf(user, interpreter);
      const distribution = distributionOf(user);
      if (language !== undefined && size <= LONGEST_TEXT) {
        if (interpreter !== undefined) programs.add(user);
        const source = text();
        addModule(user, language, source);
        if (language === 'python') add(user, 'soname', listCtypesNames(source), 'possible');
      } else if (distribution !== undefined) addDistribution(user, distribution, text());
      else if (user.endsWith('.typelib')) add(user, 'typelib', readTypelibDependencies(read, size) ?? []);
      else if (user.endsWith('.gir')) add(user, 'typelib', readGirIncludes(text()));
      else if (user.endsWith('.qml')) add(user, 'qml', readQmlImports(text()));
      else if (user.endsWith('-info/entry_points.txt')) entryModules.push(...readEntryPoints(text()));
      else if (interpreter !== undefined && SHELL.test(interpreter))
        for (const { name, strength } of readShellCommands(text())) add(user, 'command', [name], strength);
    },

    finish(hasFile) {
      const tops = findTops(modules);
      const files = modules.map((file) => ({
        ...file,
        isStart: programs.has(file.user) || tops.has(file.user),
      }));
      const reached = listReachedNames(files, entryModules).map(
        ({ user, kind, wanted }): NamedNeed => ({ user, kind, wanted, strength: 'required' }),
      );
      // A note says more of a library than a string.
      const ofNotes = new Set(noted.flatMap(({ wanted }) => wanted));
      const opened = canOpen ? strings.filter(({ wanted: [name = ''] }) => !ofNotes.has(name)) : [];
      const ofOthers = required.filter(({ wanted: [name = ''] }) => !distributions.has(name));
      return unique([...noted, ...opened, ...plain, ...reached, ...ofOthers]).filter(
        (named) => !isOwn(named, hasFile),
      );
    },
  };
}

const READERS: Readonly<Record<ModuleLanguage, (text: string, user: string) => ModuleFile['source']>> = {
  python: readPythonImports,
  perl: readPerlModules,
  ruby: readRubyRequires,
};

const SHELL = /(?:^|\/)(?:ba|da|k|mk)?sh$/;

function languageOf(user: string, interpreter: string | undefined): ModuleLanguage | undefined {
  const name = interpreter?.slice(interpreter.lastIndexOf('/') + 1) ?? '';
  if (/^(?:python|pypy)[\d.]*$/.test(name) || user.endsWith('.py')) return 'python';
  if (/^perl[\d.]*$/.test(name) || user.endsWith('.pm')) return 'perl';
  return /^ruby[\d.]*$/.test(name) || user.endsWith('.rb') ? 'ruby' : undefined;
}

/** Sonames that a Python file opens by ctypes or cffi. */
function listCtypesNames(text: string): string[] {
  const calls = text.matchAll(
    /\b(?:CDLL|LoadLibrary|dlopen)\(\s*['"](lib[\w+.-]{1,100}\.so[\w.]{0,40})['"]/g,
  );
  return [...new Set([...calls].map(([, name = '']) => name))];
}

/** The tops of libraries: the files that everybody loads who uses them. */
function findTops(files: readonly Pick<ModuleFile, 'user' | 'language'>[]): ReadonlySet<string> {
  const packages = new Set(
    files.filter(({ user }) => user.endsWith('/__init__.py')).map(({ user }) => stemOf(user)),
  );
  const shallowest = files.reduce(
    (least, { user }) => Math.min(least, perlDepth(user)),
    Number.POSITIVE_INFINITY,
  );
  const isTop = ({ user, language }: Pick<ModuleFile, 'user' | 'language'>) => {
    if (language === 'ruby')
      return /\/(?:gems\/[^/]+\/lib|(?:vendor|site)_ruby)(?:\/[\d.]+)?\/[^/]+\.rb$/.test(user);
    if (language === 'perl') return perlDepth(user) === shallowest;
    const stem = stemOf(user);
    const inside = /\/(?:site|dist)-packages\/(.+)$/.exec(stem)?.[1];
    if (inside === undefined || /^(?:tests?|testing|docs?|examples?)(?:\/|$)/.test(inside)) return false;
    // A folder without `__init__.py` is a namespace, which several packages fill.
    return (
      !inside.includes('/') || (packages.has(stem) && !packages.has(stem.slice(0, stem.lastIndexOf('/'))))
    );
  };
  return new Set(files.filter(isTop).map(({ user }) => user));
}

/** How deep a module of Perl lies: 2 for `A::B::C`; infinite for what is none. */
function perlDepth(user: string): number {
  const module = /\/perl5?\/(?:[^A-Z][^/]*\/)*([A-Z]\w*(?:\/\w+)*)\.pm$/.exec(user)?.[1];
  return module === undefined ? Number.POSITIVE_INFINITY : module.split('/').length - 1;
}

/** Each name of a kind once: by the file that needs it most, then the first. */
function unique(names: readonly NamedNeed[]): NamedNeed[] {
  const order = ['required', 'possible', 'optional'];
  const rank = ({ strength, requirement, user }: NamedNeed) =>
    `${order.indexOf(strength)} ${requirement?.isForVersion === true ? 1 : 0} ${user}`;
  const kept = new Map<string, NamedNeed>();
  for (const named of names) {
    const key = `${named.kind} ${named.wanted.join(' ')}`;
    const known = kept.get(key);
    if (known === undefined || rank(named) < rank(known)) kept.set(key, named);
  }
  return [...kept.values()];
}

/** Whether the image has what is named itself. Modules of script languages have been looked up already. */
function isOwn({ kind, wanted }: NamedNeed, hasFile: (name: string) => boolean): boolean {
  if (kind === 'soname' || kind === 'dlopen-note') return wanted.some(hasFile);
  if (kind === 'typelib') return wanted.some((name) => hasFile(`${name}.typelib`));
  if (kind === 'command')
    return wanted.some((name) =>
      name.startsWith('/')
        ? hasFile(name)
        : ['/usr/bin', '/bin', '/usr/sbin', '/sbin'].some((folder) => hasFile(`${folder}/${name}`)),
    );
  return false;
}
