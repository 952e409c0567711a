import type { InstalledPackage } from '../../server/src/installed/vdb.ts';
import { parseContents, splitPackageName } from '../../server/src/installed/vdb.ts';

/** An installed package from `category/name-version`, CONTENTS lines without their sums, and RDEPEND. */
export function installed(
  cpv: string,
  paths: readonly string[] = [],
  more: Partial<InstalledPackage> = {},
): InstalledPackage {
  const [category = '', pf = ''] = cpv.split('/');
  const split = splitPackageName(pf);
  if (split === undefined) throw new Error(`${cpv} is no package`);
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  const contents = parseContents(
    paths
      .map((path) => {
        if (path.endsWith('/')) return `dir ${path.slice(0, -1)}`;
        return path.includes(' -> ') ? `sym ${path} 1` : `obj ${path} ${md5} 1`;
      })
      .join('\n'),
  );
  return {
    category,
    ...split,
    slot: '0',
    subslot: '0',
    use: [],
    iuse: [],
    rdepend: '',
    pdepend: '',
    contents,
    ...more,
  };
}
