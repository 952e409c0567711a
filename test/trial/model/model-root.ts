/** A root of a few tiny packages, and a repository with one ebuild, that a test changes as a user does. */
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface ModelPackage {
  readonly files: readonly string[];
  /** Folders that its record lists. The other folders of its files are of nobody. */
  readonly folders?: readonly string[];
  /** Links and their absolute targets. */
  readonly links?: Readonly<Record<string, string>>;
  /** Its RDEPEND. */
  readonly needs?: string;
  /** Files that are not written if they are there already, as those below CONFIG_PROTECT. They stay when it is unmerged. */
  readonly kept?: readonly string[];
}

/** By category, name and version. Of two versions only one is there. */
export const PACKAGES: Readonly<Record<string, ModelPackage>> = {
  'sys-apps/pm-1': { files: ['/usr/bin/pm'] },
  'sys-apps/base-1': { files: ['/usr/bin/base', '/usr/include/base.h'] },
  'dev-libs/a-1': { files: ['/usr/include/a.h', '/usr/lib/liba.so'], needs: 'dev-libs/below' },
  'dev-libs/b-1': { files: ['/usr/include/b.h'], links: { '/usr/lib/headers': '/usr/include' } },
  'dev-libs/b-2': {
    files: ['/usr/include/b.h', '/usr/include/b2.h'],
    links: { '/usr/lib/headers': '/usr/include' },
    needs: 'dev-libs/below',
  },
  'dev-libs/below-1': {
    files: ['/usr/include/below.h', '/usr/share/below/data'],
    folders: ['/usr/share/below'],
  },
  'dev-util/t-1': { files: ['/usr/bin/t'] },
  'dev-util/u-1': { files: ['/usr/bin/u', '/usr/share/u/data'], folders: ['/usr/share', '/usr/share/u'] },
  'dev-util/absent-1': { files: ['/usr/bin/absent'] },
  'dev-libs/local-1': { files: ['/usr/include/local.h'] },
  'games-misc/far-1': { files: ['/usr/share/far/data'], folders: ['/usr/share', '/usr/share/far'] },
  'dev-libs/far-1': {
    files: ['/usr/bin/far', '/usr/include/far.h', '/usr/lib/libfar.so'],
    needs: 'dev-libs/b',
  },
  'dev-util/config-1': {
    files: ['/usr/bin/config'],
    folders: ['/usr/local', '/usr/local/share'],
    kept: ['/usr/local/share/cfg'],
  },
};
/** Nothing declares them, and they are there now and then. */
export const STRANGERS = [
  'dev-util/absent-1',
  'dev-libs/local-1',
  'games-misc/far-1',
  'dev-libs/far-1',
  'dev-util/config-1',
];
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

function packageOf(cpv: string): ModelPackage {
  const known = PACKAGES[cpv];
  if (known === undefined) throw new Error(`the model has no ${cpv}`);
  return known;
}

/** All versions of a package, with its own. */
function versionsOf(cpv: string): readonly string[] {
  const name = cpv.replace(/-\d+$/, '');
  return Object.keys(PACKAGES).filter((known) => known.replace(/-\d+$/, '') === name);
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
      const { files, folders = [], links = {}, needs = '', kept = [] } = packageOf(cpv);
      for (const other of versionsOf(cpv)) if (made.isMerged(other)) made.unmerge(other);
      merges += 1;
      for (const path of files) write(path, `${path} of ${cpv}, merge ${merges}\n`);
      for (const path of kept) if (!existsSync(join(root, path))) write(path, 'of the package\n');
      for (const [path, target] of Object.entries(links)) {
        write(path, undefined);
        symlinkSync(target, join(root, path));
      }
      const contents = [
        ...folders.map((path) => `dir ${path}`),
        ...[...files, ...kept].map((path) => `obj ${path} 0 0`),
        ...Object.entries(links).map(([path, target]) => `sym ${path} -> ${target} 0`),
      ];
      const record = { SLOT: '0', USE: '', IUSE: '', RDEPEND: needs, CONTENTS: contents.join('\n') };
      for (const [name, text] of Object.entries(record)) write(`var/db/pkg/${cpv}/${name}`, `${text}\n`);
    },
    unmerge(cpv) {
      rmSync(join(root, 'var/db/pkg', cpv), { recursive: true, force: true });
      const { files, links = {} } = packageOf(cpv);
      for (const path of [...files, ...Object.keys(links)]) write(path, undefined);
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
