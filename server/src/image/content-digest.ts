import { createHash, type Hash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { readArchiveMembers, readZipEntries } from './archive.ts';
import { withoutBuildNoise } from './build-noise.ts';
import { type ElfFile, openElf, type ReadBytes, SHF_ALLOC, SHT_NOBITS } from './elf/elf-file.ts';
import type { ReadingBudget } from './reading-budget.ts';

/** A file of an image. */
export interface Content {
  /** Its name, which shows the format of some files. */
  readonly name: string;
  readonly size: number;
  readonly read: ReadBytes;
}

/** Limit in bytes up to which a file is normalised; a larger one is compared byte for byte. */
const MOST_UNDERSTOOD = 64 * 2 ** 20;
/** In bytes: the text is normalised in pieces, so that its copies are small and the budget is asked often. */
const AT_ONCE = 2 ** 20;
/** The distance from the end of a piece within which it is cut between two lines or words, so that no date is cut. */
const CUT_BYTES = 4096;
/** Limit in levels of nesting: a compressed archive in an archive is unpacked, and anything deeper is compared as it is. */
const DEEPEST = 3;

/**
 * Makes a digest of a file without what differs in every build: times and owners in archives, build identifiers, debugging information and
 * section layout of ELF files, the header of Python bytecode, dates and temporary names in texts and in data of programs.
 *
 * Bounded in memory, and by the budget in time.
 *
 * @throws BudgetSpent, and the errors of `read`
 */
export function digestContent(content: Content, budget: ReadingBudget): string {
  const hash = createHash('sha256');
  addContent(hash, content, 0, budget);
  return hash.digest('base64url');
}

/**
 * Makes a digest of a file byte for byte.
 *
 * @throws BudgetSpent, and the errors of `read`
 */
export function digestBytes(size: number, read: ReadBytes, budget: ReadingBudget): string {
  const hash = createHash('sha256');
  addRange(hash, read, 0, size, budget);
  return hash.digest('base64url');
}

function addContent(hash: Hash, content: Content, depth: number, budget: ReadingBudget): void {
  const { size, name, read } = content;
  budget.takePart();
  budget.takeBytes(size);
  const elf = openElf(read);
  if (elf !== undefined && elf.sections.length > 0) addElf(hash, elf, size, budget);
  else if (size > MOST_UNDERSTOOD || depth > DEEPEST) addPlain(hash, content, budget);
  else addUnderstood(hash, Buffer.from(read(0, size)), name, depth, budget);
}

function addUnderstood(hash: Hash, bytes: Buffer, name: string, depth: number, budget: ReadingBudget): void {
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
    for (const entry of zip) {
      budget.takePart();
      hash.update(`${entry.name}\0${entry.size}\0${entry.checksum}\n`);
    }
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
    addText(hash, bytes, budget);
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

function addPlain(hash: Hash, { size, read }: Content, budget: ReadingBudget): void {
  hash.update(`${size}\0`);
  addRange(hash, read, 0, size, budget);
}

/** Adds a text, or the data of a program, without what differs in every build. */
function addText(hash: Hash, bytes: Buffer, budget: ReadingBudget): void {
  for (let start = 0; start < bytes.length; ) {
    budget.takeBytes(0);
    const end = findCut(bytes, start + AT_ONCE);
    hash.update(withoutBuildNoise(bytes.toString('latin1', start, end)), 'latin1');
    start = end;
  }
}

/** The place after the last separator before a place: the end of a line or a string if there is one, otherwise of a word. */
function findCut(bytes: Buffer, wanted: number): number {
  if (wanted >= bytes.length) return bytes.length;
  const last = bytes.subarray(wanted - CUT_BYTES, wanted);
  const separator = [0x0a, 0x00, 0x20].map((byte) => last.lastIndexOf(byte)).find((at) => at >= 0);
  return separator === undefined ? wanted : wanted - CUT_BYTES + separator + 1;
}

function addRange(hash: Hash, read: ReadBytes, start: number, end: number, budget: ReadingBudget): void {
  for (let at = start; at < end; at += AT_ONCE) {
    budget.takeBytes(0);
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
function addElf(hash: Hash, elf: ElfFile, fileSize: number, budget: ReadingBudget): void {
  // Sections only overlap in a file that is made to waste time.
  let room = fileSize;
  for (const section of elf.sections) {
    budget.takePart();
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
    if (isData && size <= MOST_UNDERSTOOD)
      addText(hash, Buffer.from(elf.piece(section.offset, size)), budget);
    else addRange(hash, elf.piece, section.offset, section.offset + size, budget);
  }
}
