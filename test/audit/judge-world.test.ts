import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { declaredAtoms, type UseCondition } from '../../server/src/ebuild/declared.ts';
import type { EbuildFacts } from '../../server/src/ebuild/ebuild-facts.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import type { UseKind } from '../../server/src/trace/use-kind.ts';
import { bash } from '../ebuild/bash.ts';
import { brokenText } from '../pms/arbitrary.ts';
import { makeRecord, NOTHING_INHERITED } from '../support/trial-record.ts';
import { need, probe, removal, use } from './observed.ts';

/** The role of a package in a build, which the ebuild's author may or may not know. */
interface Truth {
  readonly name: string;
  readonly kinds: readonly UseKind[];
  /** The flag with which it is needed, or after `!` the flag without which it is needed. */
  readonly under: string;
}

const IUSE = ['png', 'ssl'];
const STATES = [[], ['png'], ['ssl']];
const VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

function holds(condition: string, enabled: readonly string[]): boolean {
  if (condition === '') return true;
  return condition.startsWith('!') ? !enabled.includes(condition.slice(1)) : enabled.includes(condition);
}

let known:
  | { readonly text: string; readonly facts: EbuildFacts; readonly atoms: readonly PlacedName[] }
  | undefined;

interface PlacedName {
  readonly variable: DependencyVariable;
  readonly name: string;
  readonly conditions: readonly UseCondition[];
}

/** Cached, because parsing takes most of the time and most calls are about the same text. */
function read(text: string) {
  if (known?.text !== text) {
    const facts = parseEbuild(text, bash);
    const atoms = VARIABLES.flatMap((variable) =>
      declaredAtoms(facts, variable).map(({ atom: { category, name }, conditions }) => ({
        variable,
        name: `${category}/${name}`,
        conditions,
      })),
    );
    known = { text, facts, atoms };
  }
  return known;
}

/** Whether a variable of the text names the package in a USE state. */
function isDeclared(
  text: string,
  name: string,
  variable: DependencyVariable,
  enabled: readonly string[],
): boolean {
  return read(text).atoms.some(
    (atom) =>
      atom.name === name &&
      atom.variable === variable &&
      atom.conditions.every(({ flag, negated }) => enabled.includes(flag) !== negated),
  );
}

const pointsTo = (kind: UseKind): readonly DependencyVariable[] =>
  kind === 'program' ? ['BDEPEND'] : kind === 'linked' ? ['RDEPEND'] : ['DEPEND'];

/** The record of a trial of the text in a world with these roles. */
function runTrial(text: string, world: readonly Truth[]): TrialRecord {
  const [first, ...variants] = STATES.map((enabled) => {
    const seen = world.map(({ name, kinds, under }): Partial<TrialRecord> => {
      const isBuiltWith =
        isDeclared(text, name, 'DEPEND', enabled) || isDeclared(text, name, 'BDEPEND', enabled);
      const isNeeded = holds(under, enabled);
      const wanted = new Set(kinds.flatMap(pointsTo));
      const lacking = [...wanted].filter((variable) =>
        variable === 'RDEPEND' ? !isDeclared(text, name, 'RDEPEND', enabled) : !isBuiltWith,
      );
      if (isNeeded)
        return {
          needs: lacking.map((variable) => need(variable, name)),
          uses: isBuiltWith ? [use(name, kinds)] : [],
        };
      const held = VARIABLES.filter(
        (variable) => variable !== 'RDEPEND' && isDeclared(text, name, variable, enabled),
      );
      return { removals: held.map((variable) => removal(variable, name)) };
    });
    return makeRecord(text, {
      iuse: IUSE,
      use: enabled,
      needs: seen.flatMap(({ needs = [] }) => needs),
      uses: seen.flatMap(({ uses = [] }) => uses),
      removals: seen.flatMap(({ removals = [] }) => removals),
    });
  });
  if (first === undefined) throw new Error('There is a state.');
  return { ...first, variants };
}

const judgeText = (record: TrialRecord, text: string) => judge(record, read(text).facts);
/** The part of a finding that stays when the text around it moves. */
const packageOf = ({ about }: Finding) => about[0];
const nameFinding = (finding: Finding) => `${finding.code} ${packageOf(finding)}`;

const condition = fc.constantFrom('', '', 'png', 'ssl', '!png');
const truth = (name: string): fc.Arbitrary<Truth> =>
  fc.record({
    name: fc.constant(name),
    kinds: fc.constantFrom<UseKind[][]>(
      ['header'],
      ['header', 'linked'],
      ['program'],
      ['program', 'header', 'linked'],
    ),
    under: condition,
  });
