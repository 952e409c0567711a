import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from '../table.ts';
import { copyExamples, createRunner, inSeconds, runTrial } from './example-trials.ts';
import type { BenchFolder } from './state-folder.ts';

const EXAMPLE = 'app-arch/advancecomp/advancecomp-2.1';

/** Gives the example a function for each phase that is edited; they do what the package manager would. */
const withPhases = (text: string): string =>
  `${text}\nsrc_compile() {\n\temake\n}\n\nsrc_install() {\n\tdefault\n}\n`;

/** What an author edits between two trials, the cheapest first, and the phases that have to run again. */
const EDITS: readonly (readonly [what: string, phases: string, from: string, to: string])[] = [
  ['a comment', 'none', 'src_prepare', '# Upstream ships no configure.\nsrc_prepare'],
  ['DESCRIPTION', 'none', 'Recompresses ZIP', 'Recompress ZIP'],
  ['KEYWORDS', 'none', '~amd64 ~arm64', 'amd64 ~arm64'],
  ['an atom in RDEPEND', 'none', 'sys-libs/zlib:=\n', 'sys-libs/zlib:=\n\tdev-libs/openssl:=\n'],
  [
    'an atom in DEPEND that no step asked for',
    'none',
    'DEPEND="${RDEPEND}"',
    'DEPEND="${RDEPEND} media-libs/libpng"',
  ],
  ['src_install', 'install', 'src_install() {\n', 'src_install() {\n\tdodoc HISTORY\n'],
  ['src_compile', 'compile, install', '\temake\n', '\temake V=1\n'],
  ['an argument of econf', 'configure and later', '\teconf ', '\teconf --disable-dependency-tracking '],
  ['src_prepare', 'all', 'autoreconf --force', 'autoreconf --verbose --force'],
  ['IUSE', 'all', 'IUSE="bzip2"', 'IUSE="bzip2 extra"'],
];

/** What an author does beside the text. The edit is there because a record might answer for the same text. */
const EMERGE = [
  'a comment, and emerge of a package that no step touched',
  'none',
  'src_prepare',
  '# Upstream has no configure.\nsrc_prepare',
] as const;

/** Gives a state folder a practice root of its own, which can be changed; false if there is none. */
function copyRoot(home: string): boolean {
  const root = join(home, 'root');
  if (!existsSync(root)) return false;
  const real = realpathSync(root);
  rmSync(root);
  cpSync(real, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return true;
}

/** Merges a package of two files into a root. */
function emerge(root: string): void {
  const files = ['/usr/bin/stranger', '/usr/share/stranger/data'];
  for (const path of files) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  const lines = ['/usr', '/usr/bin', '/usr/share', '/usr/share/stranger'].map((path) => `dir ${path}\n`);
  const contents = [...lines, ...files.map((path) => `obj ${path} d41d8cd98f00b204e9800998ecf8427e 1\n`)];
  const record = join(root, 'var/db/pkg/app-misc/stranger-1');
  mkdirSync(record, { recursive: true });
  for (const [name, text] of Object.entries({ CONTENTS: contents.join(''), SLOT: '0\n', EAPI: '8\n' }))
    writeFileSync(join(record, name), text);
}

/** Times the trial after each of ten edits and one merge, beside the first trial and one of the edited text from the beginning. */
export async function measureEdits(folder: BenchFolder, rounds: number): Promise<readonly Row[]> {
  const file = join(copyExamples(folder), `${EXAMPLE}.ebuild`);
  const base = withPhases(readFileSync(file, 'utf8'));
  const first: number[] = [];
  const edits = [...EDITS, EMERGE];
  const after = edits.map((): number[] => []);
  const anew = edits.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    console.error(`trials after edits, round ${round + 1} of ${rounds} …`);
    const home = folder.newStateFolder();
    const canMerge = copyRoot(home);
    const runner = await createRunner();
    const time = async (text: string, fresh: boolean): Promise<number> => {
      const began = performance.now();
      await runTrial(runner, file, text, { quick: true, fresh });
      return performance.now() - began;
    };
    first.push(await time(base, false));
    for (const [number, edit] of edits.entries()) {
      const [what, , from, to] = edit;
      if (edit === EMERGE && !canMerge) continue;
      if (edit === EMERGE) emerge(join(home, 'root'));
      const edited = base.replace(from, () => to);
      if (edited === base) throw new Error(`the edit of ${what} does not change ${EXAMPLE}`);
      after[number]?.push(await time(edited, false));
      anew[number]?.push(await time(edited, true));
    }
  }
  const ratio = (times: readonly number[] = [], to: readonly number[] = []) =>
    median(times.map((value, round) => value / (to[round] ?? Number.NaN)));
  return [
    { what: `first quick trial of ${EXAMPLE}`, figure: inSeconds(first) },
    ...edits.flatMap(([what, phases], number): Row[] => {
      const times = after[number] ?? [];
      if (times.length === 0) return [];
      const row = {
        what: `after an edit of ${what} (again: ${phases}); from the beginning ${ratio(anew[number], first).toFixed(2)} × the first`,
        figure: inSeconds(times),
        compared: { with: 'the first', ratio: ratio(times, first) },
      };
      return [row];
    }),
  ];
}
