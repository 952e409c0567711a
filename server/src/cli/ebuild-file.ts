import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { normalize } from 'node:path';
import { isLongText, LONGEST_TEXT, refuseLongText } from '../ebuild/longest-text.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import { replaceFile } from '../files/replace-file.ts';

/**
 * Reads an ebuild, which is text in UTF-8 (PMS 7.1). Another encoding would be damaged when the text is written back.
 *
 * @throws UserError with a sentence if it is something else
 */
export async function readEbuild(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    // Synchronous: for thousands of small files, waiting takes longer than reading.
    const stats = statSync(path);
    if (stats.isDirectory()) throw new UserError(`${path} is a folder: name an ebuild file.`);
    if (!stats.isFile()) throw new UserError(`${path} is not a regular file: name an ebuild file.`);
    if (stats.size > LONGEST_TEXT) throw new UserError(refuseLongText(path));
    bytes = readFileSync(path);
  } catch (error) {
    if (isForUser(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UserError(`${path} ${reason}: name an ebuild file.`, { cause: error });
  }
  if (!isUtf8(bytes) || bytes.includes(0))
    throw new UserError(`${path} is not UTF-8 text: name an ebuild file.`);
  const text = bytes.toString('utf8');
  if (isLongText(text)) throw new UserError(refuseLongText(path));
  return text;
}

/**
 * Writes an ebuild in one step, so that a full disk, a kill or a power cut cannot leave half of it. Links stay links,
 * and the file keeps its mode and owner.
 *
 * @throws UserError with a sentence if it cannot be written; the file is then unchanged
 */
export async function replaceEbuild(path: string, text: string): Promise<void> {
  const real = await realpath(path);
  try {
    const { mode, uid, gid } = await stat(real);
    // Only root can give files away; another user's file becomes the writer's, as with most editors.
    const owner = process.geteuid?.() === 0 ? { owner: { uid, gid } } : {};
    replaceFile(real, text, { durable: true, mode: mode & 0o7777, ...owner });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      `The edits were not applied, because ${path} cannot be written (${code}): make it writable or free disk space, and try again.`,
      { cause: error },
    );
  }
}

/**
 * The ebuilds that a path of the command line stands for: the file itself, or every ebuild below the folder, sorted.
 * Links to folders are not followed, and folders whose names begin with a dot are skipped.
 *
 * @throws UserError with a sentence if there is no such file or folder, or a folder cannot be read
 */
export async function listEbuilds(path: string): Promise<string[]> {
  try {
    if (!statSync(path).isDirectory()) return [path];
    const found: string[] = [];
    const folders = [normalize(path).replace(/(?<=.)\/$/, '')];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !entry.name.startsWith('.')) folders.push(`${folder}/${entry.name}`);
        else if (entry.name.endsWith('.ebuild')) found.push(`${folder}/${entry.name}`);
      }
    }
    return found.sort();
  } catch (error) {
    const { code, path: where = path } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UserError(`${where} ${reason}: name an ebuild or a folder of ebuilds.`, { cause: error });
  }
}
