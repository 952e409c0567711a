import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { findSandbox, type RunnerSettings } from '../host/find-world.ts';
import { parseRemoteAddress } from '../remote/api/remote-address.ts';
import { RECORD } from '../sharing/record-shape.ts';
import { matchShape } from '../sharing/shape.ts';
import type { TrialPlace } from '../trial/trial-place.ts';
import type { RemoteFlags } from './remote-arguments.ts';

/**
 * Opens the place of trials that the options name.
 *
 * @param buildJobs as the user gave it; 0 for the processors of a worker
 * @param product the folder with the bundle of the command line
 * @returns undefined if they name none
 * @throws UserError if the options are wrong
 */
export async function openRemotePlace(
  flags: RemoteFlags,
  { bwrap, limits }: RunnerSettings,
  buildJobs: number,
  product: string,
): Promise<TrialPlace | undefined> {
  const { remote, remoteToken, remoteCa, remoteCert, remoteKey, remoteProperty } = flags;
  if (remote === undefined) {
    const given = [remoteToken, remoteCa, remoteCert, remoteKey].some((path) => path !== undefined);
    if (given || Object.keys(remoteProperty).length > 0)
      throw new UserError(
        'The options --remote-… say how a server is reached: give its address with --remote as well.',
      );
    return undefined;
  }
  const address = parseRemoteAddress(remote);
  const secrets = [remoteToken, remoteCa, remoteCert, remoteKey];
  if (!address.isSecure && secrets.some((path) => path !== undefined))
    throw new UserError(
      `${address.shown} has no TLS, so everyone on the way could read a token, and no certificate is looked at: give a grpcs:// address, or none of --remote-token, --remote-ca, --remote-cert and --remote-key.`,
    );
  const access = {
    ...(remoteToken !== undefined && { tokenFile: remoteToken }),
    ...(remoteCa !== undefined && { authorityFile: remoteCa }),
    ...(remoteCert !== undefined && { certificateFile: remoteCert }),
    ...(remoteKey !== undefined && { keyFile: remoteKey }),
  };
  // Only here, because gRPC takes time to load.
  const { openRemoteTrials } = await import('../remote/client/remote-trials.ts');
  return openRemoteTrials({
    server: { address, access, properties: remoteProperty },
    settings: { buildJobs, ...(limits !== undefined && { limits }) },
    programs: { node: process.execPath, bwrap: findProgram(bwrap === '' ? 'bwrap' : bwrap), product },
    findHelper: async () => (await findSandbox(bwrap)).helper,
    readRecord: (value) => matchShape(RECORD, value),
  }).place;
}

function findProgram(name: string): string {
  if (name.includes('/')) return name;
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (found === undefined)
    throw new UserError(`${name} is not on PATH: install bubblewrap, which also travels to workers.`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
