import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privatePackageManager, stateFolder } from '../server/src/package-manager/home.ts';
import { parseAtom } from '../server/src/pms/atom.ts';
import { compareVersions, parseVersion, type Version } from '../server/src/pms/version.ts';
import { type Benchmark, median, type Row } from './table.ts';

const ROUNDS = 7;
/** The number of passes through each list in a round. */
const PASSES = 20;
/** The target of the issue, per second. */
const WANTED = 500_000;

/** Shapes of atoms, each with its share in real overlays in percent. */
const SHAPES: readonly (readonly [percent: number, write: (name: string, version: string) => string])[] = [
  [36, (name) => name],
  [26, (name, version) => `>=${name}-${version}`],
  [10, (name) => `${name}:=`],
  [8, (name) => `${name}[ssl,-static(-)]`],
  [6, (name, version) => `>=${name}-${version}:=[abi_x86_32(-)?]`],
  [5, (name) => `${name}:0`],
  [4, (name, version) => `=${name}-${version}*`],
  [3, (name, version) => `~${name}-${version.replace(/-r\d+$/, '')}:2/1`],
  [2, (name, version) => `!!<${name}-${version}`],
];
const NAMES = [
  'dev-libs/openssl',
  'x11-libs/gtk+',
  'dev-python/pydata-sphinx-theme',
  'sys-libs/zlib',
  'dev-qt/qtbase',
];

/** Compares versions and reads atoms, compared with Portage's `vercmp` and `Atom` on the same lists. */
export const versions: Benchmark = {
  name: 'versions',
  async run() {
    const versionTexts = makeVersions(2000);
    const atoms = makeAtoms(versionTexts);
    const parsed = versionTexts.flatMap((text) => parseVersion(text) ?? []);
    const ours: Record<Measured, number[]> = { text: [], parsed: [], atoms: [] };
    const portage = startPortage(versionTexts, atoms);
    const theirs: Record<Measured, number[]> = { text: [], parsed: [], atoms: [] };
    try {
      for (let round = 0; round < ROUNDS; round++) {
        ours.text.push(rateOf(versionTexts.length - 1, () => compareTexts(versionTexts)));
        ours.parsed.push(rateOf(parsed.length - 1, () => compareNeighbours(parsed)));
        ours.atoms.push(rateOf(atoms.length, () => atoms.forEach((atom) => void parseAtom(atom))));
        const [vercmp, atom] = portage?.measure() ?? [];
        if (vercmp !== undefined) for (const list of [theirs.text, theirs.parsed]) list.push(vercmp);
        if (atom !== undefined) theirs.atoms.push(atom);
      }
    } finally {
      portage?.end();
    }
    return [
      row('versions compared as text, parsing included', ours.text, theirs.text, "Portage's vercmp"),
      row('parsed versions compared', ours.parsed, theirs.parsed, "Portage's vercmp"),
      row('atoms read', ours.atoms, theirs.atoms, "Portage's Atom"),
    ];
  },
};

type Measured = 'text' | 'parsed' | 'atoms';

function row(what: string, ours: readonly number[], theirs: readonly number[], rival: string): Row {
  const rate = median(ours);
  const target = { text: `${WANTED.toLocaleString('en')}/s`, met: rate >= WANTED };
  const figure = `${Math.round(rate).toLocaleString('en')}/s`;
  if (theirs.length === 0) return { what: `${what} (no private Portage to compare with)`, figure, target };
  return { what, figure, target, compared: { with: rival, ratio: rate / median(theirs) } };
}

/** The rate per second; `once` does `count` of them. */
function rateOf(count: number, once: () => void): number {
  const began = performance.now();
  for (let pass = 0; pass < PASSES; pass++) once();
  return (count * PASSES * 1000) / (performance.now() - began);
}

function compareTexts(texts: readonly string[]): void {
  for (let index = 1; index < texts.length; index++) {
    const [left, right] = [parseVersion(texts[index - 1] ?? ''), parseVersion(texts[index] ?? '')];
    if (left !== undefined && right !== undefined) compareVersions(left, right);
  }
}

function compareNeighbours(list: readonly Version[]): void {
  for (let index = 1; index < list.length; index++) {
    const [left, right] = [list[index - 1], list[index]];
    if (left !== undefined && right !== undefined) compareVersions(left, right);
  }
}

/** Versions of the kinds that repositories have; neighbours are often equal up to the last component. */
function makeVersions(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const [major, minor, patch] = [index % 5, index % 23, index % 101];
    const endings = ['', '', '', '-r1', '-r2', '_p20240101', '_rc1', '_beta2', 'a', '_pre3-r1'];
    const ending = endings[index % endings.length] ?? '';
    return index % 7 === 0 ? `${major}.${minor}${ending}` : `${major}.${minor}.${patch}${ending}`;
  });
}

function makeAtoms(versionTexts: readonly string[]): string[] {
  const shapes = SHAPES.flatMap(([percent, write]) => Array<typeof write>(percent).fill(write));
  return versionTexts.map((version, index) => {
    // 37 and the hundred shapes have no common divisor, so each shape has its right share.
    const write = shapes[(index * 37) % shapes.length];
    const name = NAMES[index % NAMES.length] ?? '';
    return write?.(`${name}${index}`, version) ?? name;
  });
}

/**
 * Measures inside Python, so that its start does not count. The caches of `vercmp` and similar functions are cleared.
 */
const PROGRAM = `
import json, sys, time
from portage.dep import Atom
from portage.versions import vercmp
versions, atoms = json.load(open(sys.argv[1]))
def rate(count, once):
    began = time.perf_counter()
    for _ in range(2):
        if hasattr(vercmp, "cache_clear"):
            vercmp.cache_clear()
        once()
    return 2 * count / (time.perf_counter() - began)
def compare():
    for left, right in zip(versions, versions[1:]):
        vercmp(left, right)
def read():
    for atom in atoms:
        Atom(atom)
print(json.dumps([rate(len(versions) - 1, compare), rate(len(atoms), read)]))
`;

interface Portage {
  /** Comparisons and atoms per second. */
  measure(): readonly number[];
  end(): void;
}

/** Undefined if `npm run set-up` has not installed Portage. */
function startPortage(versionTexts: readonly string[], atoms: readonly string[]): Portage | undefined {
  const home = stateFolder(process.env, process.getuid?.() ?? 0);
  const python = join(privatePackageManager(home, 'portage'), 'bin', 'python3');
  if (!existsSync(python)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'bench-versions-'));
  const list = join(folder, 'list.json');
  writeFileSync(list, JSON.stringify([versionTexts, atoms]));
  return {
    measure: () => JSON.parse(execFileSync(python, ['-c', PROGRAM, list], { encoding: 'utf8' })) as number[],
    end: () => rmSync(folder, { recursive: true, force: true }),
  };
}
