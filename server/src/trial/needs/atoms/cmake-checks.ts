import type { NamedBound } from './meson-checks.ts';

/** A package as cmake found it. */
export interface FoundPackage {
  /** As `find_package` was called. */
  readonly name: string;
  /** Files that it was found by, e.g. its library or its `XConfig.cmake`. */
  readonly files: readonly string[];
  /** Undefined where the cache does not tell. */
  readonly version: string | undefined;
  /** The version that was asked for last; undefined for none. */
  readonly wanted: string | undefined;
}

const CALL = /\bfind_package\s*\(\s*"?([A-Za-z_][\w+.-]*)"?\s+"?(\d[\w.]*)"?([^)]*)\)/gi;

/**
 * Finds the versions that `find_package(X 1.2)` asks for (cmake-commands(7)); a range counts by its lower end. A version that stands in a
 * variable is in the cache, see {@link readCmakeCache}. Total.
 *
 * @param text of a CMakeLists.txt or another file of cmake's language
 */
export function readCmakeChecks(text: string): NamedBound[] {
  return [...text.replace(/#[^\n]*/g, (comment) => ' '.repeat(comment.length)).matchAll(CALL)].map(
    (match) => {
      const [, name = '', range = '', rest = ''] = match;
      return {
        name,
        operator: /(^|\s)EXACT(\s|$)/.test(rest) ? '=' : '>=',
        version: range.split('...')[0] ?? range,
        line: text.slice(0, match.index).split('\n').length,
      };
    },
  );
}

const DETAILS = /^FIND_PACKAGE_MESSAGE_DETAILS_([^:\n]+):INTERNAL=(.*)$/gm;
const FOLDER = /^([\w+.-]+)_DIR:PATH=(\/.*)$/gm;

/**
 * Reads what cmake found from a CMakeCache.txt: of find modules the line that FindPackageMessage keeps, with the files, the version
 * found and the version asked for; of package configuration files `X_DIR` (cmake-commands(7), find_package). Total.
 */
export function readCmakeCache(text: string): FoundPackage[] {
  const found = new Map<string, FoundPackage>();
  for (const [, name = '', folder = ''] of text.matchAll(FOLDER)) {
    const files = [`${folder}/${name}Config.cmake`, `${folder}/${name.toLowerCase()}-config.cmake`];
    found.set(name, { name, files, version: undefined, wanted: undefined });
  }
  for (const [, name = '', details = ''] of text.matchAll(DETAILS)) {
    const parts = [...details.matchAll(/\[([^\]]*)\]/g)].map(([, part = '']) => part);
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

/** `PACKAGE_VERSION` of a package version file (cmake-packages(7)); undefined where it is made up. */
export function readConfigVersion(text: string): string | undefined {
  return /^\s*set\s*\(\s*PACKAGE_VERSION\s+"?([\w.]+)"?\s*\)/im.exec(text)?.[1];
}
