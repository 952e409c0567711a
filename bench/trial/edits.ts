import { readFileSync } from 'node:fs';
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

/** Times the trial after each of ten edits, beside the first trial and one of the edited text from the beginning. */
export async function measureEdits(folder: BenchFolder, rounds: number): Promise<readonly Row[]> {
  const file = join(copyExamples(folder), `${EXAMPLE}.ebuild`);
  const base = withPhases(readFileSync(file, 'utf8'));
  const first: number[] = [];
  const after = EDITS.map((): number[] => []);
  const anew = EDITS.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    console.error(`trials after edits, round ${round + 1} of ${rounds} …`);
    folder.newStateFolder();
    const runner = await createRunner();
    const time = async (text: string, fresh: boolean): Promise<number> => {
      const began = performance.now();
      await runTrial(runner, file, text, { quick: true, fresh });
      return performance.now() - began;
    };
    first.push(await time(base, false));
    for (const [number, [what, , from, to]] of EDITS.entries()) {
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
    ...EDITS.map(
      ([what, phases], number): Row => ({
        what: `after an edit of ${what} (again: ${phases}); from the beginning ${ratio(anew[number], first).toFixed(2)} × the first`,
        figure: inSeconds(after[number] ?? []),
        compared: { with: 'the first', ratio: ratio(after[number], first) },
      }),
    ),
  ];
}
