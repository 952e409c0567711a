import { Tokenizer } from 'htmlparser2';
import type { TextRange } from '../pms/text-range.ts';

/** A part of a metadata.xml that means something, with the range of its words (GLEP 68). */
export type MetadataPart = TextRange & {
  readonly kind: 'flag' | 'atom' | 'remote-id';
  readonly text: string;
  /** The `type` of a `remote-id`. */
  readonly type?: string;
};

/**
 * Finds the names of `<flag>`, the atoms of `restrict` and `<pkg>`, and the contents of `<remote-id>`. Comments have none. Total, and linear
 * also in unclosed elements, because only the tokens are read.
 */
export function readMetadataText(text: string): MetadataPart[] {
  const parts: MetadataPart[] = [];
  let tag = '';
  let attribute = '';
  let type = '';
  const add = (kind: MetadataPart['kind'], start: number, end: number): void => {
    const written = text.slice(start, end);
    const from = start + written.length - written.trimStart().length;
    const trimmed = written.trim();
    if (trimmed === '') return;
    const range = { start: from, end: from + trimmed.length };
    parts.push({ kind, text: trimmed, ...range, ...(kind === 'remote-id' ? { type } : {}) });
  };
  const ignore = (): void => {};
  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: false },
    {
      onopentagname(start, end) {
        tag = text.slice(start, end);
        type = '';
      },
      onattribname(start, end) {
        attribute = text.slice(start, end);
      },
      onattribdata(start, end) {
        if (attribute === 'type') type = text.slice(start, end);
        if (attribute === 'restrict') add('atom', start, end);
        if (attribute === 'name' && tag === 'flag') add('flag', start, end);
      },
      onclosetag() {
        tag = '';
      },
      onselfclosingtag() {
        tag = '';
      },
      ontext(start, end) {
        if (tag === 'pkg') add('atom', start, end);
        if (tag === 'remote-id') add('remote-id', start, end);
      },
      onattribentity: ignore,
      onattribend: ignore,
      ontextentity: ignore,
      oncdata: ignore,
      onopentagend: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(text);
  tokenizer.end();
  return parts;
}
