import { type TracedAtom, traceAtoms } from '../ebuild/atom-origin.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { Evaluate } from '../evaluation/kept-evaluation.ts';
import { locateForTrial } from '../evaluation/work-folder.ts';
import { activeWhen, type Condition } from '../pms/condition.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { createEclassLookup } from '../repository/eclass.ts';
import { findFamily } from '../repository/repository.ts';
import { type EnabledFlags, readEnabledFlags } from './enabled-flags.ts';
import type { EbuildMetadata } from './metadata.ts';
import { createMetadataReader } from './metadata-reader.ts';

/** An atom after eclasses, with its origin and the condition under which it is active. */
export interface ConditionalAtom extends TracedAtom {
  readonly condition: Condition;
}

/** The dependencies of an ebuild, with their origins. */
export interface TracedMetadata {
  readonly metadata: EbuildMetadata;
  /** In the order of the values. */
  readonly atoms: readonly ConditionalAtom[];
  readonly flags: EnabledFlags;
}

/**
 * Reads the metadata of an ebuild after its eclasses. Every atom is followed back to the text that an edit must
 * change, or to the eclass that brings it.
 *
 * @param root the Gentoo system that has the configuration
 * @param evaluate asks the package manager; undefined if code of the ebuild must not run
 * @returns rejects with one sentence if the file is not an ebuild in a repository, or cannot be evaluated
 */
export async function readTracedMetadata(
  root: string,
  evaluate: Evaluate | undefined,
  file: string,
  facts: EbuildFacts,
  signal?: AbortSignal,
): Promise<TracedMetadata> {
  const { repository, category, packageAndVersion } = locateForTrial(file, false);
  const metadata = await createMetadataReader(root, evaluate).read(file, facts, signal);
  const flags = await readEnabledFlags(
    root,
    evaluate,
    { file, text: facts.text, iuse: metadata.iuse.value },
    signal,
  );
  const silent = () => {};
  const places = findFamily(repository, root, silent).repositories.map(({ location }) => location);
  const eclasses = createEclassLookup(places, () => undefined, silent);
  const values = Object.fromEntries(
    Object.entries(metadata.dependencies).map(([name, fact]) => [name, fact.value]),
  ) as { readonly [Name in keyof EbuildMetadata['dependencies']]: string };
  const traced = traceAtoms(
    values,
    facts,
    packageVariables(category, packageAndVersion),
    metadata.inherited.value,
    (name) => eclasses.facts(name)?.names,
  );
  return { metadata, atoms: withConditions(values, traced), flags };
}

/** Pairs atoms by their index: {@link traceAtoms} and a walk through the tree both keep the order of the value. */
function withConditions(
  values: Readonly<Record<string, string>>,
  traced: readonly TracedAtom[],
): ConditionalAtom[] {
  return Object.entries(values).flatMap(([variable, value]) => {
    const { nodes } = parseDependency(value);
    const leaves = collectAtoms(nodes);
    const own = traced.filter((atom) => atom.variable === variable);
    return own.map((atom, index) => ({
      ...atom,
      condition: activeWhen(nodes, (leaf) => leaf === leaves[index]),
    }));
  });
}
