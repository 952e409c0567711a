/** The libraries that a build looked for with `find_library` and did not find, from its cache and its build files. */
export interface LibrarySearches {
  /** @param text of a CMakeCache.txt */
  readCache(text: string): void;
  /** @param text of a CMakeLists.txt or another file in CMake's language */
  readBuildFile(text: string): void;
  /** Names of the libraries, as `libjansson`. */
  listNotFound(): string[];
}

/** cmake(1), "CMakeCache.txt": lines such as `JANSSON_LIB:FILEPATH=JANSSON_LIB-NOTFOUND`. */
const NOT_FOUND = /^([\w.+-]{1,100}):FILEPATH=.*-NOTFOUND$/gm;

/** cmake-commands(7), find_library. The arguments are short: an unclosed bracket must not be looked for to the end of the file. */
const CALL = /\bfind_library\s*\(\s*"?([\w${}.+-]{1,100})"?\s+([^()]{0,2000})/gi;

/** The words after which no name of a library follows. */
const END_OF_NAMES =
  /^(HINTS|PATHS|PATH_SUFFIXES|DOC|REQUIRED|REGISTRY_VIEW|VALIDATOR|NAMES_PER_DIR|NO_[A-Z_]+|CMAKE_FIND_[A-Z_]+|ONLY_CMAKE_[A-Z_]+)$/;

/** What is left of the name of a variable such as `JANSSON_LIBRARY_RELEASE` without the words that say what it holds. */
const STEM = /^(\w+?)_?(?:LIB|LIBS|LIBRARY|LIBRARIES)(?:_(?:RELEASE|DEBUG))?$/i;

/** Limit in calls, far more than a project has. */
const MOST_CALLS = 5000;

export function createLibrarySearches(): LibrarySearches {
  const notFound = new Set<string>();
  const calls: { readonly isFor: (variable: string) => boolean; readonly names: readonly string[] }[] = [];
  return {
    readCache(text) {
      for (const [, variable = ''] of text.matchAll(NOT_FOUND)) notFound.add(variable);
    },
    readBuildFile(text) {
      for (const [, variable = '', words = ''] of text.replace(/#[^\n]*/g, '').matchAll(CALL)) {
        const names = readNames(words);
        const isFor = toMatcher(variable);
        if (names.length > 0 && isFor !== undefined && calls.length < MOST_CALLS)
          calls.push({ isFor, names });
      }
    },
    listNotFound: () => [...notFound].flatMap((variable) => namesFor(variable, calls).map(toFileName)),
  };
}

/** If no build file tells the names, because a variable has them or CMake's own module, the variable is named after the library. */
function namesFor(
  variable: string,
  calls: readonly { readonly isFor: (variable: string) => boolean; readonly names: readonly string[] }[],
): readonly string[] {
  const named = calls.filter(({ isFor }) => isFor(variable)).flatMap(({ names }) => names);
  return named.length > 0 ? named : (STEM.exec(variable)?.slice(1) ?? []);
}

/** Reads `jansson`, or `NAMES jansson libjansson`; none if they are in variables. */
function readNames(words: string): string[] {
  const all = words.split(/[\s;"]+/).filter((word) => word !== '');
  const start = all.indexOf('NAMES');
  // Without NAMES, paths follow the only name.
  const names = start < 0 ? all.slice(0, 1) : all.slice(start + 1);
  const end = names.findIndex((word) => END_OF_NAMES.test(word));
  return (end < 0 ? names : names.slice(0, end)).filter((name) => /^[\w.+-]+$/.test(name));
}

/** A variable may be named by others: `${prefix}_LIBRARY`. @returns undefined if the whole name is unknown */
function toMatcher(variable: string): ((name: string) => boolean) | undefined {
  const [before = '', after, ...more] = variable.split(/\$\{[^}]*\}/);
  if (after === undefined) return variable.includes('$') ? undefined : (name) => name === variable;
  if (more.length > 0 || before + after === '') return undefined;
  return (name) =>
    name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
}

const toFileName = (name: string): string => (name.startsWith('lib') ? name : `lib${name}`);
