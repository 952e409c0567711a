import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { bundleCommandLine, copyWasm } from '../scripts/bundle.ts';
import { readEverything, writeOverlay } from './generated-overlay.ts';
import { type Benchmark, interleave, median, type Row } from './table.ts';

const ROUNDS = 5;
const MOST_SECONDS = 3;
const MOST_MEBIBYTES = 200;
/** The command prints the number of ebuilds that it has checked, and exits with 1 if there are findings. */
const CHECKED = /^(\d+) ebuilds? checked/m;

/**
 * Runs the command line's `check` of a whole overlay in its own process, without stored data: its files are listed,
 * indexed, read, parsed and checked. The overlay is a generated one, or the folder in the environment variable
 * EBUILD_AUDIT_OVERLAY.
 */
export const overlay: Benchmark = {
  name: 'overlay',
  async run(): Promise<readonly Row[]> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-overlay-'));
    try {
      return await measure(folder, process.env.EBUILD_AUDIT_OVERLAY ?? '');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, chosen: string): Promise<readonly Row[]> {
  const repository = chosen === '' ? join(folder, 'overlay') : resolve(chosen);
  if (chosen === '') writeOverlay(repository);
  const root = join(folder, 'root');
  for (const path of ['etc/portage', 'var/db/pkg']) mkdirSync(join(root, path), { recursive: true });
  await Promise.all([bundleCommandLine(folder, { development: false }), copyWasm(folder)]);
  const memory: number[] = [];
  const processor: number[] = [];
  let ebuilds = 0;
  let round = 0;
  const check = (): void => {
    const home = join(folder, `home-${round++}`);
    mkdirSync(home);
    const { checked, mebibytes, seconds } = runCheck(folder, root, home, repository);
    ebuilds = checked;
    memory.push(mebibytes);
    processor.push(seconds);
  };
  const categories = readdirSync(repository, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => join(repository, name));
  // Reading from the disk is not to be measured, so the files must be in the system's file cache.
  for (const category of categories) readEverything(category);
  const [reading = [], cold = []] = await interleave(ROUNDS, [
    () => {
      for (const category of categories) readEverything(category);
    },
    check,
  ]);
  const seconds = median(cold) / 1000;
  const mebibytes = Math.max(...memory);
  const what = `overlay, ${ebuilds} ebuilds, \`check\` from cold`;
  return [
    {
      what: `${what}: from start to exit`,
      figure: `${seconds.toFixed(2)} s`,
      compared: { with: 'reading the files', ratio: median(cold) / median(reading) },
      target: { text: `≤ ${MOST_SECONDS} s`, met: seconds <= MOST_SECONDS },
    },
    {
      // On a busy machine, this is more reliable than the elapsed time.
      what: `${what}: processor time of all its threads`,
      figure: `${median(processor).toFixed(2)} s`,
    },
    {
      what: `${what}: most memory of the process`,
      figure: `${Math.round(mebibytes)} MiB`,
      target: { text: `≤ ${MOST_MEBIBYTES} MiB`, met: mebibytes <= MOST_MEBIBYTES },
    },
  ];
}

/** @throws Error if the command did not check anything */
function runCheck(
  folder: string,
  root: string,
  home: string,
  repository: string,
): { readonly checked: number; readonly mebibytes: number; readonly seconds: number } {
  const program = join(folder, 'cli/ebuild-audit.mjs');
  // Loaded before the program, this reports at its end the resources that it has used.
  const tell = `data:text/javascript,process.on('exit',()=>{const{maxRSS,userCPUTime,systemCPUTime}=process.resourceUsage();process.stderr.write('\\nused '+maxRSS+' KiB '+(userCPUTime+systemCPUTime)+' us\\n')})`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', tell, program, 'check', '--root', root, repository],
    { env: { ...process.env, EBUILD_AUDIT_HOME: home }, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  const checked = Number(CHECKED.exec(stdout)?.[1] ?? 0);
  const [, kibibytes, microseconds] = /^used (\d+) KiB (\d+) us$/m.exec(stderr) ?? [];
  if (checked === 0 || !(status === 0 || status === 1))
    throw new Error(
      `ebuild-audit check ended with ${status} and has checked nothing: ${stderr.slice(0, 2000)}`,
    );
  return { checked, mebibytes: Number(kibibytes) / 1024, seconds: Number(microseconds) / 1e6 };
}
