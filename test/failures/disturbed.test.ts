import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { processesWith } from '../support/processes.ts';
import { missingForTrials, openProduct, type Product, type Running } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type As, isLong, mostly, who } from '../support/user.ts';
import { expectOneSentence, tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);

/** Every build looks for a header that it does not need and that nothing declares: a reveal of its package seems to help. */
const PROBE = 'gcc -E -include zlib.h -x c /dev/null -o /dev/null 2>/dev/null;';

/** Waits in a phase, for longer than any test does. */
const waiting = (phase: string, more = '') => `${PROBES[phase === 'configure' ? 'prepare' : 'configure']}
src_${phase}() { ${more} sleep 4321 || die "the compiler was killed"; }`;
const PROBES = {
  prepare: `src_prepare() { default; ${PROBE} : ; }`,
  configure: `src_configure() { ${PROBE} : ; }`,
};

/** A build with a chance of failing in one of its parallel jobs. */
const flaky = (odds: number) => `
src_unpack() {
	printf 'all: one two three\\none two:\\n\\t@:\\nthree:\\n\\t@test $$(( $$(od -An -N2 -tu2 /dev/urandom) %% ${odds} )) -ne 0\\n' > Makefile || die
}
${PROBES.configure}
src_compile() { emake -j4; }`;

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  const ebuilds = {
    compile: tinyEbuild(waiting('compile')),
    configure: tinyEbuild(waiting('configure')),
    install: tinyEbuild(waiting('install')),
    // Only what the control shows is built with the flag, or with the package.
    state: tinyEbuild(`${PROBES.configure}\nsrc_compile() { use slow || return 0; sleep 4321 || die; }`, {
      head: 'IUSE="slow"',
    }),
    comparing: tinyEbuild(
      `src_configure() { ${PROBE} }\nsrc_compile() { [[ -e /usr/include/zlib.h ]] || return 0; sleep 4321 || die; }`,
    ),
    swallowed: tinyEbuild(`${PROBES.configure}\nsrc_compile() { sleep 4321 || : ; }`),
    own: tinyEbuild(
      `src_compile() { sleep 4321 & kill -9 $!; wait $!; timeout -s TERM 0.1 sleep 4321; : ; }`,
    ),
    memory: tinyEbuild(`${PROBES.configure}
src_compile() { echo "cc1plus: out of memory allocating 65536 bytes after a total of 1 bytes"; die "no"; }`),
    flaky: tinyEbuild(flaky(3)),
    scope: tinyEbuild('', { head: 'while :; do :; done' }),
    fine: tinyEbuild('', { head: 'RDEPEND="sys-apps/coreutils"' }),
  };
  repository = product.repository(
    'disturbed',
    Object.fromEntries(
      Object.entries(ebuilds).map(([name, text]) => [`dev-test/${name}/${name}-1.ebuild`, text]),
    ),
  );
});
afterAll(() => product?.remove());
const ebuild = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);

