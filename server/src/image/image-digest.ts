import { createHash } from 'node:crypto';
import type { ImageSummary } from './image-summary.ts';

/**
 * Makes a digest that two images share only if they have the same files, apart from what differs in every build.
 *
 * @returns undefined if not everything could be read
 */
export function digestImage({ entries, isCut, describe }: ImageSummary): string | undefined {
  if (isCut) return undefined;
  const hash = createHash('sha256');
  for (const path of [...entries.keys()].sort()) {
    const entry = entries.get(path);
    if (entry === undefined || entry.unread === true) return undefined;
    const { type, mode, target = '', bytes } = entry;
    const content = type !== 'file' || bytes === 'compiled' ? '' : describe(path).content;
    if (content === undefined) return undefined;
    hash.update(`${path}\0${type}\0${mode}\0${target}\0${content}\n`);
  }
  return hash.digest('hex');
}
