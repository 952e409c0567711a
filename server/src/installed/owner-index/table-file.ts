import type { PathTable } from './path-table.ts';

/**
 * The form of a {@link PathTable} on disk, with a text that says what it is a table of:
 * 32-bit words in the byte order of the machine that wrote it. The header is the two words of the mark, the version of the form, the sum of
 * all words after the header, and the length in bytes of each section; then the sections, each filled up with zeros to whole words.
 */
const SECTIONS = [
  'packageEnds',
  'places',
  'nameEnds',
  'slots',
  'shared',
  'folderEnds',
  'folderSlots',
  'listedEnds',
  'listed',
  'names',
  'folderPaths',
] as const satisfies readonly (keyof PathTable)[];

/** 'EbuildAu' where the first byte is the lowest; another byte order is another mark, so such a file counts as foreign. */
const MARK = [0x69756245, 0x7541646c] as const;
/** To be raised with every change of the form or of what goes into the text. */
const VERSION = 1;
const LENGTHS = 4;
const HEADER = LENGTHS + 1 + SECTIONS.length;

/** The parts of the file in order; together they are all of it. */
export function encodeTableFile(text: string, table: PathTable): Uint8Array[] {
  const sections = [Buffer.from(text, 'utf8'), ...SECTIONS.map((name) => table[name])];
  const padded = sections.map(padToWords);
  const header = new Uint32Array(HEADER);
  header.set([...MARK, VERSION]);
  for (const [number, { byteLength }] of sections.entries()) header[LENGTHS + number] = byteLength;
  header[3] = sumWords([header.subarray(LENGTHS), ...padded]);
  return [header, ...padded]
    .map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))
    .filter(({ length }) => length > 0);
}

function padToWords({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Uint32Array {
  if (byteOffset % 4 === 0 && byteLength % 4 === 0)
    return new Uint32Array(buffer, byteOffset, byteLength / 4);
  const words = new Uint32Array((byteLength + 3) >>> 2);
  new Uint8Array(words.buffer).set(new Uint8Array(buffer, byteOffset, byteLength));
  return words;
}

/**
 * Reads what {@link encodeTableFile} wrote. Total: anything else, be it cut off, altered or from elsewhere, gives undefined, and the
 * answers of a table that was altered unnoticed are wrong, but are answers.
 *
 * @param file all of the file, aligned to a word; the table keeps it
 */
export function decodeTableFile(
  file: Uint8Array,
): { readonly text: string; readonly table: PathTable } | undefined {
  if (file.byteOffset % 4 !== 0 || file.length % 4 !== 0 || file.length < HEADER * 4) return undefined;
  const words = new Uint32Array(file.buffer, file.byteOffset, file.length / 4);
  if (words[0] !== MARK[0] || words[1] !== MARK[1] || words[2] !== VERSION) return undefined;
  const sections: Uint8Array[] = [];
  const summed = [words.subarray(LENGTHS, HEADER)];
  let at = HEADER * 4;
  for (let section = LENGTHS; section < HEADER; section++) {
    const length = words[section] as number;
    if (length > file.length - at) return undefined;
    sections.push(file.subarray(at, at + length));
    const next = at + 4 * Math.ceil(length / 4);
    if (next > file.length) return undefined;
    summed.push(words.subarray(at / 4, next / 4));
    at = next;
  }
  if (at !== file.length || words[3] !== sumWords(summed)) return undefined;
  const [text, ...arrays] = sections;
  const table = Object.fromEntries(
    SECTIONS.map((name, index) => {
      const bytes = arrays[index] as Uint8Array;
      const isBytes = name === 'names' || name === 'folderPaths';
      return [name, isBytes ? bytes : new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2)];
    }),
  ) as unknown as PathTable;
  return isSound(table) ? { text: Buffer.from(text as Uint8Array).toString('utf8'), table } : undefined;
}

/**
 * A sum in which the place of a word counts, of one word in four: what a disk or a crash spoils, it spoils in blocks, and reading
 * forty megabytes word by word takes longer than reading them from the disk.
 */
function sumWords(parts: readonly Uint32Array[]): number {
  let [even, odd] = [1, 2];
  for (const words of parts) {
    const { length } = words;
    for (let at = 0; at < length; at += 8) {
      even = (Math.imul(even, 31) + (words[at] as number)) | 0;
      odd = (Math.imul(odd, 31) + (words[Math.min(at + 4, length - 1)] as number)) | 0;
    }
  }
  return (Math.imul(even, 7) ^ odd) >>> 0;
}

/** What everything else relies on; a wrong number in the other arrays makes a look-up find nothing. */
function isSound(table: PathTable): boolean {
  const isPowerOfTwo = (slots: Uint32Array) => slots.length > 0 && (slots.length & (slots.length - 1)) === 0;
  return (
    table.packageEnds.length === table.listedEnds.length &&
    table.places.length === table.nameEnds.length &&
    endAt(table.packageEnds, table.places.length) &&
    endAt(table.listedEnds, table.listed.length) &&
    isPowerOfTwo(table.slots) &&
    isPowerOfTwo(table.folderSlots)
  );
}

/** Whether numbers never fall and the last is `last`. */
function endAt(ends: Uint32Array, last: number): boolean {
  let before = 0;
  for (const end of ends) {
    if (end < before) return false;
    before = end;
  }
  return before === last;
}
