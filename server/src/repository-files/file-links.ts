import { findBugs } from '../navigation/bug-links.ts';
import type { Link } from '../navigation/link.ts';
import { manifestWordAt } from './manifest-word.ts';
import { readMetadataText } from './metadata-text.ts';
import { addressOfRemote } from './remote-id.ts';
import { linesOf } from './text-lines.ts';
import type { FileSubject } from './word-description.ts';

/** An editor shows the links of a whole text at once. */
const MOST_LINKS = 5000;
/** Each is looked for on the disk. */
const MOST_FILES = 200;

/**
 * The links of a file of a repository: the bugs of a list, the identifiers of metadata.xml, the files of a Manifest. Addresses are only those
 * of known sites, whatever the text says.
 */
export function linksOfFile(subject: FileSubject): Link[] {
  const { file, text } = subject;
  if (file.kind === 'list') return findBugs(text).slice(0, MOST_LINKS);
  if (file.kind === 'metadata')
    return readMetadataText(text)
      .flatMap(({ kind, type = '', text: identifier, start, end }): Link[] => {
        const address = kind === 'remote-id' ? addressOfRemote(type, identifier) : undefined;
        return address === undefined ? [] : [{ start, end, address }];
      })
      .slice(0, MOST_LINKS);
  return file.kind === 'manifest' ? linkManifest(subject, file.owner) : [];
}

function linkManifest(
  { text, knowledge }: FileSubject,
  { category, name }: { readonly category: string; readonly name: string },
): Link[] {
  const links: Link[] = [];
  let looked = 0;
  for (const line of linesOf(text)) {
    // Most lines are distfiles, which are not here.
    if (line.text.startsWith('DIST')) continue;
    const word = manifestWordAt(text, line.end);
    if (word?.kind !== 'file' || ++looked > MOST_FILES) continue;
    const file = knowledge?.packageFile(category, name, word.path);
    if (file !== undefined) links.push({ start: word.start, end: word.end, file });
  }
  return links;
}
