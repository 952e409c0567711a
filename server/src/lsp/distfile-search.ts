import { basename } from 'node:path';
import type { LiveText } from '../ebuild/live-text.ts';
import type { FilePlace } from '../navigation/definition.ts';
import { positionIn } from '../navigation/text-position.ts';
import { filesFetchedBy } from '../repository-files/distfiles.ts';
import type { FileSubject } from '../repository-files/word-description.ts';

/** An ebuild that fetches a file, and the word of its SRC_URI. */
export interface FetchingEbuild {
  readonly packageAndVersion: string;
  readonly place: FilePlace;
}

/** More ebuilds of a package are not read. */
const MOST_EBUILDS = 50;

/** Makes a function that finds the ebuilds of a package that surely fetch a file, the newest first. It never rejects. */
export function createDistfileSearch({
  openText,
  readFile,
}: {
  openText(): LiveText;
  /** The text of a file; rejects if it cannot be read. */
  readFile(path: string): Promise<string>;
}): (subject: FileSubject, distfile: string) => Promise<FetchingEbuild[]> {
  return async ({ file, knowledge }, distfile) => {
    if (file.kind !== 'manifest' || knowledge === undefined) return [];
    const { category, name } = file.owner;
    const paths = knowledge.offered(category, name).flatMap((offered) => knowledge.ebuildFile(offered) ?? []);
    const found: FetchingEbuild[] = [];
    for (const path of [...new Set(paths)].slice(-MOST_EBUILDS).reverse()) {
      const text = await readFile(path).catch(() => undefined);
      if (text === undefined) continue;
      const reader = openText();
      const facts = reader.read(text);
      reader.close();
      const packageAndVersion = basename(path, '.ebuild');
      const word = filesFetchedBy(facts, category, packageAndVersion).find(
        (fetched) => fetched.name === distfile,
      );
      if (word !== undefined)
        found.push({ packageAndVersion, place: { file: path, ...positionIn(text, word.start) } });
    }
    return found;
  };
}
