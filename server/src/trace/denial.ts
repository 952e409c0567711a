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
  /** Counts up with every event: of two denials the one with the higher number came later. */
  readonly last: number;
  /** All that it was asked for as; `variablesOf` says where a package that is used so belongs. */
  readonly kinds: readonly PathClass[];
  readonly bounds: readonly ModuleBound[];
  /**
   * Only weak accesses asked for it: of data, by a program for its own sake, of a name that is missing from the list of a folder, of a .pc
   * file that another one requires. It is a suspect only if there is no other, and never a probe. There may be many of these.
   */
  readonly weak: boolean;
}

/** The denials of one phase, the likeliest cause of its failure first. @param sightings of what the view hid */
export function toDenials(sightings: readonly PackageSighting[], phase: string): Denial[] {
  return sightings
    .map((sighting) => toDenial(sighting, phase))
    .sort((left, right) => Number(left.weak) - Number(right.weak) || right.last - left.last);
}

function toDenial({ package: denied, kinds, bounds }: PackageSighting, phase: string): Denial {
  const strong = kinds.filter(({ weak }) => !weak);
  // A package may be asked for in several ways; the last one before the failure says what it was asked for as, if not for its data.
  const likeliestFirst = (strong.length > 0 ? strong : kinds).toSorted(
    (left, right) => Number(left.kind === 'data') - Number(right.kind === 'data') || right.last - left.last,
  );
  const [decisive] = likeliestFirst as [KindSighting, ...KindSighting[]];
  return {
    package: denied,
    phase,
    // A file that is read during the build and cannot be built against belongs to the machine that builds.
    variable: variableFor(decisive.kind) ?? 'BDEPEND',
    evidence: decisive.evidence,
    last: decisive.last,
    kinds: likeliestFirst.map(({ kind }) => kind),
    bounds,
    weak: strong.length === 0,
  };
}

/** What follows the name that a program knows a module by, in the name of its file. */
const ENDING = /(-config|Config|-uninstalled)?(\.[\w.]+)?$/;

/** Capitals, and the characters between the words of a name, differ from one place to another. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/**
 * Whether a text, such as the log of a build, names a hidden file: "No module named 'yaml'" names `…/dist-packages/yaml`.
 *
 * A program that lists a folder never asks for the names that the list lacks, so only the text can say which of them it wanted. Of a
 * package with many autoconf macros a few are known, and any macro with their prefix names it: `AX_PTHREAD` for `ax_check_zlib.m4`.
 */
export function isNamedIn(denial: Denial, text: string): boolean {
  const words = `_${plain(text)}_`;
  return denial.evidence.some(({ path }) => {
    const name = plain(path.slice(path.lastIndexOf('/') + 1).replace(ENDING, ''));
    if (name.length < 2) return false;
    if (words.includes(`_${name}_`)) return true;
    const [, prefix] = (path.endsWith('.m4') && /^([a-z]{2,})_/.exec(name)) || [];
    return prefix !== undefined && new RegExp(`(?<![A-Za-z0-9_])${prefix.toUpperCase()}_[A-Z]`).test(text);
  });
}
