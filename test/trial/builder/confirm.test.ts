import { describe, expect, test } from 'vitest';
import type { Denial } from '../../../server/src/trace/denial.ts';
import { type Attempt, confirmDenials, rankByOutput } from '../../../server/src/trial/builder/confirm.ts';

const namesOf = (denials: readonly Denial[]) => denials.map((denied) => denied.package.name);

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

/** A build that passes each phase only if everything in `needs` is visible, and is otherwise denied the hidden packages of `asks`. */
function project(phases: Record<string, { needs: string[]; asks: string[] }>) {
  const builds: string[][] = [];
  const build = async (revealed: readonly Denial[]): Promise<Attempt> => {
    const shown = namesOf(revealed);
    builds.push(shown);
    for (const [phase, { needs, asks }] of Object.entries(phases)) {
      if (needs.every((name) => shown.includes(name))) continue;
      return {
        passed: false,
        failure: { phase, firstError: 'no' },
        denials: asks.filter((name) => !shown.includes(name)).map((name) => denial(name, phase)),
      };
    }
    return { passed: true, failure: undefined, denials: [] };
  };
  const confirm = async () => {
    const calls: string[] = [];
    const result = await confirmDenials(
      await build([]),
      build,
      (suspect) => calls.push(`? ${suspect.package.name}`),
      (proven) => calls.push(`! ${namesOf(proven).join(' ')}`),
    );
    return {
      required: namesOf(result.required),
      passed: result.outcome.passed,
      calls,
      builds,
    };
  };
  return { confirm };
}

test('builds stop after the phase in question, and the required packages are built with to the end', async () => {
  const builds: string[] = [];
  const failed: Attempt = {
    passed: false,
    failure: { phase: 'prepare', firstError: 'no' },
    denials: [denial('gawk', 'prepare'), denial('png', 'prepare')],
  };
  const { required, outcome } = await confirmDenials(
    failed,
    async (shown, until) => {
      builds.push([...namesOf(shown), ...(until === undefined ? [] : [`until ${until}`])].join(' '));
      const passed = namesOf(shown).includes('png');
      return passed
        ? { passed, failure: undefined, denials: [], ...(until && { stopped: true as const }) }
        : failed;
    },
    () => {},
    () => {},
  );
  expect(namesOf(required)).toEqual(['png']);
  expect(outcome.stopped).toBeUndefined();
  expect(builds).toEqual(['gawk until prepare', 'gawk png until prepare', 'png until prepare', 'png']);
});

test('denials before the phase that failed come last, those that the output names first among them', () => {
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
  expect(namesOf(rankByOutput(denials, output, 'configure'))).toEqual(['gawk', 'pkgconf', 'vala']);
  expect(namesOf(rankByOutput(denials, output))).toEqual(['gawk', 'vala', 'pkgconf']);
});

describe('the denied packages that a build needs', () => {
  test('are none if nothing failed', async () => {
    expect(await project({}).confirm()).toMatchObject({ required: [], passed: true, builds: [[]] });
  });

  test('the last denial is the cause: one more build proves it', async () => {
    const found = await project({ compile: { needs: ['png'], asks: ['png', 'gawk', 'nasm'] } }).confirm();
    expect(found).toEqual({
      required: ['png'],
      passed: true,
      calls: ['? png', '! png'],
      builds: [[], ['png']],
    });
  });

  test('a probe that came later is not blamed', async () => {
    const found = await project({ configure: { needs: ['png'], asks: ['gawk', 'png', 'nasm'] } }).confirm();
    expect(found).toMatchObject({ required: ['png'], passed: true });
  });

  test('two that are both required are both found', async () => {
    const found = await project({
      configure: { needs: ['png', 'tiff'], asks: ['gawk', 'png', 'nasm', 'tiff'] },
    }).confirm();
    expect(found.required.sort()).toEqual(['png', 'tiff']);
    expect(found.passed).toBe(true);
  });

  test('a package that one phase requires stays visible in the next phase', async () => {
    const found = await project({
      configure: { needs: ['pkgconf'], asks: ['pkgconf'] },
      compile: { needs: ['png'], asks: ['png'] },
    }).confirm();
    expect(found.calls).toEqual(['? pkgconf', '! pkgconf', '? png', '! pkgconf png']);
    expect(found.builds.at(-1)).toEqual(['pkgconf', 'png']);
  });

  test('a build that fails for another reason requires no package', async () => {
    const found = await project({
      compile: { needs: ['a correct program'], asks: ['gawk', 'nasm'] },
    }).confirm();
    expect(found).toMatchObject({ required: [], passed: false });
  });

  test('the reported failure is the one that no package explains', async () => {
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

  test('a failure without a denial needs no further build', async () => {
    const found = await project({ compile: { needs: ['a correct program'], asks: [] } }).confirm();
    expect(found).toMatchObject({ required: [], passed: false, builds: [[]] });
  });
});
