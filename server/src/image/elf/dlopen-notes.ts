import type { ElfFile } from './elf-file.ts';

/** A library that an ELF file says it loads with dlopen(3). */
export interface DlopenNote {
  /** The library, first the one that is preferred: any of them is enough. */
  readonly sonames: readonly string[];
  /** What the file says about the lack of it: `required` if it then fails. The specification's default is `recommended`. */
  readonly priority: 'required' | 'recommended' | 'suggested';
  /** The name of the feature and its description; either may be empty. */
  readonly feature: string;
  readonly description: string;
}

const SHT_NOTE = 7;
const NOTE_TYPE = 0x407c0c0a;
const OWNER = 'FDO\0';

/** Limits in bytes of a note section, and in entries and sonames, more than any file has. */
const MOST_BYTES = 2 ** 20;
const MOST_ENTRIES = 512;
const MOST_SONAMES = 16;

/**
 * Reads the notes of the ELF Dlopen Metadata specification (https://uapi-group.org/specifications/specs/elf_dlopen_metadata/): a JSON list of
 * features. Damaged notes are left out. Total and bounded, as `openElf` is.
 */
export function readDlopenNotes({ sections, piece, numbers }: ElfFile): DlopenNote[] {
  const notes: DlopenNote[] = [];
  for (const { type, offset, size } of sections) {
    if (type !== SHT_NOTE) continue;
    const bytes = piece(offset, Math.min(size, MOST_BYTES));
    const { u32 } = numbers(bytes);
    let at = 0;
    while (at + 12 <= bytes.length && notes.length < MOST_ENTRIES) {
      const [nameSize, textSize] = [u32(at), u32(at + 4)];
      const textAt = at + 12 + align(nameSize);
      const owner = Buffer.from(bytes.subarray(at + 12, at + 12 + nameSize)).toString('latin1');
      if (u32(at + 8) === NOTE_TYPE && owner === OWNER) {
        const text = Buffer.from(bytes.subarray(textAt, textAt + textSize)).toString('utf8');
        notes.push(...readEntries(text.replace(/\0+$/, '')));
      }
      at = textAt + align(textSize);
    }
  }
  return notes.slice(0, MOST_ENTRIES);
}

/** Notes are aligned to four bytes. */
const align = (size: number) => size + ((4 - (size % 4)) % 4);

function readEntries(text: string): DlopenNote[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return [];
  }
  return (Array.isArray(parsed) ? parsed : []).flatMap((entry: unknown): DlopenNote[] => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { soname, priority, feature, description } = entry as Record<string, unknown>;
    const sonames = (Array.isArray(soname) ? soname : [soname])
      .filter((name): name is string => typeof name === 'string' && /^[\w+.-]+$/.test(name))
      .slice(0, MOST_SONAMES);
    if (sonames.length === 0) return [];
    return [
      {
        sonames,
        priority: priority === 'required' || priority === 'suggested' ? priority : 'recommended',
        feature: wordsOf(feature),
        description: wordsOf(description),
      },
    ];
  });
}

/** Text that fits into a sentence. */
function wordsOf(value: unknown): string {
  return typeof value === 'string'
    ? value
        .replace(/[^\x20-\x7e]+/g, ' ')
        .trim()
        .slice(0, 120)
    : '';
}
