import { open, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TrialRecord } from '../audit/record.ts';
import { encloses } from '../files/regular-file.ts';
import { chooseRoot, makeHome } from '../host/find-world.ts';
import type { Evidence } from '../trace/evidence.ts';

/** A place in a file of this machine that shows what an access was about. */
export interface EvidencePlace {
  readonly file: string;
  /** From 0. */
  readonly line: number;
  /** In UTF-16 units, from 0. */
  readonly column: number;
  readonly length: number;
}

/** The places of accesses by the path that was accessed. */
export type EvidencePlaces = ReadonlyMap<string, EvidencePlace>;

/** A longer log, in bytes, is not searched. */
const LONGEST_LOG = 16 * 2 ** 20;
/** Of a line, in UTF-16 units, so much is tested for a complaint. */
const LONGEST_TESTED = 1000;
/** A record has no more evidence than a person reads. */
const MOST_PATHS = 200;

/**
 * Finds where a reader sees the evidence of a trial: the line of the build log that says that a hidden file was not found, or the file in the root
 * if it is a text. Other accesses have no place. Never rejects.
 *
 * @param root the root of the settings with which the trial was run
 */
export async function findEvidencePlaces(record: TrialRecord, root: string): Promise<EvidencePlaces> {
  const places = new Map<string, EvidencePlace>();
  const evidence = distinctPaths(listEvidence(record)).slice(0, MOST_PATHS);
  const complaints = listComplaints(await readLog(record.log));
  const real = await realpath(findRoot(root)).catch(() => undefined);
  for (const access of evidence) {
    const place =
      (access.result === 'denied' ? findComplaint(complaints, record.log, access.path) : undefined) ??
      (real === undefined ? undefined : await findText(real, access.path));
    if (place !== undefined) places.set(access.path, place);
  }
  return places;
}

function findRoot(chosen: string): string {
  try {
    return chooseRoot(chosen, makeHome(process.geteuid?.() ?? 0));
  } catch {
    // It was removed since.
    return '';
  }
}

function listEvidence({ needs, probes, incidents, uses, named, variants }: TrialRecord): readonly Evidence[] {
  return [
    ...[...needs, ...probes, ...named].flatMap(({ evidence }) => evidence),
    ...incidents.map(({ evidence }) => evidence),
    ...uses
      .filter(({ licence }) => licence !== 'declared')
      .flatMap(({ kinds }) => kinds.flatMap(({ evidence }) => evidence)),
    ...variants.flatMap(listEvidence),
  ];
}

/** One access of each path; one that was denied, if there is one. */
function distinctPaths(evidence: readonly Evidence[]): readonly Evidence[] {
  const byPath = new Map<string, Evidence>();
  for (const access of evidence)
    if (access.result === 'denied' || !byPath.has(access.path)) byPath.set(access.path, access);
  return [...byPath.values()];
}

/** @returns an empty text if there is none to search */
async function readLog(path: string): Promise<string> {
  if (path === '') return '';
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      return size <= LONGEST_LOG ? await file.readFile('utf8') : '';
    } finally {
      await file.close();
    }
  } catch {
    // It was pruned.
    return '';
  }
}

/** How compilers, linkers, shells, configure, CMake, meson and pkg-config say that something is not there. */
const COMPLAINT =
  /error|not found|no such|cannot find|could not find|unable to find|missing|no package|does not exist|\bno\b|\bNO\b/i;

/** A line of the log that says that something is not there. */
interface Complaint {
  /** From 0. */
  readonly line: number;
  readonly text: string;
}

/** The lines that complain, the last one first: earlier ones may be of checks that the build can do without. */
function listComplaints(log: string): readonly Complaint[] {
  const complaints: Complaint[] = [];
  for (const [line, text] of log.split('\n').entries())
    if (COMPLAINT.test(text.slice(0, LONGEST_TESTED))) complaints.push({ line, text });
  return complaints.reverse();
}

/** The last complaint about a file. */
function findComplaint(
  complaints: readonly Complaint[],
  file: string,
  path: string,
): EvidencePlace | undefined {
  for (const name of namesInLog(path))
    for (const { line, text } of complaints) {
      const column = lastWord(text, name);
      if (column !== undefined) return { file, line, column, length: name.length };
    }
  return undefined;
}

/** Where a name stands last in a line, and not inside another name. */
function lastWord(text: string, name: string): number | undefined {
  for (let at = text.lastIndexOf(name); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(name, at - 1))
    if (!isPartOfWord(text, at, name.length)) return at;
  return undefined;
}

/** The names by which messages call a file: `png.h`, `libpng` for libpng.pc, `-lpng` for libpng.so. */
function namesInLog(path: string): readonly string[] {
  const base = basename(path);
  const module = /^(.+)\.pc$/.exec(base)?.[1];
  const library = /^lib(.+?)\.(?:so|a)\b/.exec(base)?.[1];
  const cmake = /^(.+?)(?:-config|Config)\.cmake$/.exec(base)?.[1];
  return [
    base,
    ...(library === undefined ? [] : [`-l${library}`]),
    ...[module, cmake].flatMap((name) => name ?? []),
  ];
}

const WORD = /[\w.+-]/;

function isPartOfWord(text: string, at: number, length: number): boolean {
  return WORD.test(text[at - 1] ?? '') || /[\w+-]/.test(text[at + length] ?? '');
}

/** Files that an editor can show. */
const TEXT = /\/include\/|\.(?:h|hpp|pc|cmake|m4|gir|vapi|py|pm|rb|pl|xml|la|sh|txt|conf|in)$/;

async function findText(root: string, path: string): Promise<EvidencePlace | undefined> {
  if (!path.startsWith('/') || !TEXT.test(path)) return undefined;
  try {
    const file = await realpath(join(root, path));
    if (!encloses([root], file) || !(await stat(file)).isFile()) return undefined;
    return { file: join(root, path), line: 0, column: 0, length: 0 };
  } catch {
    return undefined;
  }
}
