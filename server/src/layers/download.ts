import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isForUser, type Reach, UserError } from '../errors/user-error.ts';
import type { RemotePackage } from '../package-manager/package-reader.ts';
import { hidePassword, openRemote } from './remote-file.ts';

/** In bytes. An index need not say how large a package is, and a server can send without end. */
const LARGEST_PACKAGE = 16 * 2 ** 30;

/** Node's names for the hashes of an index. */
const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA512: 'sha512',
  BLAKE2B: 'blake2b512',
};

/**
 * Downloads a package of a binhost, and compares it with what the index says of it.
 *
 * @param path the file to write
 * @throws UserError with one sentence if it cannot be had or is another one, and the signal's reason
 */
export async function downloadPackage(
  id: string,
  { uri, size, sums, binhost }: RemotePackage,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const refuse = (reason: string, reach: Reach = 'same', cause?: unknown) =>
    new UserError(
      `The binary package ${hidePassword(uri)} of ${id} cannot be used from the binhost ${binhost}: ${reason}; try again, or build it with "emerge --buildpkg --oneshot '=${id}'".`,
      { cause, reach },
    );
  const hashes = Object.entries(sums).flatMap(([name, sum]) => {
    const kind = HASHES[name];
    return kind === undefined ? [] : [{ name, sum, hash: createHash(kind) }];
  });
  let length = 0;
  try {
    const content = await openRemote(uri, signal);
    await pipeline(
      content,
      async function* check(parts: AsyncIterable<Uint8Array>) {
        for await (const part of parts) {
          length += part.length;
          if (size >= 0 && length > size)
            throw new UserError(`it is larger than the ${size} bytes of the index`);
          if (length > LARGEST_PACKAGE) throw new UserError('it is too large');
          for (const { hash } of hashes) hash.update(part);
          yield part;
        }
      },
      createWriteStream(path, { flags: 'wx' }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw refuse(
      (error as Error).message.replace(/\.$/, ''),
      isForUser(error) ? error.reach : undefined,
      error,
    );
  }
  if (size >= 0 && length !== size)
    throw refuse(`the download ended after ${length} of ${size} bytes`, 'passing');
  const wrong = hashes.find(({ sum, hash }) => hash.digest('hex') !== sum.toLowerCase());
  if (wrong !== undefined) throw refuse(`its ${wrong.name} is not that of the index`);
}
