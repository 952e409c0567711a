import { readXmlTokens } from './xml-tokens.ts';

/** The element whose text is being collected. */
interface OpenFlag {
  name: string | undefined;
  language: string;
  readonly pieces: string[];
}

/**
 * Reads the descriptions of a package's flags in its `metadata.xml` (GLEP 68): the text of every `<flag name="…">` in a
 * `<use>`. English is preferred, and the first of several `restrict`. Total.
 *
 * Only the tokens of an XML parser are read: a tree of unclosed elements, as while an author types, takes time in
 * proportion to the square of the text. Entities that the document declares are not expanded.
 *
 * @returns by flag, without markup and with single spaces
 */
export function parseFlagsOfMetadataXml(text: string): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  /** The language of the open `<use>`; undefined outside. */
  let useLanguage: string | undefined;
  let flag: OpenFlag | undefined;
  let tag = '';
  let attribute = '';
  let value = '';

  const close = (name: string): void => {
    if (name === 'flag' && flag?.name !== undefined && flag.language === 'en' && !flags.has(flag.name))
      flags.set(flag.name, flag.pieces.join('').replace(/\s+/g, ' ').trim());
    if (name === 'flag' || name === 'use') flag = undefined;
    if (name === 'use') useLanguage = undefined;
  };
  const addText = (words: string): void => void flag?.pieces.push(words);

  readXmlTokens(text, true, {
    onopentagname(start, end) {
      tag = text.slice(start, end);
      if (tag === 'use') useLanguage = 'en';
      // A flag that is still open was not finished.
      if (tag === 'use') flag = undefined;
      if (tag === 'flag')
        flag = useLanguage === undefined ? undefined : { name: undefined, language: useLanguage, pieces: [] };
    },
    onattribname(start, end) {
      attribute = text.slice(start, end);
      value = '';
    },
    onattribdata: (start, end) => {
      value += text.slice(start, end);
    },
    onattribentity: (codePoint) => {
      value += String.fromCodePoint(codePoint);
    },
    onattribend() {
      if (tag === 'use' && attribute === 'lang') useLanguage = value;
      if (tag === 'flag' && flag !== undefined && attribute === 'lang') flag.language = value;
      if (tag === 'flag' && flag !== undefined && attribute === 'name') flag.name = value;
    },
    onselfclosingtag() {
      // A self-closing flag has no description.
      if (tag === 'flag') flag = undefined;
      else close(tag);
    },
    onclosetag: (start, end) => close(text.slice(start, end)),
    ontext: (start, end) => addText(text.slice(start, end)),
    ontextentity: (codePoint) => addText(String.fromCodePoint(codePoint)),
    oncdata: (start, end, endOffset) => addText(text.slice(start, end - endOffset)),
  });
  return flags;
}