const NAMES = ['a/one', 'b/two', 'c/three'];
const world = fc.tuple(...NAMES.map(truth));

const value = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...NAMES), condition), { maxLength: 3 }), fc.boolean())
  .map(([entries, isList]) => {
    const words = [
      ...new Set(entries.map(([name, under]) => (under === '' ? name : `${under}? ( ${name} )`))),
    ];
    return isList ? `\n${words.map((word) => `\t${word}\n`).join('')}` : words.join(' ');
  });
const text = fc
  .tuple(value, fc.constantFrom('none', 'reference', 'own'), value, fc.option(value))
  .map(([rdepend, kind, own, bdepend]) => {
    const depend = kind === 'none' ? '' : `DEPEND="${kind === 'own' ? own : '${RDEPEND}'}"\n`;
    return `EAPI=8\nSLOT=0\nIUSE="png ssl"\n\nRDEPEND="${rdepend}"\n${depend}${bdepend === null ? '' : `BDEPEND="${bdepend}"\n`}\nsrc_test() { :; }\n`;
  });

describe('in a world where it is known what the build needs', () => {
  test('after the fixes the ebuild declares it in the right variables under the right flags', () => {
    fc.assert(
      fc.property(world, text, (packages, before) => {
        const first = runTrial(before, packages);
        const fixed = fixAll(before, (today) => judgeText(first, today));
        const second = runTrial(fixed, packages);
        const again = fixAll(fixed, (today) => judgeText(second, today));
        const left = judgeText(runTrial(again, packages), again).findings;
        expect(left.filter(({ severity }) => severity === 'error')).toEqual([]);
        for (const { name, kinds, under } of packages) {
          for (const enabled of STATES) {
            if (!holds(under, enabled)) continue;
            const build =
              isDeclared(again, name, 'DEPEND', enabled) || isDeclared(again, name, 'BDEPEND', enabled);
            expect(build).toBe(true);
            if (kinds.includes('linked')) expect(isDeclared(again, name, 'RDEPEND', enabled)).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('an ebuild without findings gets none, and what nobody declared is declared exactly', () => {
    fc.assert(
      fc.property(world, (packages) => {
        const before = 'EAPI=8\nSLOT=0\nIUSE="png ssl"\n';
        const record = runTrial(before, packages);
        const fixed = fixAll(before, (today) => judgeText(record, today));
        expect(judgeText(runTrial(fixed, packages), fixed).findings).toEqual([]);
        for (const { name, kinds, under } of packages) {
          const wanted = new Set(kinds.flatMap(pointsTo));
          for (const variable of VARIABLES)
            for (const enabled of STATES)
              expect(isDeclared(fixed, name, variable, enabled)).toBe(
                wanted.has(variable) && holds(under, enabled),
              );
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a fix takes its finding away, and brings none about another package and no error', () => {
    fc.assert(
      fc.property(world, text, (packages, before) => {
        const record = runTrial(before, packages);
        const findings = judgeText(record, before).findings;
        for (const finding of findings) {
          if (finding.fix === undefined) continue;
          const known = findings.filter((candidate) => candidate !== finding).map(nameFinding);
          const after = judgeText(record, applyEdits(before, finding.fix.edits)).findings;
          const count = (judged: readonly Finding[]) =>
            judged.filter((candidate) => nameFinding(candidate) === nameFinding(finding)).length;
          expect(count(after)).toBeLessThan(count(findings));
          for (const remaining of after) {
            if (known.includes(nameFinding(remaining))) continue;
            expect(packageOf(remaining)).toBe(packageOf(finding));
            if (finding.code !== 'unused') expect(remaining.severity).not.toBe('error');
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('judging is total', () => {
  test.each([['of every text', brokenText]])('%s', (_name, anyText) => {
    const record = {
      ...makeRecord('', {
        iuse: IUSE,
        needs: VARIABLES.map((variable) => need(variable, 'dev-libs/zlib')),
        probes: [probe('virtual/libpng'), probe('sys-libs/zlib', [], { differences: [] })],
        uses: [
          use('dev-libs/foo-bar:0/2', ['linked', 'program']),
          use('x11-libs/gtk+', ['header'], { licence: 'closure' }),
        ],
        removals: [removal('DEPEND', 'dev-libs/zlib')],
        inherited: { ...NOTHING_INHERITED, DEPEND: ['a/b', ')('] },
      }),
    };
    fc.assert(
      fc.property(anyText, (today) => {
        for (const { range, fix, alternatives = [] } of judgeText(record, today).findings) {
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.end).toBeLessThanOrEqual(today.length);
          for (const { edits } of [...(fix ? [fix] : []), ...alternatives])
            expect(edits.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
