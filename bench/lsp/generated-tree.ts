import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ebuildText } from '../generated-overlay.ts';
import { PACKAGES, packageName } from '../long-ebuild.ts';

/** Writes a repository of 20,000 packages, each with one ebuild. @param repository an absolute path that is created */
export function writeTree(repository: string): void {
  const write = (path: string, text: string): void => {
    const file = join(repository, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  write('profiles/repo_name', 'tree\n');
  write('metadata/layout.conf', 'masters =\n');
  write('profiles/base/make.defaults', 'IUSE_IMPLICIT="prefix"\n');
  write('eclass/build.eclass', 'IUSE="debug"\nbuild_src_compile() {\n\temake\n}\n');
  write('eclass/fetch.eclass', 'BDEPEND="dev-c1/package1"\n');
  const categories = new Set<string>();
  for (let index = 0; index < PACKAGES; index++) {
    const { category, name } = packageName(index);
    categories.add(category);
    write(`${category}/${name}/${name}-1.2.3.ebuild`, ebuildText(index));
  }
  write('profiles/categories', `${[...categories].join('\n')}\n`);
}
