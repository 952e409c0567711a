import type { NamedBound } from './meson-checks.ts';

/** A package that CMake found. */
export interface FoundPackage {
  /** The argument of `find_package`. */
  readonly name: string;
  /** Files by which CMake found it, such as its library or its `XConfig.cmake`. */
  readonly files: readonly string[];
  /** Undefined if the cache has none. */
  readonly version: string | undefined;
  /** The version that was asked for last; undefined if there was none. */
  readonly wanted: string | undefined;
}

const CALL = /\bfind_package\s*\(\s*"?([A-Za-z_][\w+.-]*)"?\s+"?(\d[\w.]*)"?([^()]*)\)/gi;

/**
 * Finds the versions that `find_package(X 1.2)` asks for (cmake-commands(7)); the lower end of a range counts. If the version is in a
 * variable, {@link readCmakeCache} finds it. Total.
 *
 * @param text of a CMakeLists.txt or another file in CMake's language
 */
export function readCmakeChecks(text: string): NamedBound[] {
  const withoutComments = text.replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length));
  let line = 1;
  let counted = 0;
  return [...withoutComments.matchAll(CALL)].map((match) => {
    const [, name = '', range = '', rest = ''] = match;
    for (; counted < match.index; counted += 1) if (text[counted] === '\n') line += 1;
    return {
      name,
      operator: /(^|\s)EXACT(\s|$)/.test(rest) ? '=' : '>=',
      version: range.split('...')[0] ?? range,
      line,
    };
  });
}

const DETAILS = /^FIND_PACKAGE_MESSAGE_DETAILS_([^:\n]+):INTERNAL=(.*)$/gm;
const FOLDER = /^([\w+.-]+)_DIR:PATH=(\/.*)$/gm;

/**
 * Reads from a CMakeCache.txt the packages that CMake found. For a find module, FindPackageMessage keeps a line with the files, the version
 * found and the version asked for; for a package configuration file there is `X_DIR` (cmake-commands(7), find_package). Total.
 */
export function readCmakeCache(text: string): FoundPackage[] {
  const found = new Map<string, FoundPackage>();
  for (const [, name = '', folder = ''] of text.matchAll(FOLDER)) {
    const files = [`${folder}/${name}Config.cmake`, `${folder}/${name.toLowerCase()}-config.cmake`];
    found.set(name, { name, files, version: undefined, wanted: undefined });
  }
  for (const [, name = '', details = ''] of text.matchAll(DETAILS)) {
    const parts = [...details.matchAll(/\[([^[\]]*)\]/g)].map(([, part = '']) => part);
    const [, version, wanted] = /^v([^()]*)\(([^()]*)\)$/.exec(parts.at(-1) ?? '') ?? [];
    const files = parts.flatMap((part) => part.split(';')).filter((part) => part.startsWith('/'));
    const known = found.get(name);
    found.set(name, {
      name,
      files: [...files, ...(known?.files ?? [])],
      version: version || undefined,
      wanted: wanted || undefined,
    });
  }
  return [...found.values()];
}

/** Reads `PACKAGE_VERSION` of a package version file (cmake-packages(7)); undefined if it is computed. */
export function readConfigVersion(text: string): string | undefined {
  return /^[ \t]*set\s*\(\s*PACKAGE_VERSION\s+"?([\w.]+)"?\s*\)/im.exec(text)?.[1];
}
