import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { processesWith, waitUntilGone } from '../support/processes.ts';
import { makeHome, missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly, who } from '../support/user.ts';
import { expectNothingLeft, expectOneSentence, mounts, tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);

const FILL = `
src_compile() {
	einfo before
	# Fills the work folder and then gets the error of the system, as a linker would.
	dd if=/dev/zero of=fill bs=1M || die "dd failed"
}`;

/** Leaves processes behind that ignore signals. */
const LINGER = `
src_compile() {
	trap '' TERM INT HUP
	( setsid sh -c 'trap "" TERM INT HUP; while :; do sleep 0.05; done' linger & )
	einfo lingering
	while :; do sleep 0.05; done
}`;

const BROKEN = `
src_unpack() { printf 'int main(void)\\n{\\n\\treturn forgotten;\\n}\\n' > main.c || die; }
src_compile() { echo "making it"; gcc -c main.c || die "gcc failed"; }`;

const TAMPERED = `
src_unpack() {
	printf '\\033]0;owned\\007\\033[2Jx.c:1:1: error: \\033[31mred\\233 herring\\r\\n'
	die "no"
}`;

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = product.repository('builds', {
    'dev-test/fill/fill-1.ebuild': tinyEbuild(FILL),
    'dev-test/linger/linger-1.ebuild': tinyEbuild(LINGER),
    'dev-test/broken/broken-1.ebuild': tinyEbuild(BROKEN),
    'dev-test/tampered/tampered-1.ebuild': tinyEbuild(TAMPERED),
    'dev-test/fine/fine-1.ebuild': tinyEbuild(''),
    'dev-test/large/large-1.ebuild': tinyEbuild(''),
    'dev-test/large/files/large.patch': '#'.repeat(3_000_000),
  });
});
afterAll(() => product?.remove());
const ebuild = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);

describe.each(mostly('root'))('a build that goes wrong, as %s', (as) => {
  /** Runs a trial whose folder is on a small disk of its own. */
  const runOnSmallDisk = (name: string, size: string) => {
    const home = makeHome(mkdtempSync(join(product.folder, 'small-')), as);
    mkdirSync(join(home, 'trials'));
    const script = `mount -t tmpfs -o mode=1777,size=${size} small "$0/trials" && exec "$@"`;
    // Only root can mount; an ordinary user gets its small disk from root, or from a namespace of its own.
    const isRoot = process.geteuid?.() === 0;
    const mount = ['unshare', isRoot ? '-m' : '-Urm', 'sh', '-c', script, home];
    const run = product.run(as, ['trial', ebuild(name)], {
      environment: { EBUILD_AUDIT_HOME: home },
      outerWrap: mount,
    });
    return { home, run };
  };

  can('a full disk when the trial folder is made', async () => {
    const { home, run } = runOnSmallDisk('large', '1m');
    const done = await run;
    expectOneSentence(
      product,
      as,
      done,
      /The disk is full \(.*\): free some space, or set EBUILD_AUDIT_HOME/,
    );
    expect(readdirSync(join(home, 'trials'))).toEqual([]);
  });

  can('a full disk in the middle of the build', async () => {
    const { run } = runOnSmallDisk('fill', '24m');
    const done = await run;
    expectOneSentence(
      product,
      as,
      done,
      /The disk is full \(.*\): free some space, or set EBUILD_AUDIT_HOME/,
    );
    // It is not built again in search of a missing dependency.
    expect(done.stderr).not.toContain('confirming');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    can(`${signal} while it compiles`, async () => {
      const before = mounts();
      const running = product.start(as, ['trial', ebuild('linger')]);
      await running.said('trial: compile');
      const began = performance.now();
      running.child.kill(signal);
      const run = await running.done;
      expect(performance.now() - began).toBeLessThan(1000);
      expectOneSentence(product, as, run, /The trial was cancelled; only its build log was kept\.$/);
      expect(mounts()).toBe(before);
      expect(readFileSync(join(product.home(as), 'logs/dev-test-linger-1.log'), 'utf8')).toContain(
        '=== trial',
      );
    });
  }

  can(
    'kill -9 leaves no process, and the next trial removes the folder',
    async () => {
      const before = mounts();
      const killed = product.start(as, ['trial', ebuild('linger')]);
      await killed.said('trial: compile');
      const [stale = 'none', ...more] = product.trials(as);
      expect(more).toEqual([]);
      expect(processesWith(stale)).not.toEqual([]);
      killed.child.kill('SIGKILL');
      expect((await killed.done).signal).toBe('SIGKILL');
      expect(await waitUntilGone(product.folder, 3000)).toEqual([]);
      expect(mounts()).toBe(before);

      const next = await product.run(as, ['trial', ebuild('fine')]);
      expect(next.stdout).toContain('clean: The build used only declared packages.');
      expect([next.status, next.complaints]).toEqual([0, []]);
      expectNothingLeft(product, as);
    },
    60_000,
  );
});

// The user makes no difference here.
const as = who.at(-1) ?? 'user';
describe('what a failed build says', () => {
  can(
    'an error that no dependency explains',
    async () => {
      const run = await product.run(as, ['trial', ebuild('broken')]);
      const log = realpathSync(join(product.home(as), 'logs/dev-test-broken-1.log'));
      expect(run.stdout).toBe(
        `${ebuild('broken')}: failed: No missing dependency explains the failure: the compile phase failed: ` +
          `main.c:3:16: error: ‘forgotten’ undeclared (first use in this function)\n` +
          `Build log: ${log}\n`,
      );
      expect([run.status, run.complaints]).toEqual([2, []]);
      expect(existsSync(log)).toBe(true);
      expectNothingLeft(product, as);
    },
    60_000,
  );

  can(
    'terminal escapes in the build log do not reach the terminal',
    async () => {
      const run = await product.run(as, ['trial', ebuild('tampered')]);
      expect(run.stdout).toContain('the unpack phase failed: x.c:1:1: error: red');
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
      expect(run.stdout + run.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(run.status).toBe(2);
      // The log is kept unchanged.
      expect(readFileSync(join(product.home(as), 'logs/dev-test-tampered-1.log'), 'latin1')).toContain(
        '\u001b[2J',
      );
      expectNothingLeft(product, as);
    },
    60_000,
  );
});