/** Processes by their arguments. @param isOurs whether only those count that have the product's folder in their arguments or environment */
function findProcesses(isWanted: (words: readonly string[]) => boolean, isOurs = true): string[] {
  const all = isOurs
    ? processesWith(product.folder)
    : readdirSync('/proc').filter((pid) => /^\d+$/.test(pid));
  return all.filter((pid) => {
    try {
      return isWanted(readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0'));
    } catch {
      return false;
    }
  });
}

/** No other program of the machine waits for as long. The command of `runtime` has no environment. */
const sleeps = () => findProcesses(([program, seconds]) => program === 'sleep' && seconds === '4321', false);

/** Waits for the sleep of a trial and kills it, or another of its processes. */
async function disturb(
  running: Running,
  signal: NodeJS.Signals,
  victims: () => readonly string[] = sleeps,
): Promise<Running> {
  let isOver = false;
  running.done.finally(() => {
    isOver = true;
  });
  while (sleeps().length === 0) {
    if (isOver) throw new Error(`the trial ended: ${(await running.done).stderr}`);
    await sleep(20);
  }
  for (const pid of victims()) process.kill(Number(pid), signal);
  return running;
}

/** The stored records of a user. */
function records(as: As): string[] {
  const folder = join(product.home(as), 'records');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.record')) : [];
}

/** Expects that a trial blames nothing, says one sentence, and stores no record. */
async function expectNothingKept(start: () => Promise<Running>, sentence: RegExp, as: As): Promise<void> {
  const before = records(as);
  const running = await start();
  expectOneSentence(product, as, await running.done, sentence);
  expect(records(as)).toEqual(before);
}

const inPhase = (phase: string, signal: string) =>
  new RegExp(
    `A process of the build \\(sleep\\) was killed by ${signal} in src_${phase}, and not by the build itself, so nothing is concluded from this build: run the trial again\\.$`,
  );

describe.each(mostly('user'))('a process that somebody kills from outside, as %s', (as) => {
  for (const [name, signal, words] of [
    ['compile', 'SIGKILL', 'signal 9 \\(SIGKILL\\)'],
    ['configure', 'SIGTERM', 'signal 15 \\(SIGTERM\\)'],
    ['install', 'SIGKILL', 'signal 9 \\(SIGKILL\\)'],
  ] as const) {
    can(`${signal} in src_${name}`, async () => {
      await expectNothingKept(
        () => disturb(product.start(as, ['trial', '--quick', ebuild(name)]), signal),
        inPhase(name, words),
        as,
      );
    });
  }
});

const as = who[0] ?? 'user';
describe('a build that was disturbed', () => {
  can('in a USE state', async () => {
    await expectNothingKept(
      () => disturb(product.start(as, ['trial', '--quick', '--use-matrix', ebuild('state')]), 'SIGKILL'),
      inPhase('compile', 'signal 9 \\(SIGKILL\\)'),
      as,
    );
  });

  can('while builds are compared', async () => {
    await expectNothingKept(
      () => disturb(product.start(as, ['trial', ebuild('comparing')]), 'SIGKILL'),
      inPhase('compile', 'signal 9 \\(SIGKILL\\)'),
      as,
    );
  });

  can('although it goes on', async () => {
    await expectNothingKept(
      () => disturb(product.start(as, ['trial', '--quick', ebuild('swallowed')]), 'SIGTERM'),
      inPhase('compile', 'signal 15 \\(SIGTERM\\)'),
      as,
    );
  });

  can('by the end of the package manager', async () => {
    await expectNothingKept(
      () =>
        disturb(product.start(as, ['trial', '--quick', ebuild('compile')]), 'SIGKILL', () =>
          findProcesses(
            (words) => words[0]?.includes('python') === true && words.includes('--skip-manifest'),
          ),
        ),
      /\(\w+\) was killed by signal 9 \(SIGKILL\)/,
      as,
    );
  });

  can('by the end of the shell that evaluates the ebuild', async () => {
    const running = product.start(as, ['trial', '--quick', ebuild('scope')]);
    const shells = () =>
      findProcesses(
        (words) => words[0]?.endsWith('bash') === true && words.some((word) => /ebuild\.sh$/.test(word)),
      );
    while (shells().length === 0) await sleep(20);
    for (const pid of shells()) process.kill(Number(pid), 'SIGKILL');
    await expectNothingKept(
      async () => running,
      /A process of the build was killed by signal 9 \(SIGKILL\), and not by the build itself, .*: run the trial again\.$/,
      as,
    );
  });

  can('by the end of bubblewrap', async () => {
    await expectNothingKept(
      () =>
        disturb(product.start(as, ['trial', '--quick', ebuild('compile')]), 'SIGKILL', () =>
          // The one inside the sandbox has the higher number.
          findProcesses(([program]) => program === 'bwrap')
            .sort((left, right) => Number(left) - Number(right))
            .slice(0, 1),
        ),
      /bubblewrap was killed by signal 9 \(SIGKILL\) and not by us, so nothing is concluded from the run: run it again\.$/,
      as,
    );
  });

  can('by the end of the helper', async () => {
    await expectNothingKept(
      () =>
        disturb(product.start(as, ['trial', '--quick', ebuild('compile')]), 'SIGKILL', () =>
          findProcesses(
            (words) => words[0]?.endsWith('ebuild-audit-native') === true && words[1] === 'run',
          ).slice(0, 1),
        ),
      /The run of the sandbox is lost \(.*SIGKILL.*\): run it again\.$/,
      as,
    );
  });

  can('by a signal that the kernel might have sent is built again, and nothing is blamed', async () => {
    const running = product.start(as, ['trial', '--quick', ebuild('compile')]);
    await disturb(running, 'SIGSEGV');
    // The repetition waits too.
    await running.said('trial: confirming');
    let isOver = false;
    running.done.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const pid of sleeps()) process.kill(Number(pid), 'SIGSEGV');
      await sleep(50);
    }
    const run = await running.done;
    // Whatever is revealed, it fails.
    expect(run.stdout).not.toContain('sys-libs/zlib');
    expect(run.stdout).toContain('No missing dependency explains the failure');
  });

  can('by a lack of memory', async () => {
    await expectNothingKept(
      async () => product.start(as, ['trial', '--quick', ebuild('memory')]),
      /The memory or the processes of the machine, .* ran out in the compile phase \(cc1plus: out of memory .*\): free some memory/,
      as,
    );
  });

  can('during the command of runtime', async () => {
    const running = product.start(as, ['runtime', ebuild('fine'), '--', 'sleep', '4321']);
    await disturb(running, 'SIGKILL');
    const run = await running.done;
    expect([run.status, run.stdout]).toEqual([2, '']);
    expect(run.complaints.join('\n')).toMatch(/\(sleep\) was killed by signal 9 \(SIGKILL\) in the command/);
  });

  can('by nobody: what the build kills itself is its own affair', async () => {
    const run = await product.run(as, ['trial', '--quick', ebuild('own')]);
    expect(run.stdout).toContain('clean: The build used only declared packages.');
    expect(run.status).toBe(0);
  });
});

describe('parallel builds that fail now and then', () => {
  const TRIALS = isLong ? 5 : 2;
  can(
    `are blamed on nothing: ${TRIALS} trials, 1 in 3`,
    async () => {
      for (let trial = 0; trial < TRIALS; trial += 1) {
        const run = await product.run(as, ['trial', '--quick', '--fresh', ebuild('flaky')]);
        expect(run.stdout).not.toContain('sys-libs/zlib');
        expect(run.stdout).toMatch(/clean: |No missing dependency explains the failure/);
      }
    },
    180_000,
  );
});
