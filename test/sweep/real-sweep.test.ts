/** Sweeps over tiny ebuilds, with real trials. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { validate } from '../cli/schemas.ts';
import { expectNothingLeft, tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. A trial takes a second or two; several at once on a busy machine take longer. */
const TIMEOUT = 90_000;

const LACKING = tinyEbuild("src_compile() { echo '#include <zlib.h>' | gcc -E - > /dev/null || die; }");
const SLOW = tinyEbuild('src_compile() { sleep 60; }');
const pathOf = (name: string) => `dev-test/${name}/${name}-1.ebuild`;

let product: Product;
beforeAll(async () => {
  if (missingForTrials === undefined) product = await openProduct();
});
afterAll(() => product?.remove());

/** The lines of the ebuilds in a journal, each of which is what the schema says. */
function readLines(output: string): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(join(output, 'sweep.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  for (const line of lines) expect(validate('sweep', line)).toEqual([]);
  return lines.filter(({ file }) => file !== undefined);
}

describe('ebuild-audit sweep', () => {
  can(
    'tries the ebuilds of a repository and reports them; the next sweep knows what is new, and records answer it',
    async () => {
      const repository = product.repository('overlay', {
        [pathOf('clean')]: tinyEbuild(''),
        [pathOf('lacking')]: LACKING,
        'dev-test/lacking/lacking-9999.ebuild': LACKING,
      });
      const [first, second] = ['first', 'second'].map((name) => join(product.home('user'), name));
      const run = await product.run('user', [
        'sweep',
        repository,
        '--quick',
        '--jobs',
        '2',
        '--output',
        first ?? '',
      ]);
      expect([run.status, run.complaints]).toEqual([1, []]);
      expect(run.stdout).toBe(
        `2 ebuilds: 1 clean, 1 with errors or warnings, 0 not judged, 0 not tried.\nReport: ${first}/index.html\n`,
      );
      expect(run.stderr).toMatch(/^sweep: 0 of 2, 1 running, about \d/);
      const lines = new Map(readLines(first ?? '').map((line) => [line.package, line]));
      expect(lines.get('dev-test/clean-1')).toMatchObject({ outcome: 'passed', judged: true, findings: [] });
      expect(lines.get('dev-test/lacking-1')).toMatchObject({
        repository: 'overlay',
        judged: true,
        findings: [{ code: 'missing-depend', severity: 'error' }],
        identities: [expect.stringMatching(/^missing-depend\nfault\n.*sys-libs\/zlib/)],
        storedAt: null,
        maintainers: ['maintainer-needed@gentoo.org'],
      });
      expect(readFileSync(join(first ?? '', 'index.html'), 'utf8')).toContain('All trials have ended.');

      const words = ['sweep', repository, '--quick', '--since', first ?? '', '--output', second ?? ''];
      const again = await product.run('user', words);
      expect([again.status, again.complaints]).toEqual([1, []]);
      expect(again.stdout).toContain('\nNew findings since the last sweep: 0.\n');
      for (const { storedAt } of readLines(second ?? '')) expect(storedAt).toMatch(/^20/);
      expectNothingLeft(product, 'user');
    },
    TIMEOUT,
  );

  can(
    'stops at once after Ctrl-C, and goes on with --resume',
    async () => {
      const repository = product.repository('slow', {
        [pathOf('first')]: tinyEbuild(''),
        [pathOf('slow')]: SLOW,
      });
      const output = join(product.home('user'), 'slow');
      const words = ['sweep', repository, '--quick', '--output', output];
      const running = product.start('user', words);
      while (!existsSync(output) || readLines(output).length === 0) await sleep(50);
      // The second trial is under way.
      await sleep(1500);
      running.child.kill('SIGINT');
      const stopped = await running.done;
      expect([stopped.status, stopped.complaints]).toEqual([
        2,
        ['ebuild-audit: The sweep was stopped; go on with the same command and --resume.'],
      ]);
      expect(readLines(output).map((line) => line.package)).toEqual(['dev-test/first-1']);
      expect(readFileSync(join(output, 'index.html'), 'utf8')).toContain('1 ebuild of 2 has ended so far.');

      expect((await product.run('user', words)).complaints[0]).toMatch(
        /has a sweep already: go on with --resume/,
      );
      writeFileSync(join(repository, pathOf('slow')), tinyEbuild(''));
      const resumed = await product.run('user', [...words, '--resume']);
      expect([resumed.status, resumed.complaints]).toEqual([0, []]);
      expect(readLines(output).map((line) => line.package)).toEqual(['dev-test/first-1', 'dev-test/slow-1']);
      expectNothingLeft(product, 'user');
    },
    TIMEOUT,
  );
});
