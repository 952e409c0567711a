import { type Candidate, type Completions, NONE, offer } from '../language/completion/completion.ts';
import { readMetadataText } from './metadata-text.ts';
import { REMOTE_TYPES } from './remote-id.ts';
import type { FileSubject } from './word-description.ts';

/** The part of a text before an offset that is looked at for the attribute that is being written. */
const REACH = 500;

/**
 * Completes a metadata.xml: in `<flag name="` the flags of the package's ebuilds that the file does not describe, those without any
 * description first; in `<remote-id type="` the types. Total.
 */
export function completeFile(subject: FileSubject, offset: number): Completions {
  const { file, text } = subject;
  if (file.kind !== 'metadata') return NONE;
  const before = text.slice(Math.max(0, offset - REACH), offset);
  const [, element, typed = ''] =
    /<(flag|remote-id)\s(?:[^<>]*\s)?(?:name|type)=["']([^"'<>]*)$/.exec(before) ?? [];
  if (element === undefined) return NONE;
  const rest = /^[\w+@-]*/.exec(text.slice(offset, offset + REACH))?.[0].length ?? 0;
  const range = { start: offset - typed.length, end: offset + rest };
  const request = { facts: { text }, offset };
  if (element === 'remote-id')
    return offer(
      REMOTE_TYPES.map((type) => ({ text: type })),
      'value',
      request,
      range,
    );
  return offer(findUndescribed(subject, range), 'flag', request, range);
}

function findUndescribed(
  { file, text, knowledge }: FileSubject,
  { start }: { readonly start: number },
): Candidate[] {
  if (knowledge === undefined || file.kind !== 'metadata') return [];
  const { category, name } = file.owner;
  const described = new Set(
    readMetadataText(text)
      .filter((part) => part.kind === 'flag' && part.start !== start)
      .map((part) => part.text),
  );
  const flags = new Set(
    knowledge
      .offered(category, name)
      .filter(({ repository }) => repository !== '')
      .flatMap(({ iuse }) => iuse ?? []),
  );
  const open = [...flags].filter((flag) => !described.has(flag)).sort();
  const known = knowledge.commonFlags();
  const candidates = open.map((flag) => {
    const said = known.get(flag) ?? knowledge.describeFlag('', '', flag);
    return said === undefined ? { text: flag, detail: 'described nowhere' } : { text: flag, detail: said };
  });
  const isOpen = ({ detail }: Candidate) => detail === 'described nowhere';
  return [...candidates.filter(isOpen), ...candidates.filter((candidate) => !isOpen(candidate))];
}
