/** Reads the parts of archives that are the same in every build: names and contents, without times and owners. */

export interface ArchiveMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const AR_MAGIC = '!<arch>\n';
const AR_HEADER_BYTES = 60;

/** The index of symbols, which has only what follows from the members, and their positions. */
const INDEX = /^(?:\/|\/SYM64\/|__\.SYMDEF.*)$/;

/**
 * Reads an archive of object files (ar(5)) without its index. The damaged part of an archive is its last member.
 *
 * @returns undefined if it is not an archive
 */
export function readArchiveMembers(bytes: Buffer): ArchiveMember[] | undefined {
  if (bytes.toString('latin1', 0, AR_MAGIC.length) !== AR_MAGIC) return undefined;
  const members: ArchiveMember[] = [];
  let at = AR_MAGIC.length;
  while (at + AR_HEADER_BYTES <= bytes.length) {
    const size = Number(bytes.toString('latin1', at + 48, at + 58).trim());
    const start = at + AR_HEADER_BYTES;
    if (!Number.isSafeInteger(size) || size < 0 || bytes.toString('latin1', at + 58, start) !== '`\n') break;
    const name = bytes.toString('latin1', at, at + 16).trimEnd();
    if (!INDEX.test(name)) members.push({ name, bytes: bytes.subarray(start, start + size) });
    // Members begin at even offsets.
    at = start + size + (size % 2);
  }
  if (at < bytes.length) members.push({ name: '', bytes: bytes.subarray(at) });
  return members;
}

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** CRC-32 of the content. */
  readonly checksum: number;
}

const ZIP_MAGIC = 0x04034b50;
const ZIP_END = 0x06054b50;
const ZIP_ENTRY = 0x02014b50;
const ZIP_END_BYTES = 22;
const LONGEST_ZIP_COMMENT = 65_535;

/**
 * Reads the central directory of a zip file, such as a `.jar` or a wheel (PKWARE APPNOTE 4.3.12). It has checksums of the unpacked
 * contents, so nothing has to be unpacked.
 *
 * @returns undefined if it is not a zip file, or is damaged
 */
export function readZipEntries(bytes: Buffer): ZipEntry[] | undefined {
  if (bytes.length < ZIP_END_BYTES || bytes.readUInt32LE(0) !== ZIP_MAGIC) return undefined;
  const end = findEnd(bytes);
  if (end < 0) return undefined;
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ZIP_ENTRY) return undefined;
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.push({
      name: bytes.toString('latin1', at + 46, at + 46 + nameLength),
      size: bytes.readUInt32LE(at + 24),
      checksum: bytes.readUInt32LE(at + 16),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function findEnd(bytes: Buffer): number {
  const last = bytes.length - ZIP_END_BYTES;
  for (let at = last; at >= 0 && at >= last - LONGEST_ZIP_COMMENT; at--)
    if (bytes.readUInt32LE(at) === ZIP_END) return at;
  return -1;
}
