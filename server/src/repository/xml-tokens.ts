import { Tokenizer } from 'htmlparser2';

/** What is called for the tokens of an XML text, with their places in it. */
export type XmlTokens = ConstructorParameters<typeof Tokenizer>[1];

const ignore = (): void => {};
const NOTHING: XmlTokens = {
  onattribname: ignore,
  onattribdata: ignore,
  onattribentity: ignore,
  onattribend: ignore,
  onopentagname: ignore,
  onopentagend: ignore,
  onselfclosingtag: ignore,
  onclosetag: ignore,
  ontext: ignore,
  ontextentity: ignore,
  oncdata: ignore,
  oncomment: ignore,
  ondeclaration: ignore,
  onprocessinginstruction: ignore,
  onend: ignore,
};

/**
 * Reads only the tokens of an XML text: a tree of unclosed elements, as while an author types, takes time in proportion to the square of the text.
 * Total.
 *
 * @param decodeEntities whether entities are tokens of their own; those that the document declares are not expanded
 */
export function readXmlTokens(text: string, decodeEntities: boolean, tokens: Partial<XmlTokens>): void {
  const tokenizer = new Tokenizer({ xmlMode: true, decodeEntities }, { ...NOTHING, ...tokens });
  tokenizer.write(text);
  tokenizer.end();
}
