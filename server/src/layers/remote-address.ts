import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors/user-error.ts';
import type { Binhost, ChosenPackage } from '../package-manager/package-reader.ts';
import { hidePassword, isLocal } from './remote-file.ts';

/**
 * Completes the address of a chosen package with the user's name and password for its binhost, which no answer of the package manager holds,
 * because answers are kept. An index, which may come from anywhere, can name any address; of this machine it may only name files of a binhost
 * that is a folder of this machine.
 *
 * @throws UserError with one sentence
 */
export function completeAddress(chosen: ChosenPackage, binhosts: readonly Binhost[]): ChosenPackage {
  const { remote, id } = chosen;
  if (remote === undefined) return chosen;
  const binhost = binhosts.find(({ name }) => name === remote.binhost);
  if (!isLocal(remote.uri))
    return { ...chosen, remote: { ...remote, uri: addPassword(remote.uri, binhost) } };
  const folder = binhost === undefined ? undefined : pathOf(binhost.uri);
  const path = pathOf(remote.uri);
  if (folder !== undefined && path?.startsWith(`${folder.replace(/\/$/, '')}/`)) return chosen;
  throw new UserError(
    `The binary package of ${id} cannot be used from the binhost ${remote.binhost}: its index names ${hidePassword(remote.uri)}, which is a file of this machine; try another binhost, or build it with "emerge --buildpkg --oneshot '=${id}'".`,
  );
}

/** The normal path of a local address; undefined if it has none. */
function pathOf(uri: string): string | undefined {
  if (!isLocal(uri)) return undefined;
  try {
    return posix.normalize(uri.startsWith('/') ? uri : fileURLToPath(uri));
  } catch {
    return undefined;
  }
}

function addPassword(uri: string, binhost: Binhost | undefined): string {
  if (binhost === undefined || !URL.canParse(uri) || !URL.canParse(binhost.uri)) return uri;
  const [url, own] = [new URL(uri), new URL(binhost.uri)];
  if (url.origin !== own.origin || own.username === '' || url.username !== '') return uri;
  url.username = own.username;
  url.password = own.password;
  return url.href;
}
