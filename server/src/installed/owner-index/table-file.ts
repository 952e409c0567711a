import { createCipheriv } from 'node:crypto';
import type { PathTable } from './path-table.ts';

/**
 * The form of a {@link PathTable} on disk, with a text that says what it is a table of:
 * 32-bit words in the byte order of the machine that wrote it. The header is the two words of the mark, the version of the form, four words
 * of checksum of the table's arrays, four of the lengths and the text, and the length in bytes of each section. Then come the sections,
 * the text and the arrays, each filled up with zeros to whole words.
 */
const arraysOf = (table: PathTable) => [
  table.folders.ends,
  table.folders.slots,
  table.names.ends,
  table.names.slots,
  table.folderEnds,
  table.fileNames,
  table.fileOwners,
  table.packageEnds,
  table.packageFolders,
  table.folders.bytes,
  table.names.bytes,
];
const SECTIONS = 12;

/** 'EbuildAu' where the first byte is the lowest; another byte order is another mark, so such a file counts as foreign. */
const MARK = [0x69756245, 0x7541646c] as const;
/** To be raised with every change of the form or of what goes into the text. */
const VERSION = 2;
const TABLE_SUM = 3;
const TEXT_SUM = 7;
const LENGTHS = 11;
const HEADER = LENGTHS + SECTIONS;
/** In bytes. */
export const HEADER_LENGTH = HEADER * 4;

/** The parts of the file in order; together they are all of it. */
export function encodeTableFile(text: string, table: PathTable): Uint8Array[] {
  const sections = [Buffer.from(text, 'utf8'), ...arraysOf(table)];
  const header = new Uint32Array(HEADER);
  header.set([...MARK, VERSION]);
  for (const [number, { byteLength }] of sections.entries()) header[LENGTHS + number] = byteLength;
  const [padded = NOTHING, ...arrays] = sections.map(padToWords).map(asBytes);
  header.set(checksum(arrays), TABLE_SUM);
  header.set(checksum([asBytes(header.subarray(LENGTHS)), padded]), TEXT_SUM);
  return [asBytes(header), padded, ...arrays].filter(({ length }) => length > 0);
}

const NOTHING = new Uint8Array();

const asBytes = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

function padToWords(section: Uint8Array | Uint32Array): Uint8Array | Uint32Array {
  if (section.byteLength % 4 === 0) return section;
  const padded = new Uint8Array(section.byteLength + 4 - (section.byteLength % 4));
  padded.set(section);
  return padded;
}

/**
 * Reads what {@link encodeTableFile} wrote. Total: anything else, be it cut off, altered or from elsewhere, gives undefined.
 *
 * @param file all of the file, aligned to a word; the table keeps it
 */
export function decodeTableFile(
  file: Uint8Array,
): { readonly text: string; readonly table: PathTable } | undefined {
  const text = decodeText(file);
  if (text === undefined) return undefined;
  const header = headerOf(file);
  let at = textEndOf(header);
  if (!isSum(checksum([file.subarray(at)]), header, TABLE_SUM)) return undefined;
  const takeBytes = (section: number): Uint8Array => {
    const start = at;
    const length = header[LENGTHS + section] as number;
    at += paddedLength(length);
    return file.subarray(start, start + length);
  };
  const takeWords = (section: number): Uint32Array => {
    const { buffer, byteOffset, length } = takeBytes(section);
    return new Uint32Array(buffer, byteOffset, length / 4);
  };
  const arrays = Array.from({ length: 9 }, (_, number) => takeWords(number + 1)) as NineArrays;
  const [folderNameEnds, folderSlots, nameEnds, nameSlots, folderEnds, fileNames, fileOwners] = arrays;
  return {
    text,
    table: {
      folders: { ends: folderNameEnds, slots: folderSlots, bytes: takeBytes(10) },
      names: { ends: nameEnds, slots: nameSlots, bytes: takeBytes(11) },
      folderEnds,
      fileNames,
      fileOwners,
      packageEnds: arrays[7],
      packageFolders: arrays[8],
    },
  };
}

/** As {@link decodeTableFile}, but only the text; `file` needs to go no further than {@link textEnd}. */
export function decodeText(file: Uint8Array): string | undefined {
  if (file.byteOffset % 4 !== 0 || file.length < HEADER_LENGTH) return undefined;
  const header = headerOf(file);
  if (header[0] !== MARK[0] || header[1] !== MARK[1] || header[2] !== VERSION) return undefined;
  const end = textEndOf(header);
  if (end > file.length || !isSum(checksum([file.subarray(LENGTHS * 4, end)]), header, TEXT_SUM))
    return undefined;
  return Buffer.from(file.buffer, file.byteOffset + HEADER_LENGTH, header[LENGTHS]).toString('utf8');
}

/** Where the text ends in a file that begins with these {@link HEADER_LENGTH} bytes. */
export const textEnd = (header: Uint8Array): number => textEndOf(headerOf(header));

const headerOf = ({ buffer, byteOffset }: Uint8Array) => new Uint32Array(buffer, byteOffset, HEADER);
const textEndOf = (header: Uint32Array) => HEADER_LENGTH + paddedLength(header[LENGTHS] as number);
const paddedLength = (length: number) => 4 * Math.ceil(length / 4);
const isSum = (sum: Uint32Array, header: Uint32Array, at: number) =>
  sum.every((word, number) => word === header[at + number]);

type Words = Uint32Array;
type NineArrays = [Words, Words, Words, Words, Words, Words, Words, Words, Words];

/**
 * Sixteen bytes that differ when one bit does. Of what every Node has, the authentication of AES-GCM is the quickest by far: processors
 * have instructions for it. The key is no secret, because nobody is to be kept out: who can write here can do worse.
 */
function checksum(parts: readonly Uint8Array[]): Uint32Array {
  const cipher = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12));
  for (const part of parts) cipher.setAAD(part);
  cipher.final();
  // A copy, because a small Buffer shares its memory with others.
  return new Uint32Array(new Uint8Array(cipher.getAuthTag()).buffer);
}
