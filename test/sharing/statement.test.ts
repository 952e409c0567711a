import { hostname } from 'node:os';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { withoutMachineNames } from '../../server/src/sharing/machine-names.ts';
import { isOwnResult, readStatement, type SharedRecord } from '../../server/src/sharing/statement.ts';
import { IMAGE, judge, makeInputs, makePayload, NO_NAMES, TEXT } from './made-records.ts';
import { RICH } from './rich-record.ts';

const payload = makePayload(RICH);
const json = () => JSON.parse(payload.toString());
const read = (value: unknown) => readStatement(Buffer.from(JSON.stringify(value)));
const problemOf = (value: unknown) => (read(value) as { problem: string }).problem;

describe('a statement', () => {
  test('is in-toto, and its subjects are the inputs and the images', () => {
    const { _type, predicateType, subject } = json();
    expect([_type, predicateType]).toEqual([
      'https://in-toto.io/Statement/v1',
      'https://github.com/ebuild-audit/ebuild-audit/record/v1',
    ]);
    expect(subject).toEqual([
      { name: 'inputs', digest: { sha256: (read(json()) as SharedRecord).inputsDigest } },
      { name: 'image USE=""', digest: { sha256: IMAGE } },
      { name: 'image USE="png"', digest: { sha256: 'ef'.repeat(32) } },
    ]);
  });

  test('brings the whole record but the log, the times and the comments that ignore findings', () => {
    const { record } = read(json()) as SharedRecord;
    const bare = (state: TrialRecord): TrialRecord => ({ ...state, log: '', text: TEXT });
    expect(record).toEqual({ ...bare(record), variants: record.variants.map(bare) });
    for (const key of Object.keys(RICH) as (keyof TrialRecord)[])
      if (!['log', 'storedAt', 'sharedBy', 'variants', 'text'].includes(key))
        expect(record[key]).toEqual(RICH[key]);
    expect(payload.toString()).not.toContain('/logs/');
  });

  test('is the same text whatever the order of keys was', () => {
    const turned = Object.fromEntries(Object.entries(RICH).reverse());
    expect(makePayload(turned).equals(payload)).toBe(true);
  });

  test('states the findings of its own record', () => {
    const shared = read(json()) as SharedRecord;
    expect(shared.result.findings.length).toBeGreaterThan(0);
    expect(isOwnResult(shared, judge(shared.record))).toBe(true);
    const changed = json();
    changed.predicate.result.findings.pop();
    const lie = read(changed) as SharedRecord;
    expect(isOwnResult(lie, judge(lie.record))).toBe(false);
  });
});

describe('a statement is refused', () => {
  const changed = (edit: (value: ReturnType<typeof json>) => void) => {
    const value = json();
    edit(value);
    return problemOf(value);
  };
  test('if its parts do not belong together', () => {
    expect(changed((value) => value.predicate.inputs.packages.pop())).toBe(
      'its subjects are not the digests of its inputs and images',
    );
    expect(changed((value) => value.subject.pop())).toBe(
      'its subjects are not the digests of its inputs and images',
    );
    expect(changed((value) => (value.predicate.record.bareText += ' '))).toBe(
      'its record is of another package or package manager than its inputs',
    );
    expect(
      changed(({ predicate: { record } }) => {
        record.text += ' ';
        record.bareText += ' ';
        for (const state of record.variants) state.text = state.bareText = record.text;
      }),
    ).toBe('its record is of another text than its inputs');
    expect(changed((value) => (value.predicate.basis.packages = 'visible'))).toBe(
      'its inputs leave out packages on which its findings depend',
    );
    expect(changed((value) => (value.predicate.basis.dependencies.DEPEND = ''))).toBe(
      'its inputs follow from other dependencies than those of its record',
    );
    expect(
      changed(({ predicate: { record, result } }) => {
        record.outcome = record.variants[0].outcome = result.outcome = 'failed';
      }),
    ).toBe('its build failed for a reason that says nothing about dependencies');
  });

  test.each([
    [
      '_type',
      (value: ReturnType<typeof json>) => (value._type = 'x'),
      '_type is not "https://in-toto.io/Statement/v1"',
    ],
    [
      'an atom',
      (value: ReturnType<typeof json>) => (value.predicate.record.needs[0].atom = 'sys-libs/zlib"; id; "'),
      'predicate.record.needs[0].atom is not an atom',
    ],
    [
      'a line break in a name',
      (value: ReturnType<typeof json>) => (value.predicate.record.needs[0].package.name = 'a\nb'),
      'predicate.record.needs[0].package.name is not the name of a package',
    ],
    [
      'an eclass',
      (value: ReturnType<typeof json>) => (value.predicate.record.needs[0].eclasses = ['a b']),
      'predicate.record.needs[0].eclasses[0] is not the name of an eclass',
    ],
    [
      'a state of a state',
      (value: ReturnType<typeof json>) =>
        (value.predicate.record.variants[0].variants = [structuredClone(value.predicate.record.variants[0])]),
      'predicate.record.variants[0].variants is too long',
    ],
    [
      'a path that leads up',
      (value: ReturnType<typeof json>) => (value.predicate.basis.named.unowned = ['/etc/../root/.ssh/id']),
      'predicate.basis.named.unowned[0] is not a path',
    ],
    [
      'a distfile elsewhere',
      (value: ReturnType<typeof json>) => (value.predicate.basis.distfiles = ['../x']),
      'predicate.basis.distfiles[0] is not the name of a distfile',
    ],
    [
      'a running trial',
      (value: ReturnType<typeof json>) => (value.predicate.record.outcome = 'running'),
      'predicate.record.outcome is not "passed" or "failed"',
    ],
    [
      'a digest',
      (value: ReturnType<typeof json>) => (value.predicate.record.image = 'x'),
      'predicate.record.image is not a SHA-256',
    ],
    [
      'a huge count',
      (value: ReturnType<typeof json>) => (value.predicate.record.needs[0].evidence[0].count = 1e300),
      'predicate.record.needs[0].evidence[0].count is not a number',
    ],
  ])('for %s', (_, edit, problem) => {
    expect(changed(edit)).toBe(`its statement has another form (${problem})`);
  });

  test('if it is not JSON, or deeper than any', () => {
    expect(readStatement(Buffer.from('{'))).toEqual({ problem: 'its statement is not JSON' });
    for (const depth of [1000, 1_000_000])
      expect(readStatement(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))).toMatchObject({
        problem: expect.stringMatching(/^its statement (?:has another form|is not JSON)/),
      });
  });

  test('or judged without a crash, whatever a value is replaced by', () => {
    const paths = [...placesIn(json())];
    const anything = fc.oneof(
      fc.constantFrom(null, true, 0, -1, 1e308, '', '\0', '\u202e', '"; id; "', [], {}, [[]], '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.nat(paths.length - 1), anything, (at, by) => {
        const value = json();
        put(value, paths[at] ?? [], by);
        const shared = read(value);
        if ('problem' in shared) expect(shared.problem).toMatch(/^its /);
        else judge(shared.record);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });
});

/** The path of every value in plain data. */
function* placesIn(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<readonly (string | number)[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value))
    yield* placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
}

