/** A root of a few tiny packages, and a repository with one ebuild, that a test changes as a user does. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Package → its files, and the packages of its RDEPEND. */
export const PACKAGES: Readonly<Record<string, { files: readonly string[]; needs?: string }>> = {
  'sys-apps/pm-1': { files: ['/usr/bin/pm'] },
  'sys-apps/base-1': { files: ['/usr/bin/base', '/usr/include/base.h'] },
  'dev-libs/a-1': { files: ['/usr/include/a.h', '/usr/lib/liba.so'], needs: 'dev-libs/below' },
  'dev-libs/b-1': { files: ['/usr/include/b.h'] },
  'dev-libs/below-1': { files: ['/usr/include/below.h', '/usr/share/below/data'] },
  'dev-util/t-1': { files: ['/usr/bin/t'] },
  'dev-util/u-1': { files: ['/usr/bin/u', '/usr/share/u/data'] },
  'dev-util/absent-1': { files: ['/usr/bin/absent'] },
  'dev-libs/local-1': { files: ['/usr/include/local.h'] },
};
/** Nothing declares them, and they are there now and then. */
export const STRANGERS = ['dev-util/absent-1', 'dev-libs/local-1'];
/** They are there for every trial. */
export const ALWAYS = ['sys-apps/pm-1', 'sys-apps/base-1'];

export interface ModelRoot {
  readonly root: string;
  readonly repository: string;
  readonly ebuild: string;
  merge(cpv: string): void;
  unmerge(cpv: string): void;
  isMerged(cpv: string): boolean;
  /** Writes a file of the root, or removes it, without a package manager. */
  write(path: string, content: string | undefined): void;
  /** Writes a file of the repository, or removes it. */
  writeRepository(path: string, content: string | undefined): void;
}

export function makeModelRoot(folder: string): ModelRoot {
  const [root, repository] = [join(folder, 'root'), join(folder, 'repository')];
  let merges = 0;
  const put = (file: string, content: string | undefined) => {
    if (content === undefined) return rmSync(file, { force: true });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  const write = (path: string, content: string | undefined) => put(join(root, path), content);
  const made: ModelRoot = {
    root,
    repository,
    ebuild: join(repository, 'app-misc/foo/foo-1.ebuild'),
    merge(cpv) {
      const { files, needs = '' } = PACKAGES[cpv] ?? { files: [] };
      merges += 1;
      for (const path of files) write(path, `${path} of ${cpv}, merge ${merges}\n`);
      const contents = files.map((path) => `obj ${path} 0 0`).join('\n');
      const record = { SLOT: '0', USE: '', IUSE: '', RDEPEND: needs, CONTENTS: contents };
      for (const [name, text] of Object.entries(record)) write(`var/db/pkg/${cpv}/${name}`, `${text}\n`);
    },
    unmerge(cpv) {
      rmSync(join(root, 'var/db/pkg', cpv), { recursive: true, force: true });
      for (const path of PACKAGES[cpv]?.files ?? []) write(path, undefined);
    },
    isMerged: (cpv) => existsSync(join(root, 'var/db/pkg', cpv)),
    write,
    writeRepository: (path, content) => put(join(repository, path), content),
  };
  for (const cpv of ALWAYS) made.merge(cpv);
  write('etc/portage/make.conf', 'USE=""\n');
  for (const path of ['usr/include', 'usr/lib', 'usr/bin', 'usr/local/share', 'usr/share'])
    mkdirSync(join(root, path), { recursive: true });
  made.writeRepository('profiles/repo_name', 'model\n');
  made.writeRepository('metadata/layout.conf', 'masters =\n');
  made.writeRepository('eclass/tool.eclass', ECLASS);
  return made;
}

export const ECLASS = 'BDEPEND="dev-util/t"\ntool_note() { note "of the eclass"; }\n';
/** An eclass whose function reads a variable of the ebuild. */
export const READING_ECLASS = `${ECLASS}tool_read() { [[ \${DEPEND} == *dev-libs/a* ]] && note "declares a"; :; }\n`;
