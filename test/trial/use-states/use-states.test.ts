import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { UserError } from '../../../server/src/errors/user-error.ts';
import { NOTHING_NAMED } from '../../../server/src/host/named-paths.ts';
import type { EvaluatedMetadata } from '../../../server/src/package-manager/port.ts';
import { isAllowed, parseRequiredUse } from '../../../server/src/pms/required-use.ts';
import type { TrialProgress } from '../../../server/src/trial/trial.ts';
import { chooseStates, type UseMetadata } from '../../../server/src/trial/use-states/choose-states.ts';
import { tryStates } from '../../../server/src/trial/use-states/try-states.ts';
import { makeRecord, NOTHING_DECLARED } from '../../support/trial-record.ts';

const describeMetadata = (change: Partial<UseMetadata>): UseMetadata => ({
  eapi: '8',
  iuse: [],
  use: ['amd64', 'elibc_glibc'],
  requiredUse: '',
  fixedUse: [],
  expandedUse: [],
  ...change,
});
const differences = (change: Partial<UseMetadata>, kind: 'single' | 'pairwise' = 'single') =>
  chooseStates(describeMetadata(change), kind).states.map(({ difference }) => difference);

const ALL_FLAGS = { kind: 'single', flags: undefined } as const;

describe('the states to try', () => {
  test('are all off and each flag alone on, but not the configured one', () => {
    expect(differences({ iuse: ['png', 'ssl'] })).toEqual(['png', 'ssl']);
    expect(differences({ iuse: ['png', 'ssl'], use: ['png'] })).toEqual(['-png', '-png ssl']);
    expect(differences({})).toEqual([]);
  });

  test('set each flag that can be chosen, so that no other setting applies to it', () => {
    const { states } = chooseStates(
      describeMetadata({ iuse: ['png', 'ssl', 'png'], use: ['png'] }),
      'single',
    );
    expect(states.map(({ setting }) => setting)).toEqual([
      ['-png', '-ssl'],
      ['-png', 'ssl'],
    ]);
  });

  test('turn on only the flags that were asked for, and say which others there are', () => {
    const metadata = describeMetadata({ iuse: ['a', 'b', 'c'], use: ['a'] });
    expect(chooseStates(metadata, 'single', ['b'])).toMatchObject({
      states: [{ difference: '-a' }, { difference: '-a b' }],
      free: ['b'],
      gaps: ['untried flags that were not asked for (a, c)'],
    });
    expect(chooseStates(metadata, 'pairwise', ['b', 'c']).states).toHaveLength(4);
    expect(() => chooseStates(metadata, 'single', ['b', 'x', 'y'])).toThrow(
      'IUSE has no flag x, y: name flags of the ebuild, or none to try all.',
    );
  });

  test('include each two on with pairwise, and test alone', () => {
    expect(differences({ iuse: ['a', 'b', 'c', 'test'] }, 'pairwise')).toEqual([
      'a',
      'b',
      'c',
      'test',
      'a b',
      'a c',
      'b c',
    ]);
  });

  test('do not change flags of the profile and values of USE_EXPAND variables, and say so', () => {
    const metadata = describeMetadata({
      iuse: ['png', 'selinux', 'python_targets_python3_12', 'python_targets_python3_13'],
      use: ['python_targets_python3_13'],
      fixedUse: ['selinux', 'python_targets_python3_12'],
      expandedUse: ['python_targets_python3_12', 'python_targets_python3_13'],
    });
    expect(chooseStates(metadata, 'pairwise')).toMatchObject({
      states: [{ setting: ['png'], difference: 'png' }],
      gaps: [
        'untried flags that the profile forces or masks (selinux)',
        'untried flags of USE_EXPAND variables (python_targets_python3_12, python_targets_python3_13)',
      ],
    });
  });

  test.each<[why: string, requiredUse: string, iuse: string, use: string, states: string[]]>([
    ['with the flags that a flag requires', 'gtk? ( X )', 'X gtk', '', ['X', 'X gtk']],
    ['with one of two always on', '^^ ( gtk2 gtk3 )', 'gtk2 gtk3', 'gtk3', ['gtk2 -gtk3']],
    [
      'nearer to the configured state',
      '|| ( a b c ) d? ( || ( a b ) )',
      'a b c d',
      'b',
      ['a -b', '-b c', 'd'],
    ],
    ['with a chain of two', 'a? ( b ) b? ( !c ) !c? ( d )', 'a b c d', 'c', ['a b -c d', 'b -c d', '-c d']],
    ['with a flag that cannot be chosen', 'elibc_glibc? ( a )', 'a b', 'a', ['b']],
  ])('keep to REQUIRED_USE: %s', (_, requiredUse, iuse, use, states) => {
    const metadata = { iuse: iuse.split(' '), use: [...use.split(' '), 'elibc_glibc'], requiredUse };
    expect(differences(metadata)).toEqual(states);
  });

  test('leave out states that need more than three changes, and say so', () => {
    const requiredUse = 'a? ( b c d e ) f? ( !elibc_glibc )';
    const metadata = describeMetadata({ iuse: [...'abcdef'], use: ['elibc_glibc'], requiredUse });
    expect(chooseStates(metadata, 'single')).toMatchObject({
      states: [...'bcde'].map((flag) => ({
        setting: [...'abcdef'].map((name) => (name === flag ? name : `-${name}`)),
        difference: flag,
      })),
      gaps: ['untried USE states that REQUIRED_USE forbids (a, f)'],
    });
  });

  const FLAGS = [...'abcdefgh'];
  const flag = fc.constantFrom(...FLAGS);
  const leaf = fc.oneof(
    flag,
    flag.map((name) => `!${name}`),
  );
  const constraint: fc.Arbitrary<string> = fc.oneof(
    leaf,
    fc
      .tuple(fc.constantFrom('||', '^^', '??', ''), fc.array(leaf, { minLength: 1, maxLength: 4 }))
      .map(([operator, leaves]) => `${operator} ( ${leaves.join(' ')} )`),
    fc
      .tuple(leaf, fc.constantFrom('', '||', '??'), fc.array(leaf, { minLength: 1, maxLength: 3 }))
      .map(([condition, operator, leaves]) => `${condition}? ( ${operator} ( ${leaves.join(' ')} ) )`),
  );
  const requiredUses = fc.array(constraint, { maxLength: 4 }).map((constraints) => constraints.join(' '));
  const enabledIn = (setting: readonly string[]) => setting.filter((flag) => !flag.startsWith('-'));

  test('are all allowed and all different', () => {
    fc.assert(
      fc.property(
        requiredUses,
        fc.subarray(FLAGS),
        fc.constantFrom('single', 'pairwise'),
        (requiredUse, use, kind) => {
          const { states } = chooseStates(describeMetadata({ iuse: FLAGS, use, requiredUse }), kind);
          const { nodes } = parseRequiredUse(requiredUse);
          for (const { setting } of states) expect(isAllowed(nodes, enabledIn(setting))).toBe(true);
          const names = states.map(({ setting }) => setting.join(' '));
          expect(new Set(names).size).toBe(names.length);
          expect(names).not.toContain(
            FLAGS.map((name) => (use.includes(name) ? name : `-${name}`)).join(' '),
          );
        },
      ),
    );
  });

  test('differ from the wanted ones by as few flags as possible', () => {
    fc.assert(
      fc.property(requiredUses, flag, (requiredUse, on) => {
        const { nodes } = parseRequiredUse(requiredUse);
        const allowed = allSubsets(FLAGS.filter((name) => name !== on))
          .map((others) => [on, ...others])
          .filter((enabled) => isAllowed(nodes, enabled));
        const fewest = Math.min(...allowed.map((enabled) => enabled.length - 1));
        const { states, gaps } = chooseStates(describeMetadata({ iuse: FLAGS, requiredUse }), 'single');
        const sizes = states
          .map(({ setting }) => enabledIn(setting))
          .filter((enabled) => enabled.includes(on))
          .map((enabled) => enabled.length - 1);
        if (fewest <= 3) expect(Math.min(...sizes)).toBe(fewest);
        else expect(gaps.join()).toContain(on);
      }),
    );
  });
});

