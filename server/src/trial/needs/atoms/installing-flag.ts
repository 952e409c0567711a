import type { InstalledPackage } from '../../../installed/vdb.ts';
import { classifyPath } from '../../../trace/path-class.ts';

/** Flags whose names do not show the purpose of a file. */
const NEVER = new Set(['debug', 'doc', 'examples', 'static', 'test', 'tools', 'utils', 'threads']);

/** Kinds of files that the same flag installs everywhere in Gentoo. */
const BY_KIND: readonly (readonly [flag: string, file: RegExp])[] = [
  ['introspection', /\.(gir|typelib)$/],
  ['vala', /\.vapi$/],
  ['python', /\/python[\d.]*\/(site|dist)-packages\//],
  ['perl', /\/perl5?\/(.*\/)?[^/]+\.p[lm]$/],
];

/**
 * Finds the flag of an installed package that installed all of the used files. The VDB does not record that, so it is derived from their
 * names: `.gir` is `introspection`, `harfbuzz-icu.pc` is `icu`. One file with another name decides against a flag.
 *
 * @param paths the used files
 * @returns an enabled flag of its IUSE
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

/** Matches `libFLAG.so.1`, `libany_FLAG3.a`, `any-FLAG.pc`, `any-FLAG-config.cmake`, and headers in a folder `FLAG`. */
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
