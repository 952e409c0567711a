import { createHash, type Hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { readArchiveMembers, readZipEntries } from './archive.ts';
import { withoutBuildNoise } from './build-noise.ts';
import { type ElfFile, openElf, type ReadBytes, SHF_ALLOC, SHT_NOBITS } from './elf/elf-file.ts';

/** A file of an image. */
export interface Content {
  /** Its name, which shows the format of some files. */
  readonly name: string;
  readonly size: number;
  readonly read: ReadBytes;
}

/** The bytes that may still be read and unpacked. If none are left, files are compared by their sizes. */
export interface Budget {
  left: number;
}

/** Limit in bytes up to which a file is normalised; a larger one is compared byte for byte. */
const MOST_UNDERSTOOD = 64 * 2 ** 20;
/** Limit in bytes, larger than any installed file. Of a larger one, which may be a hole, only the ends and the size are compared. */
const MOST_READ = 2 * 2 ** 30;
const AT_ONCE = 2 ** 20;
/** Limit in levels of nesting: a compressed archive in an archive is unpacked, and anything deeper is compared as it is. */
const DEEPEST = 3;

/**
 * Makes a digest of a file without what differs in every build: times and owners in archives, build identifiers, debugging information and
 * section layout of ELF files, the header of Python bytecode, dates and temporary names in texts and in data of programs.
 *
 * Bounded in time and memory, and total except for errors of `read`.
 */
export function digestContent(content: Content, budget: Budget): string {
  const hash = createHash('sha256');
  addContent(hash, content, 0, budget);
  return hash.digest('base64url');
}

function addContent(hash: Hash, content: Content, depth: number, budget: Budget): void {
  const { size, name, read } = content;
  budget.left -= Math.min(size, MOST_READ);
  if (budget.left < 0) {
    hash.update(`${size}`);
    return;
  }
  const elf = openElf(read);
  if (elf !== undefined && elf.sections.length > 0) addElf(hash, elf, size);
  else if (size > MOST_UNDERSTOOD || depth > DEEPEST) addPlain(hash, content);
  else addUnderstood(hash, Buffer.from(read(0, size)), name, depth, budget);
}

function addUnderstood(hash: Hash, bytes: Buffer, name: string, depth: number, budget: Budget): void {
  const inner = (part: Uint8Array, partName: string) =>
    addContent(
      hash,
      {
        name: partName,
        size: part.length,
        read: (offset, length) => part.subarray(offset, offset + length),
      },
      depth + 1,
      budget,
    );
  const archive = readArchiveMembers(bytes);
  if (archive !== undefined) {
    for (const member of archive) {
      hash.update(`\0${member.name}\0`);
      inner(member.bytes, member.name);
    }
    return;
  }
  const zip = readZipEntries(bytes);
  if (zip !== undefined) {
    for (const entry of zip) hash.update(`${entry.name}\0${entry.size}\0${entry.checksum}\n`);
    return;
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const unpacked = unpack(bytes);
    if (unpacked !== undefined) {
      inner(unpacked, name.replace(/\.gz$/, ''));
      return;
    }
  }
  if (name.endsWith('.pyc')) {
    hash.update(withoutPycTimes(bytes));
  } else if (/\.dist-info\/RECORD$/.test(name)) {
    hash.update(withoutDigests(bytes));
  } else if (isText(bytes)) {
    hash.update(withoutBuildNoise(bytes.toString('latin1')), 'latin1');
  } else {
    hash.update(bytes);
  }
}

/** Unpacks RFC 1952. @returns undefined if it is damaged or too large */
function unpack(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_UNDERSTOOD });
  } catch {
    return undefined;
  }
}

/** Removes bytes 8 to 15, which have the time and size of the source or its digest (PEP 552). */
function withoutPycTimes(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 8), bytes.subarray(16)]);
}

/** Removes the digests and sizes of a Python package's files (PyPA, "Recording installed projects"): the files themselves are compared. */
function withoutDigests(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .split('\n')
    .map((line) => line.replace(/,[^,]*,[^,]*$/, ''))
    .sort()
    .join('\n');
}

function isText(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8192).indexOf(0) < 0;
}

function addPlain(hash: Hash, { size, read }: Content): void {
  hash.update(`${size}\0`);
  const whole = size <= MOST_READ;
  addRange(hash, read, 0, whole ? size : MOST_UNDERSTOOD);
  if (!whole) addRange(hash, read, size - MOST_UNDERSTOOD, size);
}

function addRange(hash: Hash, read: ReadBytes, start: number, end: number): void {
  for (let at = start; at < end; at += AT_ONCE) {
    const bytes = read(at, Math.min(AT_ONCE, end - at));
    if (bytes.length === 0) break;
    hash.update(bytes);
  }
}

const ET_REL = 1;
const SHT_PROGBITS = 1;
const SHT_SYMTAB = 2;
const SHT_STRTAB = 3;
const SHT_RELA = 4;
const SHT_REL = 9;
const SHF_EXECINSTR = 4;
/** Sections that are only a digest of the rest, or the name of a file with debugging information. */
const IDENTIFIER = /^\.note\.(?:gnu\.build-id|go\.buildid|package)$/;
const DEBUGGING = /^\.(?:rela?\.)?z?debug_|^\.rela?\.stab|^\.stab/;
/** GCC puts a random number into the names of sections for link-time optimisation. */
const RANDOM_NAME = /(\.gnu\.(?:lto|debuglto)_.*)\.[0-9a-f]{8,}$/;

/** Adds the loaded sections of a program or library, and of an object file also its symbols and relocations. */
function addElf(hash: Hash, elf: ElfFile, fileSize: number): void {
  // Sections only overlap in a file that is made to waste time.
  let room = Math.min(MOST_READ, fileSize);
  for (const section of elf.sections) {
    const loaded = (section.flags & SHF_ALLOC) !== 0;
    const joined = elf.type === ET_REL && [SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_REL].includes(section.type);
    if (!(loaded || joined) || IDENTIFIER.test(section.name) || DEBUGGING.test(section.name)) continue;
    hash.update(`\0${section.name.replace(RANDOM_NAME, '$1')}\0${section.flags}\0`);
    if (section.type === SHT_NOBITS || room <= 0) {
      hash.update(`${section.size}`);
      continue;
    }
    const size = Math.min(section.size, room);
    room -= size;
    const isData = section.type === SHT_PROGBITS && (section.flags & SHF_EXECINSTR) === 0;
    if (isData && size <= MOST_UNDERSTOOD) {
      const bytes = Buffer.from(elf.piece(section.offset, size));
      hash.update(withoutBuildNoise(bytes.toString('latin1')), 'latin1');
    } else addRange(hash, elf.piece, section.offset, section.offset + size);
  }
}
