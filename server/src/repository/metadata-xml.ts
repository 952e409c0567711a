const FLAG = /<flag\b([^<>]*)>([\s\S]*?)<\/flag\s*>/g;
const COMMENT = /<!--[\s\S]*?-->/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * What the flags of a package do, from its `metadata.xml` (GLEP 68): the text of every `<flag name="…">`, markup taken out, white
 * space joined. Of several languages English counts; of several `restrict` the first.
 *
 * A tolerant scan and no XML parser: authors have the file open while it is not well-formed, and only this one element matters.
 *
 * @returns by flag; total
 */
export function parseFlagsOfMetadataXml(text: string): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  // Without an end tag the scan would go to the end of the file from every start tag.
  const last = text.lastIndexOf('</flag');
  if (last < 0) return flags;
  const inside = text.slice(0, text.indexOf('>', last) + 1 || text.length);
  for (const part of splitLanguages(withoutComments(inside))) {
    for (const [, attributes = '', content = ''] of part.text.matchAll(FLAG)) {
      const name = attribute(attributes, 'name');
      if (name === undefined || attributes.endsWith('/')) continue;
      const language = attribute(attributes, 'lang') ?? part.language;
      if (language !== 'en' || flags.has(name)) continue;
      flags.set(name, plainText(content));
    }
  }
  return flags;
}

function withoutComments(text: string): string {
  return text.includes('-->')
    ? text.slice(0, text.lastIndexOf('-->') + 3).replace(COMMENT, '') +
        text.slice(text.lastIndexOf('-->') + 3)
    : text;
}

/** The parts that begin with a `<use>`, whose `lang` counts for the flags in it. */
function splitLanguages(text: string): { readonly language: string; readonly text: string }[] {
  const starts = [...text.matchAll(/<use\b([^<>]*)>/g)];
  return starts.map((start, index) => ({
    language: attribute(start[1] ?? '', 'lang') ?? 'en',
    text: text.slice(start.index, starts[index + 1]?.index ?? text.length),
  }));
}

function attribute(attributes: string, name: string): string | undefined {
  for (const [, key, double, single] of attributes.matchAll(/([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    if (key === name) return decode(double ?? single ?? '');
  return undefined;
}

function plainText(content: string): string {
  return decode(content.replace(/<[^<>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}

function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(\w{2,4}));/g,
    (whole, decimal, hexadecimal, name) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
