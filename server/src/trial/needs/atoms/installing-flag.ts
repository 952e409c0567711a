import type { InstalledPackage } from '../../../installed/vdb.ts';
import { classifyPath } from '../../../trace/path-class.ts';

/** Flags whose names do not show the purpose of a file. */
const NEVER = new Set(['debug', 'doc', 'examples', 'static', 'test', 'tools', 'utils', 'threads']);

/** Flags whose files are never installed without them. */
const CERTAIN: ReadonlySet<string> = new Set(['introspection', 'vala']);

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

/**
 * Finds the flags of an installed package without which some of the used files would not be there: the flag of all of them, and those whose
 * files no other flag installs.
 *
 * @param paths the used files
 * @returns enabled flags of its IUSE
 */
export function findUsedFlags(installed: InstalledPackage, paths: readonly string[]): string[] {
  const ofAll = findInstallingFlag(installed, paths);
  const certain = BY_KIND.filter(
    ([flag, file]) =>
      CERTAIN.has(flag) &&
      installed.iuse.includes(flag) &&
      installed.use.includes(flag) &&
      paths.some((path) => file.test(path)),
  ).map(([flag]) => flag);
  return [...new Set([...(ofAll === undefined ? [] : [ofAll]), ...certain])];
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
