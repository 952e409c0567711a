import type { ModuleLanguage, SourceFile } from './source-file.ts';

/** A file of a script language in the image. */
export interface ModuleFile {
  readonly user: string;
  readonly language: ModuleLanguage;
  readonly source: SourceFile;
  /** Whether it is loaded whenever the package is used: a program, or the top of a library. */
  readonly isStart: boolean;
}

/** What a file that is surely loaded names. */
export interface ReachedName {
  readonly user: string;
  readonly kind: ModuleLanguage | 'typelib';
  /** The first that is found counts. */
  readonly wanted: readonly string[];
}

/** Files that are there for reading, testing or other tools. */
const ASIDE = /\/(?:docs?|examples?|samples?|templates?|contrib|tests?|testing|benchmarks?|man|info|skel)\//;

/**
 * Lists the modules of others that the files of an image load whenever they are used. A file counts if a program loads it, or the top of a
 * library, by itself or through others: `hypothesis.extra.numpy` imports numpy, but only those load it who have numpy.
 *
 * @param entryModules Python modules that console scripts run
 */
export function listReachedNames(
  files: readonly ModuleFile[],
  entryModules: readonly string[],
): ReachedName[] {
  const image = indexModules(files);
  const reached = new Set<ModuleFile>();
  const waiting = files.filter(({ isStart, user }) => isStart && !ASIDE.test(user));
  for (const module of entryModules) waiting.push(...image.find('python', [module.replaceAll('.', '/')]));
  const names = new Map<string, ReachedName>();
  const name = (found: ReachedName) => {
    const key = `${found.kind} ${found.wanted.join(' ')}`;
    if (!names.has(key)) names.set(key, found);
  };
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    const { user, language, source } = file;
    for (const namespace of source.namespaces) name({ user, kind: 'typelib', wanted: [namespace] });
    for (const { wanted, places, isOwn } of source.loads) {
      const own = image.find(language, places);
      waiting.push(...own);
      if (own.length === 0 && isOwn !== true) name({ user, kind: language, wanted });
    }
  }
  return [...names.values()];
}

/** Finds the modules of an image by the ends of their paths. A program without an ending is no module. */
function indexModules(files: readonly ModuleFile[]) {
  const packages = new Set(
    files.filter(({ user }) => user.endsWith('/__init__.py')).map(({ user }) => stemOf(user)),
  );
  const byName = new Map<string, { readonly stem: string; readonly file: ModuleFile }[]>();
  for (const file of files) {
    const stem = stemOf(file.user);
    if (stem === file.user) continue;
    const key = `${file.language} ${stem.slice(stem.lastIndexOf('/') + 1)}`;
    const namesakes = byName.get(key);
    if (namesakes === undefined) byName.set(key, [{ stem, file }]);
    else namesakes.push({ stem, file });
  }
  /** Whether a module has this name below a folder in which modules may be looked for: `numpy` is not `lib/extra/numpy`. */
  const isBelowBase = (language: ModuleLanguage, stem: string, place: string) => {
    if (!stem.endsWith(`/${place}`)) return false;
    const base = stem.slice(0, -place.length - 1);
    return language === 'python' ? !packages.has(base) : !INSIDE[language].test(base);
  };
  return {
    find: (language: ModuleLanguage, places: readonly string[]): ModuleFile[] =>
      places.flatMap((place) =>
        (byName.get(`${language} ${place.slice(place.lastIndexOf('/') + 1)}`) ?? [])
          .filter(({ stem }) => (place.startsWith('/') ? stem === place : isBelowBase(language, stem, place)))
          .map(({ file }) => file),
      ),
  };
}

/** Folders that are a part of a module's name, and not a place where modules are looked for. */
const INSIDE: Readonly<Record<Exclude<ModuleLanguage, 'python'>, RegExp>> = {
  perl: /\/[A-Z]\w*$/,
  ruby: /\/(?:gems\/[^/]+\/lib|(?:vendor|site)_ruby)\/(?!\d[\d.]*$)/,
};

/** The path of a module without its ending; a package of Python is the folder of its `__init__.py`. */
export function stemOf(user: string): string {
  const folder = user.slice(0, user.lastIndexOf('/'));
  const name = user.slice(folder.length + 1);
  if (/^__init__\.py[co]?$/.test(name)) return folder;
  return `${folder}/${/\.so$/.test(name) ? name.replace(/\..*$/, '') : name.replace(/\.(?:py|pyw|pm|pl|rb)$/, '')}`;
}
