/** A folder of binary packages, PKGDIR of make.conf(5). */
import { accessSync, constants, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import { readFileParts } from '../../files/file-parts.ts';
import { listFolder } from '../../files/folder-listing.ts';
import { replaceFileByParts } from '../../files/replace-file.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';

/** The part of an ebuild's place that names its packages. */
type Named = Pick<EbuildLocation, 'category' | 'packageName' | 'packageAndVersion'>;

/**
 * The path of a package below a folder of packages. Portage reads this form with and without FEATURES=binpkg-multi-instance.
 * `CATEGORY/PF.gpkg.tar` would be shorter, but some versions of Portage take the version in `foo-2.gpkg.tar` for a BUILD_ID.
 */
export function pathOfPackage({ category, packageName, packageAndVersion }: Named, buildId: number): string {
  return join(category, packageName, `${packageAndVersion}-${buildId}.gpkg.tar`);
}

/** The first BUILD_ID that no package of this version in the folder has, nor has had while a later one is there. */
export function nextBuildId(folder: string, named: Named): number {
  return Math.max(0, ...listPackages(folder, named).map(({ buildId }) => buildId)) + 1;
}

function listPackages(
  folder: string,
  { category, packageName, packageAndVersion }: Named,
): { readonly path: string; readonly buildId: number }[] {
  const place = join(folder, category, packageName);
  return listFolder(place).flatMap((name) => {
    const rest = name.startsWith(`${packageAndVersion}-`) ? name.slice(packageAndVersion.length + 1) : '';
    const digits = /^(\d{1,9})\.(?:gpkg\.tar|xpak)$/.exec(rest)?.[1];
    return digits === undefined ? [] : [{ path: join(place, name), buildId: Number(digits) }];
  });
}

/** Fails before the work of a trial, and not after hours; makes the folder. @throws UserError if it cannot be written */
export function openPackageFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/**
 * Copies a package from a folder that the code of an ebuild could write to. Readers find the whole package or none.
 *
 * @param source a path on this machine without links above its last part
 * @param replaces whether other packages of the same version are removed
 * @returns the path of the copy
 * @throws UserError if the folder cannot be written
 */
export async function storePackage(
  source: string,
  folder: string,
  named: Named,
  { buildId, replaces }: { readonly buildId: number; readonly replaces: boolean },
): Promise<string> {
  const path = join(folder, pathOfPackage(named, buildId));
  const older = replaces ? listPackages(folder, named) : [];
  try {
    mkdirSync(join(folder, named.category, named.packageName), { recursive: true });
    await replaceFileByParts(path, readFileParts(source), { durable: true, mode: 0o644 });
    for (const { path: before } of older) if (before !== path) rmSync(before, { force: true });
    return path;
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/** Whether a path of this machine is a regular file, and no link to one. */
export function isPlainFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function notWritable(folder: string, error: unknown): UserError {
  const { code, message } = error as NodeJS.ErrnoException;
  return new UserError(
    `The folder of binary packages ${folder} cannot be written (${code ?? message}): give --buildpkg=FOLDER, on a disk with room.`,
    { cause: error },
  );
}
