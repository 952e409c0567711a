import type { Requirement } from '../../image/named/requirement.ts';
import { readBuildFiles } from './build-files.ts';
import { type FoundPackage, readCmakeCache, readCmakeChecks } from './cmake-checks.ts';
import { type NamedBound, readMesonChecks, readMesonVariables, type Variables } from './meson-checks.ts';
import { readPerlPrerequisites } from './perl-prerequisites.ts';

/** Limit in versions of one kind, because each is looked up in the root. The largest sources ask for some hundred. */
const MOST_STATED = 5000;
/** Limit in files of distributions of Perl. */
const MOST_PERL_FILES = 300;
const PERL_FILE = /^(?:MYMETA\.json|Makefile\.PL|Build\.PL)$/;
const WANTED =
  /^(meson\.build|MYMETA\.json|Makefile\.PL|Build\.PL|CMakeCache\.txt|CMakeLists\.txt|.+\.cmake)$/;

/** A version that a line of a build file asks for. */
export interface Stated extends NamedBound {
  readonly statedBy: string;
}

/** The versions that the build files of sources ask for. */
export interface DescribedVersions {
  readonly meson: readonly Stated[];
  readonly cmake: readonly Stated[];
  /** The packages that CMake found. */
  readonly found: readonly FoundPackage[];
  /** What distributions of Perl among the sources require when they run. */
  readonly perl: readonly PerlMetadata[];
}

/** A file MYMETA.json, with what it requires at run time. */
export interface PerlMetadata {
  readonly path: string;
  readonly requirements: readonly Requirement[];
}

/**
 * Reads the versions that Meson's `dependency()` and CMake's `find_package()` ask for. Those of configure scripts are known from the
 * arguments of pkg-config. What distributions of Perl require is read too. Links are not followed; unreadable files are skipped. It blocks its thread; see trial/reading.
 *
 * @param layers folders of this machine with the files that a build wrote, the topmost last
 */
export function readDescribedVersions(layers: readonly string[]): DescribedVersions {
  const meson: Stated[] = [];
  const cmake: Stated[] = [];
  const found = new Map<string, FoundPackage>();
  // A layer above writes a file anew.
  const perl = new Map<string, string>();
  // A folder comes before its subfolders, so the variables of the file above are known.
  const mesonVariables = new Map<string, Variables>();
  for (const { name, path, text } of readBuildFiles(layers, WANTED)) {
    const state = (stated: Stated[], bounds: readonly NamedBound[]) => {
      for (const bound of bounds)
        if (stated.length < MOST_STATED) stated.push({ ...bound, statedBy: `${path}:${bound.line}` });
    };
    if (name === 'meson.build') {
      const folder = path.slice(0, -name.length);
      const above = mesonVariables.get(folder.replace(/[^/]+\/$/, ''));
      state(meson, readMesonChecks(text, above));
      mesonVariables.set(folder, readMesonVariables(text, above));
    } else if (name === 'CMakeCache.txt') {
      for (const cached of readCmakeCache(text)) if (found.size < MOST_STATED) found.set(cached.name, cached);
    } else if (PERL_FILE.test(name)) {
      if (perl.size < MOST_PERL_FILES) perl.set(path, text);
    } else state(cmake, readCmakeChecks(text));
  }
  return { meson, cmake, found: [...found.values()], perl: listPerlMetadata(perl) };
}

/** @param files the files of distributions of Perl by their paths */
function listPerlMetadata(files: ReadonlyMap<string, string>): PerlMetadata[] {
  const scriptOf = (folder: string) =>
    ['Makefile.PL', 'Build.PL'].map((name) => files.get(`${folder}${name}`) ?? '').join('\n');
  return [...files]
    .filter(([path]) => path.endsWith('MYMETA.json'))
    .map(([path, text]) => {
      const script = scriptOf(path.slice(0, -'MYMETA.json'.length));
      return { path, requirements: readPerlPrerequisites(text, script) };
    });
}
