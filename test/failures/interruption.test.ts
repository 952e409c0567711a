/** Every command ends soon after a signal, whatever it is doing, and leaves nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { missingForTrials, openProduct, type Product, type Running } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isLong } from '../support/user.ts';
import { expectNothingLeft, tinyEbuild } from './tiny-ebuild.ts';

let product: Product;
beforeAll(async () => {
  if (missingForTrials === undefined) product = await openProduct();
});
afterAll(() => product?.remove());
const can = requireOrSkip(missingForTrials);

/** In milliseconds: docs/limits.md promises half of it, on a machine that has nothing else to do. */
const SOON = 2000;

async function interrupt({ child, done }: Running, signal: NodeJS.Signals) {
  const sent = performance.now();
  child.kill(signal);
  const run = await done;
  return { run, took: performance.now() - sent };
}

const ENDLESS = "trap '' INT TERM HUP; while :; do :; done";
const MANY = 'mkdir many; cd many; for d in {1..40}; do mkdir $d; touch $d/{1..2000}; done; cd ..';
/** A probe, so that images are compared, and a file that takes a minute to unpack and differs in each build. */
const BOMB = `src_compile() { echo '#include <zlib.h>' | gcc -E - >/dev/null 2>&1; MADE=$RANDOM$RANDOM; }
src_install() {
  insinto /usr/share/bomb
  yes "Jan 1 2026 /tmp/abc $RANDOM$RANDOM" | head -c 60000000 | gzip -9 > part
  for i in {1..60}; do printf 'm/%46s%-10d\`\\n' '' $(stat -c %s part); cat part; (( $(stat -c %s part) % 2 )) && echo; done > members
  { echo '!<arch>'; cat members; } > libbomb.a
  doins libbomb.a
}`;

const EBUILDS: Readonly<Record<string, string>> = {
  tiny: tinyEbuild(''),
  scope: tinyEbuild('', { head: ENDLESS }),
  phase: tinyEbuild(`src_compile() { ${ENDLESS}; }`),
  many: tinyEbuild(`src_compile() { ${MANY}; echo made; sleep 60; }`),
  bomb: tinyEbuild(BOMB),
};

const place = (name: string) => `overlay/dev-test/${name}/${name}-1.ebuild`;

describe('a signal ends', () => {
  beforeAll(() => {
    if (missingForTrials !== undefined) return;
    product.repository(
      'overlay',
      Object.fromEntries(
        Object.entries(EBUILDS).map(([name, text]) => [`dev-test/${name}/${name}-1.ebuild`, text]),
      ),
    );
  });

  const moments: readonly (readonly [what: string, args: readonly string[], said?: string])[] = [
    ['metadata, in an endless global scope', ['metadata', place('scope')]],
    ['a trial, in an endless global scope', ['trial', place('scope')]],
    ['check --pkgcheck, in an endless global scope', ['check', '--pkgcheck', place('scope')]],
    ['a trial, in a phase that ignores signals', ['trial', place('phase')], 'compile'],
    ['a trial that has written 80,000 files', ['trial', place('many')], 'compile'],
    ...(isLong
      ? [['a trial, while images are compared', ['trial', place('bomb')], 'comparing install'] as const]
      : []),
  ];
  for (const [at, [what, args, said]] of moments.entries()) {
    can(
      what,
      async () => {
        // Both signals come everywhere in the tests at any moment.
        const signal = at % 2 === 0 ? 'SIGTERM' : 'SIGINT';
        const running = product.start('user', args);
        if (said !== undefined) await running.said(said);
        await sleep(1500);
        const { run, took } = await interrupt(running, signal);
        expect(took, `${what}, ${signal}: ${run.stderr}`).toBeLessThan(SOON);
        expect(run.status, run.stderr).toBe(2);
        expect(run.complaints.at(-1)).toMatch(/ was cancelled/);
        // What is left is removed by programs that may still run, or by the next trial.
        await product.run('user', ['trial', place('tiny')]);
        expectNothingLeft(product, 'user');
      },
      120_000,
    );
  }

  const commands: readonly (readonly string[])[] = [
    ['trial', place('tiny'), '--fresh'],
    ['check', '--pkgcheck', place('tiny')],
    ['check', 'overlay'],
    ['metadata', place('tiny')],
    ['runtime', place('tiny'), '--', 'true'],
    ['prune', '--all'],
    ['explain'],
  ];
  for (const args of commands)
    can(
      `${args.join(' ')}, at any moment`,
      async () => {
        for (let moment = 0; moment < 4; moment++) {
          const running = product.start('user', args);
          // Each second moment is early: the first tenth of a second has as many states as all others.
          await sleep(Math.random() * (moment % 2 === 0 ? 150 : 2500));
          const { run, took } = await interrupt(running, moment % 3 === 0 ? 'SIGINT' : 'SIGTERM');
          expect(took, `${args.join(' ')}: ${run.stderr}`).toBeLessThan(SOON);
          expect([0, 1, 2, 'SIGINT', 'SIGTERM']).toContain(run.signal ?? run.status);
        }
        await product.run('user', ['trial', place('tiny')]);
        expectNothingLeft(product, 'user');
      },
      120_000,
    );
});
