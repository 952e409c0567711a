/** Several ebuilds whose trials depend on each other, and their binary packages. */
import { describe, expect, test } from 'vitest';
import type { NamedFile, Pack } from '../../server/src/cli/file-trial.ts';
import { runTrialCommand, type TrialCommandWorld } from '../../server/src/cli/trial-command.ts';
import { inGivenOrder } from '../../server/src/cli/trial-order.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { command, judgeFor, openBench } from './fakes.ts';
import { validate } from './schemas.ts';

const named = (name: string): NamedFile => ({
  file: `${name}.ebuild`,
  path: `/repo/dev/${name}/${name}.ebuild`,
});
const [first, second, third, fourth] = [named('c-1'), named('b-1'), named('a-1'), named('x-1')];
const files = [first, second, third, fourth];
/** c needs b, b needs a. */
const order: NonNullable<TrialCommandWorld['order']> = async () => ({
  files: [
    { named: third, needs: [] },
    { named: fourth, needs: [] },
    { named: second, needs: [third] },
    { named: first, needs: [second] },
  ],
  complaints: ['A cycle.'],
});

function openChain(pack?: Pack) {
  const bench = openBench({ text: 'DEPEND=""\n', judge: judgeFor([]) });
  for (const { path } of files) bench.files.set(path, 'DEPEND=""\n');
  const tried = () => bench.requests.map(({ file }) => file.slice(-10));
  return { ...bench, tried, world: { ...bench.world, order, ...(pack && { pack }) } };
}

describe('several ebuilds', () => {
  test.each([1, 3])('are tried in the order of their dependencies, %i at once', async (jobs) => {
    const packed: string[] = [];
    const running = new Set<string>();
    const pack: Pack = async ({ file }) => {
      running.add(file);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running.delete(file);
      packed.push(file);
      return `/packages/${file}`;
    };
    const chain = openChain(pack);
    expect(await runTrialCommand(command({ files, jobs }), chain.world)).toBe(0);
    expect(packed.filter((file) => file !== 'x-1.ebuild')).toEqual([
      'a-1.ebuild',
      'b-1.ebuild',
      'c-1.ebuild',
    ]);
    expect(chain.complaints).toEqual(['A cycle.']);
    expect(chain.printed.join('\n')).toContain('Binary package: /packages/b-1.ebuild');
  });

  test('that depend on one without a package are not tried, and the others are', async () => {
    const chain = openChain(async ({ file }) => {
      if (file === 'a-1.ebuild') throw new UserError('No binary package was written, because of this.');
      return '/packages/x';
    });
    expect(await runTrialCommand(command({ files, format: 'json' }), chain.world)).toBe(2);
    expect(chain.tried()).toEqual(['a-1.ebuild', 'x-1.ebuild']);
    expect(chain.complaints).toEqual([
      'A cycle.',
      'a-1.ebuild: No binary package was written, because of this.',
      'b-1.ebuild was not tried, because there is no binary package of a-1.ebuild, which it depends on: fix that first.',
      'c-1.ebuild was not tried, because there is no binary package of b-1.ebuild, which it depends on: fix that first.',
    ]);
    // In the order of the arguments.
    const document = JSON.parse(chain.printed.join(''));
    expect(document.map(({ file, problem }: Record<string, unknown>) => [file, typeof problem])).toEqual([
      ['c-1.ebuild', 'string'],
      ['b-1.ebuild', 'string'],
      ['a-1.ebuild', 'undefined'],
      ['x-1.ebuild', 'undefined'],
    ]);
    expect(validate('trial', document)).toEqual([]);
    expect(document[3].binaryPackage).toBe('/packages/x');
    expect(document[2]).not.toHaveProperty('binaryPackage');
  });

  test('are all tried without binary packages, whatever one of them gives', async () => {
    const chain = openChain();
    const world = { ...chain.world, readFile: async (path: string) => chain.files.get(path) ?? '' };
    chain.files.delete(third.path);
    expect(await runTrialCommand(command({ files }), world)).toBe(0);
    expect(chain.tried()).toEqual(['a-1.ebuild', 'x-1.ebuild', 'b-1.ebuild', 'c-1.ebuild']);
  });

  test('are not sorted if there is only one', () => {
    expect(inGivenOrder([first])).toEqual({ files: [{ named: first, needs: [] }], complaints: [] });
  });
});

describe('the binary package of a trial', () => {
  const packAll: Pack = async ({ result }) => `/packages/of-${result.text.length}`;
  const run = async (options: Parameters<typeof openBench>[0], flags: object, pack: Pack = packAll) => {
    const bench = openBench(options);
    const status = await runTrialCommand(command(flags), { ...bench.world, pack });
    return { status, lines: bench.printed.filter((line) => line.includes('Binary')), ...bench };
  };
  const lacking = { text: 'DEPEND=""\n', judge: judgeFor(['a/a']) };

  test('is that of the second trial, if a fix was verified', async () => {
    const { status, lines, built } = await run(lacking, { fix: true, verify: true });
    expect([status, lines]).toEqual([0, [`Binary package: /packages/of-${built[1]?.length}`]]);
  });

  test('is not written for a text that was not tried', async () => {
    const { status, lines, complaints } = await run(lacking, { fix: true });
    expect([status, lines]).toEqual([1, []]);
    expect(complaints).toEqual([
      'No binary package was written, because the fixed text has not been tried: use --fix with --verify.',
    ]);
  });

  test('that cannot be written makes a clean trial end with 2, and keeps the status of findings', async () => {
    const refuse: Pack = async () => {
      throw new UserError('The disk is full.');
    };
    const clean = await run({ text: 'DEPEND=""\n', judge: judgeFor([]) }, {}, refuse);
    expect([clean.status, clean.complaints]).toEqual([2, ['The disk is full.']]);
    expect((await run(lacking, {}, refuse)).status).toBe(1);
  });

  test('is cancelled with the command', async () => {
    const abort = new AbortController();
    const bench = openBench({ text: 'DEPEND=""\n', judge: judgeFor([]) });
    const pack: Pack = async () => {
      abort.abort(new Error('cancelled'));
      throw new UserError('This is of no use any more.');
    };
    await expect(runTrialCommand(command(), { ...bench.world, pack }, abort.signal)).rejects.toThrow(
      'cancelled',
    );
    expect(bench.complaints).toEqual([]);
  });
});
