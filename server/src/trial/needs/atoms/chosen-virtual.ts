import type { InstalledPackage } from '../../../installed/vdb.ts';
import type { UseKind } from '../../../trace/use-kind.ts';

/**
 * Chooses the virtual that an author names for the used files of a package. A virtual that is named for a library, or one of several, counts
 * only for files of its name: virtual/libelf is for libelf of dev-libs/elfutils, and not for its libdw. Of several, one that is named as the
 * package is stands for all files that no other one is named for: virtual/zlib for sys-libs/zlib without minizip.
 *
 * @param virtuals those that the package satisfies
 * @param paths the used files; empty if they are unknown
 */
export function chooseVirtual(
  installed: Pick<InstalledPackage, 'name'>,
  virtuals: readonly InstalledPackage[],
  paths: readonly string[],
  how: { readonly kinds: readonly UseKind[] } | undefined,
): InstalledPackage | undefined {
  if (paths.length > 0) {
    const named = virtuals.filter(({ name }) => paths.every((path) => isNamedFor(path, name)));
    const [best, next] = named.toSorted(
      (left, right) => rank(right.name, paths, how) - rank(left.name, paths, how),
    );
    if (best !== undefined) {
      const isClear = next === undefined || rank(best.name, paths, how) > rank(next.name, paths, how);
      return isClear ? best : undefined;
    }
  }
  const [only] = virtuals;
  if (virtuals.length === 1 && only !== undefined)
    return only.name.startsWith('lib') && paths.length > 0 ? undefined : only;
  const own = virtuals.filter(({ name }) => isNamedAs(installed.name, name));
  const [main] = own;
  if (main === undefined || own.length > 1 || paths.length === 0) return undefined;
  const others = virtuals.filter((virtual) => virtual !== main && stemOf(virtual.name) !== stemOf(main.name));
  return others.some(({ name }) => paths.some((path) => isNamedFor(path, name))) ? undefined : main;
}

/** The part of a virtual's name that file names have: `crypt.h` belongs to virtual/libcrypt, libz to virtual/zlib. */
function stemOf(name: string): string {
  return name.replace(/^lib(?=.)|(?<=.)lib$/, '');
}

/** Whether a package has the name of the virtual, perhaps with an addition: libjpeg-turbo and jpeg, zlib-ng and zlib. */
function isNamedAs(packageName: string, virtual: string): boolean {
  const stem = stemOf(virtual);
  return (
    stemOf(packageName) === stem ||
    packageName.replace(/^lib/, '').startsWith(`${virtual.replace(/^lib/, '')}-`)
  );
}

/** The name of a file with the folders that an author writes, `minizip/unzip.h`, or without any. */
function writtenName(path: string): string {
  const include = path.indexOf('/include/');
  return include < 0 ? path.slice(path.lastIndexOf('/') + 1) : path.slice(include + '/include/'.length);
}

/** The name of a file without `lib`, extension and version: `z` for `libz.so.1` and `zlib.h`. */
function coreOf(path: string): string {
  return stemOf((writtenName(path).match(/^[^.]+/)?.[0] ?? '').replace(/[-_]?[\d.]+$/, ''));
}

function isNamedFor(path: string, virtual: string): boolean {
  const stem = stemOf(virtual);
  const whole = virtual.replace(/^lib/, '');
  return coreOf(path) === stem || (whole.length > 2 && writtenName(path).includes(whole));
}

/**
 * How well a virtual fits files that all have its name. A longer name says more: virtual/cblas before virtual/blas for `cblas.h`. Of
 * virtual/udev and virtual/libudev, the library is for what is built against.
 */
function rank(
  name: string,
  paths: readonly string[],
  how: { readonly kinds: readonly UseKind[] } | undefined,
): number {
  const isProgram = how?.kinds.every((kind) => kind === 'program' || kind === 'interpreter') ?? false;
  const isExact = paths.every((path) => coreOf(path) === stemOf(name));
  return stemOf(name).length * 4 + (isExact ? 2 : 0) + (name.startsWith('lib') !== isProgram ? 1 : 0);
}
