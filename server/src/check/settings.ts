import { dirname, join } from 'node:path';
import type { RootSettings } from '../package-manager/port.ts';
import { digestOf } from '../trial/digest.ts';
import { readConfiguration } from '../trial/world/configuration.ts';
import { type AnswerStore, openAnswerStore } from './answer-store.ts';
import { askSettings, type EvaluationWorld } from './evaluation.ts';

/** Settings and where they are from. */
export interface KnownSettings {
  readonly settings: RootSettings;
  readonly source: 'package manager' | 'kept';
}

/**
 * The settings of a root, of which effective USE is one: kept from an earlier time as long as no file of the configuration has changed
 * (etc/portage, the profile and its parents, each repository's layout.conf), else asked of the package manager.
 *
 * @param file an ebuild of the repository that is to be among those that the package manager knows
 * @throws TrialError or SandboxError with one sentence when they have to be asked for and cannot be
 */
export async function readSettings(
  world: EvaluationWorld,
  file: string,
  signal?: AbortSignal,
): Promise<KnownSettings> {
  const repository = dirname(dirname(dirname(file)));
  const { fingerprint } = await readConfiguration(world.root, repository);
  const { name, version } = world.packageManager;
  const key = digestOf(['settings 1', name, version, world.root, repository, fingerprint]);
  const store: AnswerStore = openAnswerStore(join(world.home, 'answers'));
  const kept = store.read(key) as RootSettings | undefined;
  if (kept !== undefined) return { settings: kept, source: 'kept' };
  const settings = await askSettings(world, file, signal);
  store.write(key, settings);
  return { settings, source: 'package manager' };
}
