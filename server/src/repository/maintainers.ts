import { readXmlTokens } from './xml-tokens.ts';

/** The name of a package without a maintainer in Gentoo's lists. */
export const NOBODY = 'maintainer-needed@gentoo.org';

/**
 * Reads the maintainers of a package in its `metadata.xml` (GLEP 68): the e-mail address of each `<maintainer>`, in lower case, without those
 * of upstream. Total.
 *
 * Only tokens are read, as in `parseFlagsOfMetadataXml`, so the time is in proportion to the text.
 *
 * @returns each address once; {@link NOBODY} if there is none
 */
export function parseMaintainers(text: string): readonly string[] {
  const addresses = new Set<string>();
  let isInMaintainer = false;
  let isInUpstream = false;
  /** The text of the open `<email>`; undefined outside. */
  let address: string | undefined;
  let tag = '';
  const add = (words: string): void => {
    if (address !== undefined) address += words;
  };
  readXmlTokens(text, true, {
    onopentagname(start, end) {
      tag = text.slice(start, end);
      if (tag === 'upstream') isInUpstream = true;
      if (tag === 'maintainer') isInMaintainer = !isInUpstream;
      if (tag === 'email' && isInMaintainer) address = '';
    },
    onselfclosingtag() {
      if (tag === 'upstream') isInUpstream = false;
      if (tag === 'maintainer') isInMaintainer = false;
      if (tag === 'email') address = undefined;
    },
    onclosetag(start, end) {
      const name = text.slice(start, end);
      if (name === 'upstream') isInUpstream = false;
      if (name === 'maintainer') isInMaintainer = false;
      if (name !== 'email' || address === undefined) return;
      const trimmed = address.trim().toLowerCase();
      if (trimmed !== '') addresses.add(trimmed);
      address = undefined;
    },
    ontext: (start, end) => add(text.slice(start, end)),
    ontextentity: (codePoint) => add(String.fromCodePoint(codePoint)),
    oncdata: (start, end, endOffset) => add(text.slice(start, end - endOffset)),
  });
  return addresses.size > 0 ? [...addresses] : [NOBODY];
}
