import { createHash } from 'node:crypto';
import { createReadStream, type Dirent, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isSeenByBuilds } from '../evaluation/package-copy.ts';
import { leadsOut, readRegularFile, readText } from '../files/regular-file.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import type { Repository } from '../repository/repository.ts';
import { sha256 } from './canonical-json.ts';
import type { NamedDigest } from './portable-inputs.ts';

/** In bytes. Of a larger file only the size counts. */
const LARGEST = 64 * 2 ** 20;

/** The digest of a file's content; undefined if it is missing or leads out of the folders. */
export function digestFile(
  path: string,
  within: readonly string[],
  change: (text: string) => string = (text) => text,
): string | undefined {
  // Latin-1 keeps every byte.
  const bytes = readRegularFile(path, within, () => {}, LARGEST)?.bytes;
  return bytes && sha256(Buffer.from(change(bytes.toString('latin1')), 'latin1'));
}

export const sortNamed = (digests: Iterable<NamedDigest>): readonly NamedDigest[] =>
  [...digests].sort((left, right) => (left.name < right.name ? -1 : 1));

/**
 * Reads everything in the package's folder that a build may use, except the ebuild and the Manifest.
 *
 * @throws an error of the file system if a folder cannot be read
 */
export function readPackageFolder({
  repository,
  category,
  packageName,
}: EbuildLocation): readonly NamedDigest[] {
  const found: NamedDigest[] = [];
  const seen = new Set<string>();
  const visit = (path: string, below: string): void => {
    const real = realpathSync(path);
    // A link may lead to a folder above it.
    if (seen.has(real)) return;
    seen.add(real);
    for (const entry of readdirSync(path, { withFileTypes: true }) as Dirent[]) {
      const name = `${below}${entry.name}`;
      if (below === '' && (!isSeenByBuilds(name) || name === 'Manifest')) continue;
      const inner = join(path, entry.name);
      if (leadsOut(inner, [repository])) continue;
      const isLink = entry.isSymbolicLink();
      const stats = isLink ? statSync(inner, { throwIfNoEntry: false }) : entry;
      const link = isLink ? `link ${sha256(readlinkSync(inner))} ` : '';
      if (stats?.isDirectory() === true) {
        if (isLink) found.push({ name, digest: `${link}folder` });
        visit(inner, `${name}/`);
      } else if (stats?.isFile() === true)
        found.push({ name, digest: `${link}${digestFile(inner, [repository]) ?? 'unread'}` });
    }
  };
  visit(join(repository, category, packageName), '');
  return sortNamed(found);
}

/** Reads the eclasses of the ebuild's repository and its masters, wherever one has them. */
export function readEclasses(
  inherited: readonly string[],
  family: readonly Repository[],
): readonly NamedDigest[] {
  return sortNamed(
    family.flatMap(({ location, name: repository }) =>
      [...new Set(inherited)].flatMap((name) => {
        const digest = digestFile(join(location, 'eclass', `${name}.eclass`), [location]);
        return digest === undefined ? [] : [{ name: `${repository}:${name}`, digest }];
      }),
    ),
  );
}

/** The hashes of a Manifest, the one that is taken first. */
const HASHES = ['BLAKE2B', 'SHA512', 'SHA256'];

/**
 * Reads the hashes of distfiles. The package manager checks a distfile with its Manifest, so the file itself is read only if that has no line
 * for it.
 *
 * @param folders in which distfiles are
 */
export async function readDistfiles(
  names: readonly string[],
  { repository, category, packageName }: EbuildLocation,
  folders: readonly string[],
): Promise<readonly NamedDigest[]> {
  const manifest =
    readText(join(repository, category, packageName, 'Manifest'), [repository], () => {}) ?? '';
  const known = new Map<string, string>();
  for (const line of manifest.split('\n')) {
    const [kind, name = '', , ...pairs] = line.trim().split(/\s+/);
    const hash = HASHES.find((candidate) => pairs.includes(candidate));
    const value = hash === undefined ? undefined : pairs[pairs.indexOf(hash) + 1];
    if (kind === 'DIST' && value !== undefined && /^[0-9a-f]+$/i.test(value))
      known.set(name, `${hash} ${value}`);
  }
  const digests = [...new Set(names)].map(async (name) => ({
    name,
    digest: known.get(name) ?? (await hashDistfile(name, folders)),
  }));
  return sortNamed(await Promise.all(digests));
}

async function hashDistfile(name: string, folders: readonly string[]): Promise<string> {
  const path = folders
    .map((folder) => join(folder, name))
    .find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
  if (path === undefined) return 'missing';
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return `SHA256 ${hash.digest('hex')}`;
}
