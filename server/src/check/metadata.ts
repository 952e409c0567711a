import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Predefined } from '../ebuild/package-variables.ts';
import { staticMetadata } from '../ebuild/static-metadata.ts';
import { effectiveAssignments, variableValue } from '../ebuild/variable-value.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import {
  DEPENDENCY_VARIABLES,
  type DependencyVariable,
  recordByVariable,
  variableInEapi,
} from '../pms/dependency-variable.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { CachedMetadata } from '../repository/md5-cache.ts';

export type MetadataSource = 'text' | 'md5-cache' | 'package manager';

/** A fact about an ebuild, with its source and its place in the text. */
export interface Fact<T> {
  readonly value: T;
  readonly source: MetadataSource;
  /** The last assignment in the ebuild that contributes to it; undefined if there is none. */
  readonly range: TextRange | undefined;
}

/** Metadata after eclasses (PMS 7 and 8). */
export interface EbuildMetadata {
  readonly eapi: Fact<string>;
  /** With the subslot, if there is one, as in SLOT (PMS 7.2). */
  readonly slot: Fact<string>;
  /** Without `+` and `-`. */
  readonly iuse: Fact<readonly string[]>;
  /** Direct and indirect eclasses. */
  readonly inherited: Fact<readonly string[]>;
  /** With single spaces between the words. A variable that the EAPI does not have is empty. */
  readonly dependencies: Readonly<Record<DependencyVariable, Fact<string>>>;
  /**
   * Enabled for this package after profile, make.conf and package.use; undefined if the package manager was not
   * asked.
   */
  readonly use: Fact<readonly string[]> | undefined;
}

/** The sources for metadata that the text alone does not give. */
export interface MetadataSources {
  /** A valid md5-cache entry for this text; undefined if there is none or it is stale. */
  readCached(): CachedMetadata | undefined;
  /** Rejects with one sentence if it cannot evaluate the ebuild. */
  evaluate(): Promise<EvaluatedMetadata>;
}

/** Metadata without places in the text. */
interface PlainMetadata {
  readonly eapi: string;
  readonly slot: string;
  readonly iuse: readonly string[];
  readonly inherited: readonly string[];
  readonly dependencies: Readonly<Record<DependencyVariable, string>>;
}

/**
 * Finds the metadata of an ebuild after its eclasses from the cheapest source that is sure of it. The text alone is
 * sure if it inherits nothing and bash cannot compute other values; then come a valid md5-cache entry and the package
 * manager.
 *
 * @returns rejects if `evaluate` is needed and rejects
 */
export async function readMetadata(
  facts: EbuildFacts,
  predefined: Predefined,
  sources: MetadataSources,
): Promise<EbuildMetadata> {
  const fromText = readText(facts, predefined);
  if (fromText !== undefined) return withPlaces(facts, fromText, 'text', undefined);
  const cached = sources.readCached();
  if (cached !== undefined) return withPlaces(facts, readEntry(cached), 'md5-cache', undefined);
  const evaluated = await sources.evaluate();
  return withPlaces(facts, evaluated, 'package manager', evaluated.use);
}

function withPlaces(
  facts: EbuildFacts,
  plain: PlainMetadata,
  source: MetadataSource,
  use: readonly string[] | undefined,
): EbuildMetadata {
  const fact = <T>(value: T, name: string): Fact<T> => {
    const last = effectiveAssignments(facts, name, Number.POSITIVE_INFINITY).at(-1);
    return { value, source, range: last === undefined ? undefined : { start: last.start, end: last.end } };
  };
  const dependencies = recordByVariable((name) => fact(words(plain.dependencies[name]).join(' '), name));
  const [first] = facts.inherits;
  const last = facts.inherits.at(-1);
  return {
    eapi: { ...fact(plain.eapi, 'EAPI'), source },
    slot: fact(plain.slot, 'SLOT'),
    iuse: fact(plain.iuse, 'IUSE'),
    inherited: {
      value: plain.inherited,
      source,
      range: first === undefined || last === undefined ? undefined : { start: first.start, end: last.end },
    },
    dependencies,
    use: use === undefined ? undefined : { value: use, source, range: undefined },
  };
}

/** Older EAPIs give variables other meanings and defaults, and few such ebuilds are left. */
const READ_FROM_TEXT = new Set(['7', '8', '9']);
/** Commands that can set a variable in a way that the facts do not show. */
const SETS_UNSEEN = new Set([
  'eval',
  'source',
  '.',
  'printf',
  'read',
  'readarray',
  'mapfile',
  'unset',
  'getopts',
  'declare',
  'typeset',
  'let',
]);
/** The maximum number of references that one variable may lead to. */
const MOST_REFERENCES = 500;

function readText(facts: EbuildFacts, predefined: Predefined): PlainMetadata | undefined {
  const { eapi, slot, iuse, inherits, inheritsKnown, values } = staticMetadata(facts, predefined);
  if (inherits.length > 0 || !inheritsKnown || facts.errors.length > 0) return undefined;
  if (slot === undefined || iuse === undefined || !READ_FROM_TEXT.has(eapi)) return undefined;
  if (facts.commands.some(({ name, inFunction }) => inFunction === undefined && SETS_UNSEEN.has(name)))
    return undefined;
  const dependencies: Partial<Record<DependencyVariable, string>> = {};
  for (const name of DEPENDENCY_VARIABLES) {
    const value = readDependency(facts, name, eapi, predefined);
    if (value === undefined) return undefined;
    dependencies[name] = value;
  }
  return {
    eapi,
    slot: values.SLOT.value?.trim() ?? slot,
    iuse,
    inherited: [],
    dependencies: dependencies as PlainMetadata['dependencies'],
  };
}

function readDependency(
  facts: EbuildFacts,
  name: DependencyVariable,
  eapi: string,
  predefined: Predefined,
): string | undefined {
  if (variableInEapi(name, eapi) !== name) return '';
  const named = facts.assignments.filter((assignment) => assignment.name === name);
  if (named.length === 0) return '';
  // A function may be called while the ebuild is sourced. A `$` that is left was in single quotes or could not be
  // expanded.
  if (named.some(({ context }) => context !== 'global')) return undefined;
  const value = variableValue(
    { facts, predefined, budget: { left: MOST_REFERENCES } },
    name,
    Number.POSITIVE_INFINITY,
  );
  return value?.includes('$') === true ? undefined : value;
}

function readEntry({ values, eclasses }: CachedMetadata): PlainMetadata {
  const value = (name: string) => values.get(name) ?? '';
  return {
    eapi: value('EAPI') || '0',
    slot: value('SLOT') || '0',
    iuse: words(value('IUSE')).map((flag) => flag.replace(/^[+-]/, '')),
    inherited: [...eclasses.keys()],
    dependencies: recordByVariable(value),
  };
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
