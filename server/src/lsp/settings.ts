// It is imported as a namespace, because a bundler cannot remove unused parts of the object `z`.
import * as z from 'zod';
import { nearestWords } from '../audit/nearest-name.ts';
import type { Limit } from '../errors/limit.ts';
import { UserError } from '../errors/user-error.ts';
import type { RunnerSettings } from '../host/find-world.ts';
import { DEFAULT_STORAGE } from '../host/find-world.ts';
import { LIMIT_NAMES, type LimitName, parseAmount } from '../sandbox/limits.ts';

/** The settings of a user. */
export interface Settings extends Required<RunnerSettings> {
  /** How many trials run at the same time. */
  readonly jobs: number;
  /** Whether a trial finds only what the build needs, without builds to compare with. */
  readonly quickTrials: boolean;
  /** Whether pkgcheck scans saved ebuilds, if it is installed and the workspace is trusted. */
  readonly pkgcheck: 'auto' | 'off';
}

const MIB = 2 ** 20;

/** An empty value stands for the default limit. */
function amount(limit: LimitName) {
  return z
    .string()
    .default('')
    .refine(
      (text) => text === '' || parseAmount(limit, text) !== undefined,
      'it must be an amount such as 4096, 8G or 90m',
    );
}

const mebibytes = (fallback: number) =>
  z
    .number()
    .int()
    .min(0)
    .max(2 ** 30)
    .default(fallback);

/** The only schema of the settings under `ebuildAudit`. A test fails if the manifest's `configuration` differs from it. */
const schema = z.object({
  root: z.string().default(''),
  packageManager: z.enum(['auto', 'portage', 'pkgcore']).default('auto'),
  jobs: z.number().int().min(1).max(1024).default(1),
  buildJobs: z.number().int().min(0).max(1024).default(0),
  bwrap: z.string().default(''),
  packageFolders: z.array(z.string().startsWith('/', 'it must be an absolute path')).default([]),
  binhosts: z.array(z.string()).default([]),
  quickTrials: z.boolean().default(false),
  pkgcheck: z.enum(['auto', 'off']).default('auto'),
  limits: z
    .object({
      processes: amount('processes'),
      memory: amount('memory'),
      disk: amount('disk'),
      files: amount('files'),
      output: amount('output'),
      time: amount('time'),
    })
    .prefault({}),
  storage: z
    .object({
      records: mebibytes(DEFAULT_STORAGE.records / MIB),
      snapshots: mebibytes(DEFAULT_STORAGE.snapshots / MIB),
      logs: mebibytes(DEFAULT_STORAGE.logs / MIB),
      roots: mebibytes(DEFAULT_STORAGE.roots / MIB),
      layers: mebibytes(DEFAULT_STORAGE.layers / MIB),
    })
    .prefault({}),
});

/** The default settings, in the form in which a user writes them. */
export const DEFAULT_SETTINGS: z.infer<typeof schema> = schema.parse({});

/**
 * Reads the section `ebuildAudit` of a client's settings. Absent keys and null have their defaults.
 *
 * @throws UserError that names the invalid setting
 */
export function readSettings(value: unknown): Settings {
  const result = schema.safeParse(isGroup(value) ? withoutNull(value) : {});
  if (!result.success) {
    const issue = result.error.issues[0];
    const name = issue?.path.join('.') ?? '';
    throw new UserError(`The setting ebuildAudit.${name} is invalid: ${issue?.message}.`, {
      mend: { kind: 'setting', name },
    });
  }
  const { limits, storage, ...plain } = result.data;
  const chosen = LIMIT_NAMES.filter((name) => limits[name] !== '');
  return {
    ...plain,
    limits: Object.fromEntries(chosen.map((name) => [name, parseAmount(name, limits[name])])),
    storage: {
      records: storage.records * MIB,
      snapshots: storage.snapshots * MIB,
      logs: storage.logs * MIB,
      roots: storage.roots * MIB,
      layers: storage.layers * MIB,
    },
  };
}

/** Another program reads `trace`: the language client of VS Code. */
const FOREIGN = new Set(['trace']);

/** More would not be read. */
const MOST_UNKNOWN = 5;

/**
 * Says which settings under `ebuildAudit` do not exist, so that a typing error does not go unnoticed.
 *
 * @param value as for {@link readSettings}
 */
export function findUnknownSettings(value: unknown): readonly Limit[] {
  const known = namesIn(DEFAULT_SETTINGS);
  const unknown = namesIn(isGroup(value) ? value : {})
    .filter((name) => !known.includes(name) && !FOREIGN.has(name.split('.', 1)[0] ?? ''))
    .slice(0, MOST_UNKNOWN);
  const near = nearestWords(unknown, () => known);
  return unknown.map((name) => {
    const other = near.get(name);
    return {
      kind: 'setting',
      text: `The setting ebuildAudit.${name} has no effect, because there is none of that name`,
      remedy: other === undefined ? 'remove it' : `perhaps you mean ebuildAudit.${other}`,
      mend: { kind: 'setting', name: other ?? '' },
    };
  });
}

/** The names of the settings, such as `root` and `limits.memory`. A group that is none is a wrong value, not a wrong name. */
function namesIn(settings: object): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    // VS Code sends null for a setting that is not set.
    if (value === null) return [];
    if (!Object.hasOwn(GROUPS, name)) return [name];
    return isGroup(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : [];
  });
}

/** The settings that are groups of settings. */
const GROUPS = { limits: true, storage: true };

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function withoutNull(group: object): object {
  const present = Object.entries(group).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [name, isGroup(value) ? withoutNull(value) : value]),
  );
}
