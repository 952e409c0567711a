import type { NamedKind } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import { normaliseDistribution, splitDistribution } from '../../image/named/python-metadata.ts';
import { findLibrary, findProgram, type OwnedPath, ownerAt } from './owned-need.ts';

/**
 * Finds the package that has what an installed file names.
 *
 * @param wanted see `NamedKind`
 * @returns `standard` if a language brings it itself, undefined if no package has it, or if it is not known which one is meant
 */
export function findNamedOwner(
  root: RootState,
  kind: NamedKind,
  wanted: string,
): OwnedPath | 'standard' | undefined {
  return FINDERS[kind](root, wanted);
}

type Finder = (root: RootState, wanted: string) => OwnedPath | 'standard' | undefined;

const FINDERS: Readonly<Record<NamedKind, Finder>> = {
  soname: findLibrary,
  'dlopen-note': findLibrary,
  typelib: (root, wanted) => firstOwner(root, foldersOf(root, TYPELIB_FOLDER), [`${wanted}.typelib`]),
  python: findPythonModule,
  perl: findPerlModule,
  ruby: findRubyModule,
  command: findProgram,
  qml: findQmlModule,
  'python-metadata': findDistribution,
  'perl-metadata': findPerlModule,
};

const TYPELIB_FOLDER = /^\/usr\/lib[^/]*\/(?:[^/]+-linux-[^/]+\/)?girepository-1\.0$/;
const PYTHON_LIBRARY = /^\/usr\/lib[^/]*\/(?:python|pypy)[\d.]+$/;
const PYTHON_FOLDER = /^\/usr\/lib[^/]*\/(?:python|pypy)[\d.]+\/(?:site|dist)-packages$/;
const PERL_FOLDER =
  /^\/usr\/(?:lib[^/]*|share)\/(?:[^/]+-linux-[^/]+\/)?(?:perl5?|perl-base)(?:\/(?:vendor|site|core)_perl)?(?:\/[\d.]+)?(?:\/[^/]+-linux[^/]*)?$/;
const RUBY_LIBRARY = /^\/usr\/lib[^/]*\/ruby\/\d[\d.]*(?:\/[^/]+-linux[^/]*)?$/;
const RUBY_FOLDER =
  /^\/usr\/(?:lib[^/]*|share)\/(?:[^/]+-linux-[^/]+\/)?(?:ruby\/(?:vendor|site)_ruby(?:\/\d[\d.]*)?(?:\/[^/]+-linux[^/]*)?|(?:ruby\/gems|rubygems-integration)\/[^/]+\/gems\/[^/]+\/lib)$/;
const QML_FOLDER = /^\/usr\/lib[^/]*\/(?:[^/]+-linux-[^/]+\/)?qt\d\/qml$/;

const known = new WeakMap<RootState, Map<RegExp, readonly string[]>>();

/** The folders of the root in which a kind of file is looked for, sorted. */
function foldersOf(root: RootState, pattern: RegExp): readonly string[] {
  const ofRoot = known.get(root) ?? new Map<RegExp, readonly string[]>();
  known.set(root, ofRoot);
  const found = ofRoot.get(pattern) ?? [...root.index.folders()].filter((path) => pattern.test(path)).sort();
  ofRoot.set(pattern, found);
  return found;
}

