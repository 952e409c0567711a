/** Two ordinary users on one machine, of whom neither trusts the other. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeHome, missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot } from '../support/user.ts';
import { tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(isRoot ? missingForTrials : 'only root can be two users');

/** Numbers that no account of a test machine has. */
const [FIRST, SECOND] = [61_001, 61_002];

let product: Product;
let repository: string;
let file: string;
beforeAll(async () => {
  if (!isRoot || missingForTrials !== undefined) return;
  product = await openProduct();
  const phases = 'src_compile() { einfo compiling; sleep 1; }';
  repository = product.repository('two', { 'dev-test/fine/fine-1.ebuild': tinyEbuild(phases) });
  file = join(repository, 'dev-test/fine/fine-1.ebuild');
});
afterAll(() => product?.remove());

function homeOf(uid: number, name: string): string {
  const home = makeHome(join(product.folder, name), 'user');
  chownSync(home, uid, uid);
  return home;
}

const asUser = (uid: number) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
const run = (uid: number, home: string, args: readonly string[]): Promise<Run> =>
  product.run('root', args, { outerWrap: asUser(uid), environment: { EBUILD_AUDIT_HOME: home, HOME: home } });

describe('two users', () => {
  can('try the same ebuild at the same time, each with a state folder of their own', async () => {
    const homes = [homeOf(FIRST, 'home-first'), homeOf(SECOND, 'home-second')] as const;
    const trial = ['trial', '--quick', file];
    const runs = await Promise.all([run(FIRST, homes[0], trial), run(SECOND, homes[1], trial)]);
    for (const [index, done] of runs.entries()) {
      expect(done.status, done.stderr).toBe(0);
      expect(done.stdout).toContain(`Build log: ${homes[index]}/logs/`);
    }
    for (const [index, home] of homes.entries()) {
      expect(readdirSync(join(home, 'records')).length).toBeGreaterThan(0);
      expect(statSync(join(home, 'records')).uid).toBe([FIRST, SECOND][index]);
      expect(readdirSync(join(home, 'trials'))).toEqual([]);
    }
  });

  can('do not use a state folder that the other can write to', async () => {
    const ofOther = homeOf(FIRST, 'home-of-other');
    const open = homeOf(FIRST, 'home-open');
    chmodSync(open, 0o777);
    const sticky = join(product.folder, 'home-sticky');
    mkdirSync(sticky);
    chmodSync(sticky, 0o1777);
    for (const [uid, home] of [
      [SECOND, ofOther],
      [SECOND, open],
      [FIRST, open],
      [SECOND, sticky],
    ] as const) {
      for (const line of [
        ['check', file],
        ['trial', '--quick', file],
        ['metadata', file],
        ['prune', '--all'],
      ]) {
        const done = await run(uid, home, line);
        expect(done.complaints, line.join(' ')).toEqual([
          expect.stringMatching(
            /The state folder .* can be written by other users, who could forge results: set/,
          ),
        ]);
        expect(done.status).toBe(2);
      }
    }
  });

  can('find nothing of the other in a folder for temporary files', async () => {
    const home = homeOf(SECOND, 'home-planted');
    const temporary = join(product.folder, 'tmp');
    mkdirSync(temporary);
    chmodSync(temporary, 0o1777);
    const victim = join(product.folder, 'victim');
    mkdirSync(victim);
    chownSync(victim, SECOND, SECOND);
    writeFileSync(join(victim, 'kept'), 'kept');
    // What the other user could guess: the cache of the compiled helper.
    symlinkSync(victim, join(temporary, `ebuild-audit-${SECOND}`));
    const done = await product.run('root', ['trial', '--quick', file], {
      outerWrap: asUser(SECOND),
      environment: { EBUILD_AUDIT_HOME: home, HOME: home, TMPDIR: temporary },
    });
    expect(done.status, done.stderr).toBe(0);
    expect(readdirSync(victim)).toEqual(['kept']);
    expect(existsSync(join(home, 'logs'))).toBe(true);
  });
});
