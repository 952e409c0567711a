import { isUtf8 } from 'node:buffer';
import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { isLongText, LONGEST_TEXT, refuseLongText } from '../ebuild/longest-text.ts';
import { isForUser, UserError } from '../errors/user-error.ts';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { readRegularFile } from '../files/regular-file.ts';

/**
 * Reads an ebuild, which is text in UTF-8 (PMS 7.1). Another encoding would be damaged when the text is written back.
 * A link may lead to an ebuild anywhere, but to no other file: reports quote the text.
 *
 * @throws UserError with a sentence if it is something else
 */
export async function readEbuild(path: string): Promise<string> {
  const bytes = readBytes(path);
  if (!isUtf8(bytes) || bytes.includes(0))
    throw new UserError(`${path} is not UTF-8 text: name an ebuild file.`);
  const text = bytes.toString('utf8');
  if (isLongText(text)) throw new UserError(refuseLongText(path));
  return text;
}

function readBytes(path: string): Buffer {
  try {
    // Synchronous: for thousands of small files, waiting takes longer than reading.
    const stats = statSync(path);
    if (stats.isDirectory()) throw new UserError(`${path} is a folder: name an ebuild file.`);
    if (!stats.isFile()) throw new UserError(`${path} is not a regular file: name an ebuild file.`);
    if (stats.size > LONGEST_TEXT) throw new UserError(refuseLongText(path));
    const real = realpathSync.native(path);
    if (path.endsWith('.ebuild') && !real.endsWith('.ebuild'))
      throw new UserError(`${path} is a link to a file that is not an ebuild: name an ebuild file.`);
    const file = readRegularFile(real, [dirname(real)], (problem) => {
      throw new UserError(problem);
    });
    if (file !== undefined) return file.bytes;
    throw new UserError(`${path} changes while it is read: try again.`);
  } catch (error) {
    if (isForUser(error)) throw error;
    throwIfExhausted(error);
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    throw new UserError(`${path} ${reason}: name an ebuild file.`, { cause: error });
  }
}
