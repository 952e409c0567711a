import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { Evidence, RecordedPackage } from './evidence.ts';
import type { PathClass } from './path-class.ts';
import type { ModuleBound } from './process/pkg-config-call.ts';
import type { KindSighting, PackageSighting } from './sightings.ts';
import { variableFor } from './use-kind.ts';

/** A package that the build asked for and the view hid. */
export interface Denial {
  readonly package: RecordedPackage;
  readonly phase: string;
  readonly variable: DependencyVariable;
  readonly evidence: readonly Evidence[];
  /** The number of its first event: of two denials, the one with the lower number was asked for earlier. */
  readonly first: number;
  /** The number of its latest event. */
  readonly last: number;
  /** The kinds of its files that the build asked for; `variablesOf` derives the variables from them. */
  readonly kinds: readonly PathClass[];
  readonly bounds: readonly ModuleBound[];
  /**
   * Whether only weak accesses asked for it: to data, by a program for its own sake, to a name that the list of a folder lacks, or to a .pc
   * file that another one requires. A weak denial is a suspect only if there is no strong one, and is never a probe. There may be many of
   * them.
   */
  readonly weak: boolean;
  /** Other packages with which, each alone, the phase passed too. */
  readonly instead?: readonly RecordedPackage[];
}

/**
 * Makes the denials of one phase, the likeliest cause of its failure first.
 *
 * @param sightings of hidden packages
 */
export function toDenials(sightings: readonly PackageSighting[], phase: string): Denial[] {
  return sightings
    .map((sighting) => toDenial(sighting, phase))
    .sort((left, right) => Number(left.weak) - Number(right.weak) || right.last - left.last);
}

function toDenial({ package: denied, kinds, bounds }: PackageSighting, phase: string): Denial {
  const strong = kinds.filter(({ weak }) => !weak);
  // A build may ask for a package in several ways. The last one before the failure decides, unless it was for data.
  const likeliestFirst = (strong.length > 0 ? strong : kinds).toSorted(
    (left, right) => Number(left.kind === 'data') - Number(right.kind === 'data') || right.last - left.last,
  );
  const [decisive] = likeliestFirst as [KindSighting, ...KindSighting[]];
  return {
    package: denied,
    phase,
    // The build reads this file and does not build against it, so the file belongs to the build machine.
    variable: variableFor(decisive.kind) ?? 'BDEPEND',
    // Which of the names that a list lacks was wanted is known only afterwards, see `findNamed`.
    evidence: strong.length > 0 ? decisive.evidence : likeliestFirst.flatMap(({ evidence }) => evidence),
    first: Math.min(...likeliestFirst.map(({ first }) => first)),
    last: decisive.last,
    kinds: likeliestFirst.map(({ kind }) => kind),
    bounds,
    weak: strong.length === 0,
  };
}

/** The part of a module's file name after the name by which programs know the module. */
const ENDING = /(-config|Config|-uninstalled)?(\.[\w.]+)?$/;
/** What is before the name of a module of Qt, for which `QT += xml` is the file `qt_lib_xml.pri`. */
export const QT_MODULE = /^qt_lib_(?=.*\.pri$)/;

/** Capitals and separators of a name differ from one place to another. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/**
 * Makes a function that says whether a text, such as a build log, names a hidden file: "No module named 'yaml'" names `…/dist-packages/yaml`. A program that lists a
 * folder never asks for names that the list lacks, so only the text shows which it wanted. One autoconf macro stands for all with its
 * prefix: `AX_PTHREAD` names a package with `ax_check_zlib.m4`.
 */
export function findNamed(text: string): (denial: Denial) => boolean {
  const isNamed = findNamedPaths(text);
  return (denial) => denial.evidence.some(({ path }) => isNamed(path));
}

/** Makes the function that says of one hidden file what {@link findNamed} says of a denial. */
export function findNamedPaths(text: string): (path: string) => boolean {
  const words = `_${plain(text)}_`;
  return (path) => {
    const name = plain(
      path
        .slice(path.lastIndexOf('/') + 1)
        .replace(QT_MODULE, '')
        .replace(ENDING, ''),
    );
    if (name.length < 2) return false;
    if (words.includes(`_${name}_`)) return true;
    const [, library] = (LIBRARY.test(path) && /^lib(.{4,})$/.exec(name)) || [];
    if (library !== undefined) return words.includes(`_${library}_`);
    const [, prefix] = (path.endsWith('.m4') && /^([a-z]{2,})_/.exec(name)) || [];
    return prefix !== undefined && new RegExp(`(?<![A-Za-z0-9_])${prefix.toUpperCase()}_[A-Z]`).test(text);
  };
}

/** Build files name `libjansson.so` as `jansson`. Short names without `lib`, such as `z`, are also other words. */
const LIBRARY = /\.(so|a)$/;
