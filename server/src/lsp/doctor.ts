import type { Check } from '../doctor/check.ts';
import { documentChecks } from '../doctor/printed-checks.ts';
import { sayLimit } from '../errors/limit.ts';
import { isForUser } from '../errors/user-error.ts';
import type { DoctorResult } from '../protocol.ts';
import type { Client } from './client.ts';
import { toEbuildFile } from './from-protocol.ts';
import { findUnknownSettings, readSettings, type Settings } from './settings.ts';

/**
 * Looks at the settings of an editor and at the machine. Never rejects.
 *
 * @param examine looks at the machine with valid settings; those that are not valid are left out
 * @param uri the ebuild whose settings apply; if it is not a file, only the machine is looked at
 */
export async function consultDoctor(
  client: Client,
  examine: (settings: Settings, file: string | undefined) => Promise<readonly Check[]>,
  uri: string | undefined,
): Promise<DoctorResult> {
  const { settings, check } = await checkSettings(client, uri ?? '');
  const target = uri === undefined ? undefined : toEbuildFile(uri);
  const file = target !== undefined && 'file' in target ? target.file : undefined;
  return { document: documentChecks([check, ...(await examine(settings, file))]) };
}

async function checkSettings(client: Client, uri: string): Promise<{ settings: Settings; check: Check }> {
  const name = 'Settings';
  let unknown: readonly string[] = [];
  try {
    const section = await client.settings(uri);
    unknown = findUnknownSettings(section).map(sayLimit);
    const settings = readSettings(section);
    return {
      settings,
      check:
        unknown.length === 0
          ? { name, state: 'ok', found: describeSettings(settings) }
          : { name, state: 'warning', found: unknown.join(' ') },
    };
  } catch (error) {
    const wrong = isForUser(error) ? error.message : 'The editor does not tell its settings.';
    return {
      settings: readSettings(undefined),
      check: {
        name,
        state: 'problem',
        found: [wrong, ...unknown, 'What follows is without them.'].join(' '),
      },
    };
  }
}

function describeSettings({ root, packageManager, pkgcheck }: Settings): string {
  return `root "${root}", package manager ${packageManager}, pkgcheck ${pkgcheck}`;
}
