// As a namespace, because a bundler cannot leave out what nobody uses of the object `z`.
import * as z from 'zod';
import type { RunnerSettings } from '../trial/runner.ts';

/** What a user may choose. */
export interface Settings extends RunnerSettings {
  /** Whether pkgcheck scans what is saved, where it is installed and the workspace is trusted. */
  readonly pkgcheck: 'auto' | 'off';
}

/** The one schema of the settings under `ebuildAudit`; a test fails when the manifest's `configuration` drifts from it. */
const schema = z.object({
  root: z.string().default(''),
  packageManager: z.enum(['auto', 'portage', 'pkgcore']).default('auto'),
  jobs: z.number().int().min(0).max(1024).default(0),
  bwrap: z.string().default(''),
  pkgcheck: z.enum(['auto', 'off']).default('auto'),
});

export const DEFAULT_SETTINGS: Settings = schema.parse({});

/**
 * Reads what a client sent as the section `ebuildAudit`; absent keys and null take their defaults.
 *
 * @throws an Error that names the wrong setting
 */
export function readSettings(value: unknown): Settings {
  const given = typeof value === 'object' && value !== null ? value : {};
  const present = Object.fromEntries(Object.entries(given).filter(([, setting]) => setting !== null));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Error(`The setting ebuildAudit.${issue?.path.join('.')} is wrong: ${issue?.message}.`);
}