function allSubsets(flags: readonly string[]): string[][] {
  const [first, ...rest] = flags;
  if (first === undefined) return [[]];
  return allSubsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

describe('trying them', () => {
  const TEXT = 'IUSE="png ssl"\n';
  const metadata: EvaluatedMetadata = {
    ...describeMetadata({ iuse: ['png', 'ssl'] }),
    slot: '0',
    dependencies: NOTHING_DECLARED,
    restrict: '',
    inherited: [],
    definedPhases: [],
    distfiles: [],
    system: [],
    approximations: [],
  };
  const steady = { lasting: true, named: NOTHING_NAMED };
  const first = { record: makeRecord(TEXT, { use: [], gaps: ['a gap'] }), metadata, ...steady };
  const outcomeOf = (use: readonly string[]) => ({
    record: makeRecord(TEXT, { use: use.filter((flag) => !flag.startsWith('-')) }),
    metadata: { ...metadata, use },
    ...steady,
  });

  async function run(runState: Parameters<typeof tryStates>[2]) {
    const records: TrialRecord[] = [];
    const progress: TrialProgress[] = [];
    const listener = {
      progress: (report: TrialProgress) => void progress.push(report),
      record: (record: TrialRecord) => void records.push(record),
    };
    let time = 0;
    const outcome = await tryStates(first, ALL_FLAGS, runState, listener, () => (time += 1000));
    return { outcome, records, progress };
  }

  test('gives one record with the others as variants, and progress that names the state', async () => {
    const { outcome, records, progress } = await run(async (use, listener) => {
      listener.progress({ phase: 'compile', elapsed: 5, packagesSeen: 7 });
      listener.record(makeRecord(TEXT));
      return outcomeOf(use);
    });
    expect(outcome).toMatchObject({ lasting: true, record: { gaps: ['a gap'] } });
    expect(outcome.record.variants.map(({ use }) => use)).toEqual([['png'], ['ssl']]);
    expect(outcome.metadata.map(({ use }) => use)).toEqual([metadata.use, ['png', '-ssl'], ['-png', 'ssl']]);
    expect(records.map(({ variants }) => variants.length)).toEqual([1, 2]);
    expect(progress).toEqual([
      { phase: 'compile with USE="png" (1 of 2)', elapsed: 1000, packagesSeen: 7 },
      { phase: 'compile with USE="ssl" (2 of 2)', elapsed: 2000, packagesSeen: 7 },
    ]);
  });

  test('goes on after a state that cannot be tried, and says why', async () => {
    const { outcome } = await run(async (use) => {
      if (use.includes('png')) throw new UserError('png.tar.gz is not there: fetch it.');
      return outcomeOf(use);
    });
    expect(outcome.lasting).toBe(false);
    expect(outcome.record.gaps).toEqual(['a gap', 'USE="png": png.tar.gz is not there: fetch it.']);
    expect(outcome.record.variants.map(({ use }) => use)).toEqual([['ssl']]);
  });

  test('goes on after a state that fails, and tries its flag with another one', async () => {
    const failure = { phase: 'compile', firstError: 'ssl.c:1: error' };
    const { outcome } = await run(async (use) => {
      const { record, ...rest } = outcomeOf(use);
      const failed = { outcome: 'failed', failure, gaps: ['a gap', 'another'] } as const;
      return { ...rest, record: use.includes('ssl') ? { ...record, ...failed } : record };
    });
    expect(outcome.lasting).toBe(true);
    expect(outcome.record.gaps).toEqual(['a gap', 'another']);
    expect(outcome.record.variants.map(({ use, outcome: ended }) => `${use.join(' ')} ${ended}`)).toEqual([
      'png passed',
      'ssl failed',
      'png ssl failed',
    ]);
  });

  /** The states that are tried, with what a trial in each of them observes. */
  async function listTried(
    flags: string,
    evaluated: Partial<TrialRecord['evaluated']>,
    observe: (use: readonly string[]) => Partial<TrialRecord>,
  ): Promise<string[]> {
    const iuse = flags.split(' ');
    const inState = (use: readonly string[]) => ({
      record: makeRecord(TEXT, { use, evaluated: { ...NOTHING_DECLARED, ...evaluated }, ...observe(use) }),
      metadata: { ...metadata, ...describeMetadata({ iuse, use }) },
      ...steady,
    });
    const { record } = await tryStates(
      inState([]),
      ALL_FLAGS,
      async (setting) => inState(setting.filter((flag) => !flag.startsWith('-'))),
      { progress() {}, record() {} },
      () => 0,
    );
    return [...record.variants.map(({ use }) => use.join(' ')), ...record.gaps];
  }
  const failure = { phase: 'compile', firstError: 'x.c:1: error' };

  test('stops at the flag beside which a failing one passes', async () => {
    const observe = (use: readonly string[]): Partial<TrialRecord> =>
      use.includes('vala') && !use.includes('gir') ? { outcome: 'failed', failure } : {};
    expect(await listTried('doc gir nls test vala', {}, observe)).toEqual([
      ...'doc gir nls test vala'.split(' '),
      'doc vala',
      'gir vala',
    ]);
  });

  test('tries the pair under which an atom is declared', async () => {
    expect(await listTried('a b c', { RDEPEND: 'c? ( !b? ( x/z ) a? ( x/y ) )' }, () => ({}))).toEqual([
      ...'abc',
      'a c',
    ]);
  });

  test('tries the flag of an atom that seems unused with the others, and says what it did not try', async () => {
    const same = (use: readonly string[]): Partial<TrialRecord> => ({
      removals: use.includes('b')
        ? [{ variable: 'DEPEND', atom: 'x/y', outcome: 'same', tested: false, differences: [] }]
        : [],
    });
    const evaluated = { DEPEND: 'b? ( x/y )' };
    expect(await listTried('a b', evaluated, same)).toEqual(['a', 'b', 'a b']);
    expect(await listTried('a b', evaluated, (use) => (use.length === 2 ? {} : same(use)))).toEqual([
      'a',
      'b',
      'a b',
    ]);
    const many = await listTried('b c d e f g h i', evaluated, same);
    expect(many.slice(8)).toEqual([
      ...'cdefgh'.split('').map((flag) => `b ${flag}`),
      'untried pairs of flags (b with i)',
    ]);
  });

  test('rejects with any other error, such as that of a cancelled trial', async () => {
    await expect(
      run(async () => {
        throw new Error('cancelled');
      }),
    ).rejects.toThrow('cancelled');
  });
});
