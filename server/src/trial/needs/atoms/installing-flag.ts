import type { InstalledPackage } from '../../../installed/vdb.ts';
import { classifyPath } from '../../../trace/path-class.ts';

/** Flags whose name says nothing of what a file is for. */
const NEVER = new Set(['debug', 'doc', 'examples', 'static', 'test', 'tools', 'utils', 'threads']);

/** Files of one kind that a flag of one name installs everywhere in Gentoo. */
const BY_KIND: readonly (readonly [flag: string, file: RegExp])[] = [
  ['introspection', /\.(gir|typelib)$/],
  ['vala', /\.vapi$/],
  ['python', /\/python[\d.]*\/(site|dist)-packages\//],
  ['perl', /\/perl5?\/(.*\/)?[^/]+\.p[lm]$/],
];

/**
 * The flag of an installed package without which the files that were used would not be there, as far as their names tell: everything that
 * was used is of a kind that a flag stands for (`.gir` is `introspection`), or is named for the flag (`harfbuzz-icu.pc` is `icu`), or
 * only static libraries were linked. The VDB does not say what a flag installs, so that one file which is not so named decides against it.
 *
 * @param paths the files that were used; with none nothing is known
 * @returns a flag of its IUSE that is enabled
 */
export function findInstallingFlag(
  installed: InstalledPackage,
  paths: readonly string[],
): string | undefined {
  const enabled = installed.iuse.filter((flag) => installed.use.includes(flag) && !NEVER.has(flag));
  if (paths.length === 0 || enabled.length === 0) return undefined;
  const libraries = paths.filter((path) => classifyPath(path) === 'library');
  if (
    enabled.includes('static-libs') &&
    libraries.length > 0 &&
    libraries.every((path) => path.endsWith('.a'))
  )
    return 'static-libs';
  const isOf = (flag: string) => {
    const kind = BY_KIND.find(([name]) => name === flag)?.[1];
    return (path: string) => kind?.test(path) === true || isNamedFor(path, flag);
  };
  return enabled.find(
    (flag) => flag !== installed.name && !installed.category.endsWith(`-${flag}`) && paths.every(isOf(flag)),
  );
}

/** `libFLAG.so.1`, `libany_FLAG3.a`, `any-FLAG.pc`, `any-FLAG-config.cmake`, and headers in a folder `FLAG`. */
function isNamedFor(path: string, flag: string): boolean {
  const escaped = flag.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    [
      `/(lib|lib[^/]*[-_])${escaped}[\\d.]*\\.(so[\\d.]*|a)$`,
      `/([^/]+[-_])?${escaped}[-\\d.]*\\.pc$`,
      `/([^/]+[-_])?${escaped}[-\\d.]*(-config|Config)\\.cmake$`,
      `/include/(.+/)?${escaped}/[^/]+$`,
    ].join('|'),
  ).test(path);
}