function put(value: unknown, path: readonly (string | number)[], by: unknown): void {
  const last = path.at(-1) ?? '';
  const holder = path
    .slice(0, -1)
    .reduce((inner, key) => (inner as Record<string | number, unknown>)[key], value);
  (holder as Record<string | number, unknown>)[last] = by;
}

test('unknown keys are ignored, as in-toto demands, and do not become a part of the record', () => {
  const value = json();
  value.predicate.later = 1;
  value.predicate.record.log = '/etc/passwd';
  value.predicate.record.sharedBy = ['somebody'];
  value.predicate.record.storedAt = 1;
  const { record } = read(value) as SharedRecord;
  expect([record.log, record.sharedBy, record.storedAt]).toEqual(['', undefined, undefined]);
});

test('folders, the name of the machine and that of the user are in no record', () => {
  const names = {
    folders: [
      { path: '/home/jane/overlay', shown: '/var/db/repos/overlay' },
      { path: '/mnt/gentoo', shown: '' },
      { path: '/home/jane', shown: '/home/user' },
    ],
    words: [
      { word: 'workhorse', shown: 'host' },
      { word: 'jane', shown: 'user' },
    ],
  };
  const evidence = { ...RICH.needs[0]?.evidence[0], path: '/home/jane/overlay/media-gfx/foo/files/x' };
  expect(
    withoutMachineNames(
      {
        gaps: ['/mnt/gentoo/usr could not be read by jane@workhorse', 'janet sees workhorse2'],
        evidence: [evidence],
        text: '# jane wrote it on workhorse in /home/jane/overlay',
        atom: 'dev-libs/jane',
        path: '/mnt/gentoo',
      },
      names,
    ),
  ).toEqual({
    gaps: ['/usr could not be read by user@host', 'janet sees workhorse2'],
    evidence: [{ ...evidence, path: '/var/db/repos/overlay/media-gfx/foo/files/x' }],
    text: '# jane wrote it on workhorse in /home/jane/overlay',
    atom: 'dev-libs/jane',
    path: '/',
  });
  expect(makePayload({ gaps: [`x ${hostname()}`] }, {}, NO_NAMES).toString()).toContain(hostname());
});

test('what others would refuse is not exported', () => {
  expect(() => makePayload({ notInstalled: [{ variable: 'DEPEND', atom: 'no atom' }] })).toThrow(
    /^The record of media-gfx\/foo-1 cannot be exported, because others would refuse it: .*notInstalled\[0\]\.atom is not an atom\)\.$/,
  );
  expect(() => makePayload({}, { question: { ...makeInputs().question, text: '0'.repeat(64) } })).toThrow(
    /its record is of another text than its inputs/,
  );
});
