import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import type { Evidence, RecordedPackage } from '../evidence.ts';
import type { PathClass } from '../path-class.ts';
import { variableFor } from '../use-kind.ts';
import type { ModuleBound } from './pkg-config-call.ts';
import type { KindSighting, PackageSighting } from './sightings.ts';

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
   * Only asked for in ways that are hardly ever a reason: data, what a program looks for by itself, what is missing from the list of a
   * folder, a .pc file that another one requires. A suspect where there is no other, and never a probe. There may be many of these.
   */
  readonly weak: boolean;
}

/** @param sighting of what was denied in one phase */
export function toDenial({ package: one, kinds, bounds }: PackageSighting, phase: string): Denial {
  const strong = [...kinds].filter(([, { weak }]) => !weak);
  // A package may be asked for in several ways; the last one before the failure says what it was asked for as, if not for its data.
  const told = (strong.length > 0 ? strong : [...kinds]).toSorted(
    ([kindA, a], [kindB, b]) => Number(kindA === 'data') - Number(kindB === 'data') || b.last - a.last,
  );
  const [kind, decisive] = told[0] as [PathClass, KindSighting];
  return {
    package: one,
    phase,
    // What is read while building and cannot be built against is there for the machine that builds.
    variable: variableFor(kind) ?? 'BDEPEND',
    evidence: decisive.evidence,
    last: decisive.last,
    kinds: told.map(([each]) => each),
    bounds,
    weak: strong.length === 0,
  };
}

/** What follows the name that a program knows a module by, in the name of its file. */
const ENDING = /(-config|Config|-uninstalled)?(\.[\w.]+)?$/;

/** Capitals, and what parts the words of a name, differ from one place to another. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/**
 * Whether a text, such as the log of a build, names a hidden file: "No module named 'yaml'" names `…/dist-packages/yaml`. A program that
 * lists a folder never asks for what the list lacks, so that this is what tells one of its absentees from the others. Of a package with
 * many macros of autoconf a few are known, and any macro with their prefix names it: `AX_PTHREAD` where there is `ax_check_zlib.m4`.
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
