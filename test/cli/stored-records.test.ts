/** The records that the command line stores and answers from, as root and as an ordinary user. */
import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. A trial takes a second or two; several at once on a busy machine take longer. */
const TIMEOUT = 90_000;
const NAMES = ['first', 'second', 'third'] as const;
const pathOf = (name: string) => `dev-test/${name}/${name}-1.ebuild`;
/** Prints a line in its log when it is built. */
const TEXT = tinyEbuild('src_compile() { einfo "built for real"; }', { head: 'inherit marker' });
/** A compile phase in a log, run or taken over. */
const COMPILED = /built for real|\bcompile\b.* reused from a snapshot/g;

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = product.repository('stored', {
    'eclass/marker.eclass': '# an eclass\n',
    ...Object.fromEntries([...NAMES, 'silenced'].map((name) => [pathOf(name), TEXT])),
  });
});
afterAll(() => product?.remove());

const users = mostly('user');
describe.each(users)('stored records, as %s', (as) => {
  /** For what does not depend on the user: it is tried as one of them. */
  const once: typeof can = as === users[0] ? can : () => {};
  const trial = (name: string, ...more: string[]) =>
    product.run(as, ['trial', join(repository, pathOf(name)), ...more]);
  const folder = () => join(product.home(as), 'records');
  const stored = () => (existsSync(folder()) ? readdirSync(folder()).sort() : []);

  can(
    'answer a second time without a build, until something has changed or --fresh is given',
    async () => {
      const first = await trial('first');
      expect([first.status, first.complaints]).toEqual([0, []]);
      expect(first.stdout).not.toContain('Known from');
      expect(stored()).toHaveLength(1);

      const second = await trial('first');
      expect([second.status, second.complaints]).toEqual([0, []]);
      expect(second.stdout).toContain('(Result of the trial a moment ago.)');
      // No phase was run.
      expect(second.stderr).toBe('');
      const log = /Build log: (.+)/.exec(second.stdout)?.[1] ?? '';
      expect(readFileSync(log, 'utf8')).toContain('built for real');

      expect((await trial('first', '--fresh')).stderr).toContain('trial: compile');
      appendFileSync(join(repository, 'eclass/marker.eclass'), '# changed\n');
      const changed = await trial('first', '--format', 'json');
      expect(JSON.parse(changed.stdout).storedAt).toBeNull();
      const again = await trial('first', '--format', 'json');
      expect(Date.parse(JSON.parse(again.stdout).storedAt)).toBeLessThanOrEqual(Date.now());
    },
    TIMEOUT,
  );

  once(
    'answer after a comment that ignores findings, and a stale one is found',
    async () => {
      const path = join(repository, pathOf('silenced'));
      expect((await trial('silenced')).status).toBe(0);
      writeFileSync(path, `${TEXT}# audit: ignore missing-depend sys-libs/zlib – it was needed once\n`);
      const stale = await trial('silenced');
      writeFileSync(path, TEXT);
      expect([stale.status, stale.stderr]).toEqual([0, '']);
      expect(stale.stdout).toContain(
        'information[stale-ignore]: This comment ignores missing-depend of sys-libs/zlib',
      );
      expect(stale.stdout).toContain('fix: Remove the stale comment');
      expect(stale.stdout).toContain('Result of the trial');
    },
    TIMEOUT,
  );

  once(
    'that are damaged are told of once, and made anew',
    async () => {
      const before = new Set(stored());
      await trial('second');
      const own = stored().filter((name) => !before.has(name));
      expect(own).toHaveLength(1);
      for (const name of own) truncateSync(join(folder(), name), 50);
      const redone = await trial('second');
      expect(redone.status).toBe(0);
      expect(redone.complaints).toEqual([
        expect.stringMatching(/^ebuild-audit: The stored record \S+ is damaged and is ignored: /),
      ]);
      expect((await trial('second')).complaints).toEqual([]);
    },
    TIMEOUT,
  );

  can(
    'of two commands at once on one ebuild do not mix',
    async () => {
      const runs = await Promise.all([trial('third'), trial('third')]);
      const logs = runs.map(({ stdout }) => /Build log: (.+)/.exec(stdout)?.[1] ?? '');
      expect(runs.map(({ status }) => status)).toEqual([0, 0]);
      // The later one takes over what the earlier one has built by then: nothing, some steps, or all of it.
      for (const log of logs) expect(readFileSync(log, 'utf8').match(COMPILED)).toHaveLength(1);
      expect((await trial('third')).stdout).toContain('Result of the trial');
      expect(product.trials(as)).toEqual([]);
    },
    TIMEOUT,
  );

  can(
    'answer for several files at once, and are gone when they are pruned',
    async () => {
      const files = NAMES.map((name) => join(repository, pathOf(name)));
      const { status, stdout, complaints } = await product.run(as, ['trial', '--jobs', '2', ...files]);
      expect([status, complaints]).toEqual([0, []]);
      for (const file of files) expect(stdout).toContain(`${file}: clean: `);
      const { stdout: pruned } = await product.run(as, ['prune', '--all']);
      expect(pruned).toMatch(
        /^records: \d+ removed, [\d.]+ KiB freed\nsnapshots: .+\nlogs: \d+ removed, .+\nroots: 0 removed, .+\nlayers: 0 removed, .+\n$/,
      );
      expect(stored()).toEqual([]);
    },
    TIMEOUT,
  );

  once(
    'are none of a trial that a limit ended',
    async () => {
      const name = 'dev-test/endless/endless-1.ebuild';
      const file = join(
        product.repository(`endless-${as}`, { [name]: tinyEbuild('src_compile() { sleep 60; }') }),
        name,
      );
      const before = stored();
      const run = await product.run(as, ['trial', '--limit', 'time=3s', file]);
      expect(run.status).toBe(2);
      expect(run.complaints).toEqual([expect.stringMatching(/longer than 3 s: .*--limit time=/)]);
      expect(stored()).toEqual(before);
    },
    TIMEOUT,
  );
});
