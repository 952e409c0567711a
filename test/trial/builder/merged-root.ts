/** Merges, updates and removals in a copy of a root, with what Portage writes besides the files of a package. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { splitPackageName } from '../../../server/src/installed/vdb.ts';

const recordOf = (root: string, cpv: string) => join(root, 'var/db/pkg', cpv);

/** Puts a file where it is or was, as a merge does: with a rename, so that it has another inode. */
function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
}

/** Writes again what env-update and ldconfig write after each merge. */
export function updateEnvironment(root: string): void {
  for (const name of ['etc/profile.env', 'etc/csh.env', 'etc/ld.so.cache'])
    if (existsSync(join(root, name))) put(join(root, name), readFileSync(join(root, name)));
}

/**
 * Merges a package of a few files. A content that begins with an arrow is the target of a link.
 *
 * @param needs its RDEPEND
 */
export function merge(root: string, cpv: string, files: Readonly<Record<string, string>>, needs = ''): void {
  const lines: string[] = [];
  for (const [path, content] of Object.entries(files)) {
    const folders = path.split('/').slice(1, -1);
    for (let depth = 1; depth <= folders.length; depth += 1)
      lines.push(`dir /${folders.slice(0, depth).join('/')}`);
    const target = /^-> (.*)/.exec(content)?.[1];
    if (target === undefined) put(join(root, path), content);
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(target, join(root, path));
    }
    lines.push(target === undefined ? `obj ${path} 0 0` : `sym ${path} -> ${target} 0`);
  }
  const contents = [...new Set(lines)].map((line) => `${line}\n`).join('');
  const record = { CONTENTS: contents, SLOT: '0', USE: '', IUSE: '', RDEPEND: needs, EAPI: '8' };
  for (const [name, text] of Object.entries(record)) put(join(recordOf(root, cpv), name), `${text.trim()}\n`);
  updateEnvironment(root);
}

/** The files and links of a merged package, without its folders. */
function listFiles(root: string, cpv: string): string[] {
  return readFileSync(join(recordOf(root, cpv), 'CONTENTS'), 'utf8')
    .split('\n')
    .flatMap((line) => /^obj (.*) \S+ \d+$/.exec(line)?.[1] ?? /^sym (.*) -> .* \d+$/.exec(line)?.[1] ?? []);
}

export function unmerge(root: string, cpv: string): void {
  for (const path of listFiles(root, cpv)) rmSync(join(root, path), { force: true });
  rmSync(recordOf(root, cpv), { recursive: true });
  updateEnvironment(root);
}

/** Replaces a package by the next revision, with the same files. */
export function update(root: string, cpv: string): void {
  for (const path of listFiles(root, cpv)) {
    const place = join(root, path);
    // Copying follows a link.
    if (!existsSync(place)) continue;
    cpSync(place, `${place}.new`, { verbatimSymlinks: true });
    renameSync(`${place}.new`, place);
  }
  const [category = '', pf = ''] = cpv.split('/');
  const { name = '', version = '' } = splitPackageName(pf) ?? {};
  const newer = recordOf(root, `${category}/${name}-${version}-r99`);
  cpSync(recordOf(root, cpv), newer, { recursive: true });
  rmSync(recordOf(root, cpv), { recursive: true });
  updateEnvironment(root);
}
