import type { InstalledPackage } from '../../server/src/installed/vdb.ts';
import { splitPackageName } from '../../server/src/installed/vdb.ts';

/** An installed package from `category/name-version`. */
export function installed(cpv: string, more: Partial<InstalledPackage> = {}): InstalledPackage {
  const [category = '', pf = ''] = cpv.split('/');
  const split = splitPackageName(pf);
  if (split === undefined) throw new Error(`${cpv} is no package`);
  return {
    category,
    ...split,
    slot: '0',
    subslot: '0',
    use: [],
    iuse: [],
    rdepend: '',
    pdepend: '',
    repository: '',
    ...more,
  };
}

/** CONTENTS from paths: one that ends in a slash is a folder, one with an arrow a link. */
export function contentsOf(paths: readonly string[]): Buffer {
  const lines = paths.map((path) => {
    if (path.endsWith('/')) return `dir ${path.slice(0, -1)}\n`;
    return path.includes(' -> ') ? `sym ${path} 1\n` : `obj ${path} d41d8cd98f00b204e9800998ecf8427e 1\n`;
  });
  return Buffer.from(lines.join(''));
}
