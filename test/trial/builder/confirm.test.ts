import { describe, expect, test } from 'vitest';
import type { Denial } from '../../../server/src/trace/denial.ts';
import type { BuildOutcome } from '../../../server/src/trial/builder/build-plan.ts';
import { type Attempt, confirmDenials, rankByOutput } from '../../../server/src/trial/builder/confirm.ts';

function denial(name: string, phase = 'compile'): Denial {
  return {
    package: { category: 'cat', name, version: '1', slot: '0', subslot: '0', use: [] },
    phase,
    variable: 'DEPEND',
    evidence: [],
    last: 0,
    kinds: ['header'],
    bounds: [],
    weak: false,
  };
}

/** A build that passes each phase only when everything it needs is shown, and asks for `asks` while something is hidden. */
function project(phases: Record<string, { needs: string[]; asks: string[] }>) {
  const builds: string[][] = [];
  const build = async (revealed: readonly Denial[]): Promise<BuildOutcome> => {
    const shown = revealed.map((one) => one.package.name);
    builds.push(shown);
    for (const [phase, { needs, asks }] of Object.entries(phases)) {
      if (needs.every((name) => shown.includes(name))) continue;
      return {
        passed: false,
        failure: { phase, firstError: 'no' },
        denials: asks.filter((name) => !shown.includes(name)).map((name) => denial(name, phase)),
      } as unknown as BuildOutcome;
    }
    return { passed: true, failure: undefined, denials: [] } as unknown as BuildOutcome;
  };
  const confirm = async () => {
    const told: string[] = [];
    const result = await confirmDenials(
      await build([]),
      build,
      (suspect) => told.push(`? ${suspect.package.name}`),
      (proven) => told.push(`! ${proven.map((one) => one.package.name).join(' ')}`),
    );
    return {
      required: result.required.map((one) => one.package.name),
      passed: result.outcome.passed,
      told,
      builds,
    };
  };
  return { confirm };
}

test('what only goes as far as the phase in question is built to its end once it is known what is needed', async () => {
  const builds: string[] = [];
  const failed: Attempt = {
    passed: false,
    failure: { phase: 'prepare', firstError: 'no' },
    denials: [denial('gawk', 'prepare'), denial('png', 'prepare')],
  };
  const { required, outcome } = await confirmDenials(
    failed,
    async (shown, until) => {
      builds.push(
        [...shown.map((one) => one.package.name), ...(until === undefined ? [] : [`until ${until}`])].join(
          ' ',
        ),
      );
      const passed = shown.some((one) => one.package.name === 'png');
      return passed
        ? { passed, failure: undefined, denials: [], ...(until && { stopped: true as const }) }
        : failed;
    },
    () => {},
    () => {},
  );
  expect(required.map((one) => one.package.name)).toEqual(['png']);
  expect(outcome.stopped).toBeUndefined();
  expect(builds).toEqual(['gawk until prepare', 'gawk png until prepare', 'png until prepare', 'png']);
});

test('what was denied before the phase that failed comes last, and first of it what the output names', () => {
  const named = (name: string, phase: string, path: string): Denial => ({
    ...denial(name, phase),
    evidence: [{ phase, program: '', chain: [], operation: 'read', path, result: 'denied', count: 1 }],
  });
  const denials = [
    named('gawk', 'configure', '/usr/bin/gawk'),
    named('vala', 'prepare', '/usr/share/aclocal/vala.m4'),
    named('pkgconf', 'prepare', '/usr/share/aclocal/pkg.m4'),
  ];
  const output = "./configure: line 5222: `PKG_CHECK_MODULES(LIBARCHIVE, libarchive)'";
  const tell = (phase?: string) => rankByOutput(denials, output, phase).map((one) => one.package.name);
  expect(tell('configure')).toEqual(['gawk', 'pkgconf', 'vala']);
  expect(tell()).toEqual(['gawk', 'vala', 'pkgconf']);
});

describe('which of the denied packages a build needs', () => {
  test('nothing was denied and nothing failed', async () => {
    expect(await project({}).confirm()).toMatchObject({ required: [], passed: true, builds: [[]] });
  });

  test('the last denial is the cause: one more build proves it', async () => {
    const found = await project({ compile: { needs: ['png'], asks: ['png', 'gawk', 'nasm'] } }).confirm();
    expect(found).toEqual({
      required: ['png'],
      passed: true,
      told: ['? png', '! png'],
      builds: [[], ['png']],
    });
  });

  test('a probe that came later is not blamed', async () => {
    const found = await project({ configure: { needs: ['png'], asks: ['gawk', 'png', 'nasm'] } }).confirm();
    expect(found).toMatchObject({ required: ['png'], passed: true });
  });

  test('two that are both needed are both found', async () => {
    const found = await project({
      configure: { needs: ['png', 'tiff'], asks: ['gawk', 'png', 'nasm', 'tiff'] },
    }).confirm();
    expect(found.required.sort()).toEqual(['png', 'tiff']);
    expect(found.passed).toBe(true);
  });

  test('what one phase needs is kept while the next is looked at', async () => {
    const found = await project({
      configure: { needs: ['pkgconf'], asks: ['pkgconf'] },
      compile: { needs: ['png'], asks: ['png'] },
    }).confirm();
    expect(found.told).toEqual(['? pkgconf', '! pkgconf', '? png', '! pkgconf png']);
    expect(found.builds.at(-1)).toEqual(['pkgconf', 'png']);
  });

  test('a build that fails for another reason names nobody', async () => {
    const found = await project({
      compile: { needs: ['a correct program'], asks: ['gawk', 'nasm'] },
    }).confirm();
    expect(found).toMatchObject({ required: [], passed: false });
  });

  test('the failure that is told is the one that no package explains', async () => {
    const failed = (firstError: string, ...denials: Denial[]): Attempt => ({
      passed: false,
      failure: { phase: 'configure', firstError },
      denials,
    });
    const { required, outcome } = await confirmDenials(
      failed('pkg-config: not found', denial('pkgconf', 'configure')),
      async () => failed('libfoo.so is broken'),
      () => {},
      () => {},
    );
    expect(required).toEqual([]);
    expect(outcome.failure?.firstError).toBe('libfoo.so is broken');
  });

  test('a failure without any denial is tried no further', async () => {
    const found = await project({ compile: { needs: ['a correct program'], asks: [] } }).confirm();
    expect(found).toMatchObject({ required: [], passed: false, builds: [[]] });
  });
});
