import type { TrialRecord } from '../../audit/record.ts';
import type { NamedPaths } from '../../host/named-paths.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import { DEPENDENCY_VARIABLES } from '../../pms/dependency-variable.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import type { TrialAnswer } from '../order.ts';

/** Reads a record that may be anything. */
export type ReadRecord = (value: unknown) => { readonly value: TrialRecord } | { readonly problem: string };

/** The trial that an answer is expected for. */
export interface ExpectedAnswer {
  readonly location: Pick<EbuildLocation, 'category' | 'packageAndVersion'>;
  readonly readRecord: ReadRecord;
}

/**
 * Takes what a worker sent for an answer only if it has the form of one. A worker runs code of strangers, and the paths and names of an answer
 * are used on this machine.
 *
 * @throws an Error whose message is a clause
 */
export function checkAnswer(value: unknown, expected: ExpectedAnswer): TrialAnswer {
  const answer = asObject(value, 'the answer');
  const { kind, packages, sentence, reach } = answer;
  if (kind === 'lacking') return { kind, packages: asTexts(packages, 'packages') };
  if (kind === 'refused')
    return { kind, sentence: asText(sentence, 'sentence'), reach: reach === 'same' ? 'same' : 'passing' };
  if (kind !== 'done') throw new Error('the answer is of no known kind');
  const [first, ...others] = asList(answer.metadata, 'metadata').map(asMetadata);
  if (first === undefined) throw new Error('metadata is empty');
  return {
    kind,
    record: asRecord(answer.record, expected),
    metadata: [first, ...others],
    lasting: answer.lasting === true,
    named: answer.named === undefined ? undefined : asNamedPaths(answer.named),
    logs: mapValues(asObject(answer.logs, 'logs'), asText),
  };
}

/** Its logs keep the paths that they have in the answer, by which their texts are found. */
function asRecord(value: unknown, { location, readRecord }: ExpectedAnswer): TrialRecord {
  const read = readRecord(value);
  if ('problem' in read) throw new Error(`the record is not valid: ${read.problem}`);
  const record = read.value;
  for (const state of [record, ...record.variants])
    if (state.category !== location.category || state.packageAndVersion !== location.packageAndVersion)
      throw new Error('the record is of another ebuild');
  const { log, variants } = asObject(value, 'record');
  const states = asList(variants, 'variants').map((state) => asObject(state, 'a variant'));
  return {
    ...record,
    log: asText(log, 'log'),
    variants: record.variants.map((variant, at) => ({ ...variant, log: asText(states[at]?.log, 'log') })),
  };
}

function asMetadata(value: unknown): EvaluatedMetadata {
  const found = asObject(value, 'metadata');
  const text = (name: string) => asText(found[name], name);
  const texts = (name: string) => asTexts(found[name], name);
  const dependencies = asObject(found.dependencies, 'dependencies');
  return {
    eapi: text('eapi'),
    slot: text('slot'),
    dependencies: Object.fromEntries(
      DEPENDENCY_VARIABLES.map((variable) => [variable, asText(dependencies[variable], variable)]),
    ) as EvaluatedMetadata['dependencies'],
    requiredUse: text('requiredUse'),
    restrict: text('restrict'),
    iuse: texts('iuse'),
    fixedUse: texts('fixedUse'),
    expandedUse: texts('expandedUse'),
    use: texts('use'),
    inherited: asFileNames(found.inherited, 'inherited'),
    definedPhases: texts('definedPhases'),
    distfiles: asFileNames(found.distfiles, 'distfiles'),
    system: texts('system'),
    approximations: texts('approximations'),
  };
}

const LOADER_CACHE = '/etc/ld.so.cache';

function asNamedPaths(value: unknown): NamedPaths {
  const { present, absent, listed, loaderCaches } = asObject(value, 'named');
  const names = (folders: unknown) => mapValues(byPath(folders), asTexts);
  const caches = loaderCaches === undefined ? [] : asTexts(loaderCaches, 'loaderCaches');
  // They are read as a whole, and a device would have no end.
  if (!caches.every((path) => path.startsWith('/') && path.endsWith(LOADER_CACHE)))
    throw new Error('loaderCaches has something else');
  return {
    present: names(present),
    absent: names(absent),
    listed: mapValues(byPath(listed), (folder) => {
      const digests = asObject(folder, 'listed');
      return { names: asText(digests.names, 'names'), unowned: asText(digests.unowned, 'unowned') };
    }),
    ...(caches.length > 0 && { loaderCaches: caches }),
  };
}

function byPath(value: unknown): Readonly<Record<string, unknown>> {
  const found = asObject(value, 'named');
  if (!Object.keys(found).every((path) => path.startsWith('/')))
    throw new Error('named has something that is no absolute path');
  return found;
}

function asFileNames(value: unknown, name: string): readonly string[] {
  const names = asTexts(value, name);
  if (!names.every((word) => /^[^/\0]+$/.test(word) && word !== '.' && word !== '..'))
    throw new Error(`${name} has something that is no file name`);
  return names;
}

function mapValues<Value>(
  values: Readonly<Record<string, unknown>>,
  read: (value: unknown, name: string) => Value,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, read(value, key)]));
}

function asObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${name} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

function asList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${name} is no list`);
  return value;
}

function asTexts(value: unknown, name: string): readonly string[] {
  return asList(value, name).map((text) => asText(text, name));
}

function asText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw new Error(`${name} is no text`);
  return value;
}