function firstOwner(
  root: RootState,
  folders: readonly string[],
  names: readonly string[],
): OwnedPath | undefined {
  for (const name of names) {
    for (const folder of folders) {
      const found = ownerAt(root, `${folder}/${name}`);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Modules of Python that have no file (`sys.builtin_module_names`, CPython and PyPy). */
const BUILT_IN =
  /^(?:_\w+|array|atexit|audioop|binascii|builtins|cmath|errno|faulthandler|fcntl|gc|grp|itertools|marshal|math|mmap|posix|pwd|pyexpat|resource|select|spwd|sys|syslog|termios|time|unicodedata|zlib)$/;

/** Finds a module in the folders that Python looks through, its standard library first. */
function findPythonModule(root: RootState, wanted: string): OwnedPath | 'standard' | undefined {
  const parts = wanted.split('.');
  const [top = ''] = parts;
  if (BUILT_IN.test(top)) return 'standard';
  const libraries = foldersOf(root, PYTHON_LIBRARY);
  const isIn = (folder: string) => moduleFile(root, folder, top) !== undefined;
  if (libraries.some((folder) => isIn(folder) || isIn(`${folder}/lib-dynload`))) return 'standard';
  for (let length = parts.length; length > 0; length--) {
    const inside = parts
      .slice(0, length - 1)
      .map((part) => `/${part}`)
      .join('');
    for (const folder of foldersOf(root, PYTHON_FOLDER)) {
      const file = moduleFile(root, `${folder}${inside}`, parts[length - 1] ?? '');
      const owner = file === undefined ? undefined : ownerAt(root, file);
      if (owner !== undefined) return owner;
    }
  }
  return undefined;
}

const distributions = new WeakMap<RootState, ReadonlyMap<string, OwnedPath>>();

/** Finds a distribution of Python by its metadata, or, if it has none, a module of its name. */
function findDistribution(root: RootState, wanted: string): OwnedPath | 'standard' | undefined {
  const known = distributions.get(root) ?? listDistributions(root);
  distributions.set(root, known);
  return known.get(wanted) ?? findPythonModule(root, wanted.replaceAll('-', '_'));
}

/** The owned distributions of a root by their normal names: `NAME-VERSION.dist-info`, and `.egg-info`, which may be a file. */
function listDistributions(root: RootState): Map<string, OwnedPath> {
  const found = new Map<string, OwnedPath>();
  for (const folder of foldersOf(root, PYTHON_FOLDER)) {
    for (const entry of root.listFolder(folder)) {
      const stem = /^(.+)\.(?:dist|egg)-info$/.exec(entry)?.[1];
      const name = stem && normaliseDistribution(splitDistribution(stem).name);
      if (name === undefined || found.has(name)) continue;
      const path = `${folder}/${entry}`;
      const files = root.listFolder(path).map((file) => `${path}/${file}`);
      for (const file of files.length > 0 ? files : [path]) {
        const owner = ownerAt(root, file);
        if (owner === undefined) continue;
        // The folder has the version in its name.
        found.set(name, { ...owner, path });
        break;
      }
    }
  }
  return found;
}

/** The file of a module of Python in a folder. A folder without `__init__.py` is a namespace and belongs to nobody. */
function moduleFile(root: RootState, folder: string, name: string): string | undefined {
  const names = root.listFolder(folder);
  if (names.includes(name) && root.listFolder(`${folder}/${name}`).includes('__init__.py'))
    return `${folder}/${name}/__init__.py`;
  const file = names.find(
    (found) => found === `${name}.py` || (found.startsWith(`${name}.`) && found.endsWith('.so')),
  );
  return file && `${folder}/${file}`;
}

function findPerlModule(root: RootState, wanted: string): OwnedPath | 'standard' | undefined {
  const name = `${wanted.replaceAll('::', '/')}.pm`;
  const found = foldersOf(root, PERL_FOLDER).flatMap((folder) => ownerAt(root, `${folder}/${name}`) ?? []);
  const isPerls = found.some(
    ({ package: { category, name: owner } }) =>
      category === 'perl-core' || (category === 'dev-lang' && owner === 'perl'),
  );
  return isPerls ? 'standard' : found[0];
}

function findRubyModule(root: RootState, wanted: string): OwnedPath | 'standard' | undefined {
  const names = [`${wanted}.rb`, `${wanted}.so`];
  if (firstOwner(root, foldersOf(root, RUBY_LIBRARY), names) !== undefined) return 'standard';
  return firstOwner(root, foldersOf(root, RUBY_FOLDER), names);
}

/** Finds the folder of a module of QML: `QtQuick.Controls 2.15` may be `QtQuick/Controls`, `…/Controls.2` or `…/Controls.2.15`. */
function findQmlModule(root: RootState, wanted: string): OwnedPath | undefined {
  const [module = '', version = ''] = wanted.split(' ');
  const folder = module.replaceAll('.', '/');
  const names = [version, version.split('.')[0] ?? '']
    .filter((suffix) => suffix !== '')
    .map((suffix) => `${folder}.${suffix}`);
  const owners = foldersOf(root, QML_FOLDER).flatMap(
    (top) =>
      firstOwner(
        root,
        [top],
        [...names, folder].map((name) => `${name}/qmldir`),
      ) ?? [],
  );
  // With the modules of two versions of Qt the file does not say which one is meant.
  return new Set(owners.map((owner) => owner.package)).size === 1 ? owners[0] : undefined;
}
