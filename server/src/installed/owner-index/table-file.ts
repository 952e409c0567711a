import { createCipheriv } from 'node:crypto';
import type { PathTable } from './path-table.ts';

/**
 * The format of a {@link PathTable} in a file, together with a text that describes its packages. It has 32-bit words in the
 * byte order of the machine. The header has two words of mark, the version, two checksums of four words (arrays; lengths and
 * text), and the length in bytes of each section. The sections follow: the text and the arrays, each padded with zeros.
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

/** 'EbuildAu' in little-endian order. A file with the other byte order has another mark, and is rejected. */
const MARK = [0x69756245, 0x7541646c] as const;
/** To be raised with each change of the format or of the content of the text. */
const VERSION = 3;
const TABLE_SUM = 3;
const TEXT_SUM = 7;
const LENGTHS = 11;
const HEADER = LENGTHS + SECTIONS;
/** In bytes. */
export const HEADER_LENGTH = HEADER * 4;

/** The parts of the file in order. */
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
 * Reads a file that {@link encodeTableFile} made. Total: a truncated, changed or foreign file gives undefined.
 *
 * @param file the whole file, aligned to a word; the table keeps it
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

/** Like {@link decodeTableFile}, but only the text. `file` may be truncated at {@link textEnd}. */
export function decodeText(file: Uint8Array): string | undefined {
  if (file.byteOffset % 4 !== 0 || file.length < HEADER_LENGTH) return undefined;
  const header = headerOf(file);
  if (header[0] !== MARK[0] || header[1] !== MARK[1] || header[2] !== VERSION) return undefined;
  const end = textEndOf(header);
  if (end > file.length || !isSum(checksum([file.subarray(LENGTHS * 4, end)]), header, TEXT_SUM))
    return undefined;
  return Buffer.from(file.buffer, file.byteOffset + HEADER_LENGTH, header[LENGTHS]).toString('utf8');
}

/** The end of the text in a file that begins with these {@link HEADER_LENGTH} bytes. */
export const textEnd = (header: Uint8Array): number => textEndOf(headerOf(header));

const headerOf = ({ buffer, byteOffset }: Uint8Array) => new Uint32Array(buffer, byteOffset, HEADER);
const textEndOf = (header: Uint32Array) => HEADER_LENGTH + paddedLength(header[LENGTHS] as number);
const paddedLength = (length: number) => 4 * Math.ceil(length / 4);
const isSum = (sum: Uint32Array, header: Uint32Array, at: number) =>
  sum.every((word, number) => word === header[at + number]);

type Words = Uint32Array;
type NineArrays = [Words, Words, Words, Words, Words, Words, Words, Words, Words];

/**
 * A checksum of sixteen bytes. Of the functions in every Node, the authentication of AES-GCM is the fastest by far, because
 * processors have instructions for it. The key is not secret: the checksum protects from damage, not from attackers, who
 * could do worse with write access.
 */
function checksum(parts: readonly Uint8Array[]): Uint32Array {
  const cipher = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12));
  for (const part of parts) cipher.setAAD(part);
  cipher.final();
  // A copy, because a small Buffer shares its memory with others.
  return new Uint32Array(new Uint8Array(cipher.getAuthTag()).buffer);
}
