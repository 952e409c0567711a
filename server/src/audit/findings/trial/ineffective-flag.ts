import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { addRequiredUse } from '../../../ebuild/edit/required-use.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { type FlagEffect, isInDependencies, readFlagEffects } from '../../flag-effects.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { deriveCondition, printUseStates } from '../../use-condition.ts';
import { flagRange } from './flag-range.ts';

/**
 * `ineffective-flag`: in some of the USE states that were tried, or in all, a flag changes neither what is installed nor what is needed. A
 * flag that another variable of the ebuild or one of its pkg_ functions names has a purpose that builds do not show.
 */
export function findIneffectiveFlags({ facts, record }: TrialSubject): Finding[] {
  if (record.variants.length === 0) return [];
  const isWholeKnown = [record, ...record.variants].every(({ outcome }) => outcome === 'passed');
  return readFlagEffects(record).flatMap((effect) => {
    const { flag, same, differs } = effect;
    const range = flagRange(facts, flag);
    if (range === undefined || same.length === 0) return [];
    // A state that fails shows an effect that no image has.
    if (differs.length === 0 && !isWholeKnown) return [];
    if (isInDependencies(record, flag) || isNamedElsewhere(facts, flag)) return [];
    return explain(facts, record.iuse, effect, range) ?? [];
  });
}

/** The variables that say nothing about a flag's effect. */
const SILENT = /^(IUSE|DESCRIPTION|HOMEPAGE|KEYWORDS|EAPI|SLOT|S)$/;

function isNamedElsewhere({ assignments, functions, text }: EbuildFacts, flag: string): boolean {
  const ranges = [
    ...assignments
      .filter(({ name, context }) => context !== 'function' && !SILENT.test(name))
      .map(({ valueRange }) => valueRange),
    ...functions.filter(({ name }) => /^pkg_|^src_test$/.test(name)),
  ];
  return ranges.some(({ start, end }) =>
    text
      .slice(start, end)
      .split(/[^\w+@-]+/)
      .includes(flag),
  );
}

function explain(
  facts: EbuildFacts,
  iuse: readonly string[],
  { flag, same, differs }: FlagEffect,
  range: TextRange,
): Finding | undefined {
  const found = {
    code: 'ineffective-flag',
    range,
    evidence: [],
    about: [],
  } as const;
  const describe = (states: readonly (readonly string[])[], result: string) =>
    states.map((use) => {
      const others = use.filter((enabled) => iuse.includes(enabled));
      return `With ${others.length === 0 ? 'no other flag' : `USE="${others.join(' ')}"`}, USE=${flag} installs ${result} as USE=-${flag}.`;
    });
  const trials = [...describe(same, 'the same'), ...describe(differs, 'not the same')];
  const why = { rule: RULES['ineffective-flag'], trials };
  if (differs.length === 0) {
    const states = same.length === 1 ? 'the USE state that was tried' : 'the USE states that were tried';
    return {
      ...found,
      severity: 'hint',
      message: toSentence(
        `hand the flag ${flag} to the build, or remove it from IUSE`,
        `USE=${flag} installs the same as USE=-${flag} in ${states}, and no dependency names the flag`,
      ),
      why,
    };
  }
  const others = iuse.filter((other) => other !== flag);
  const condition = deriveCondition(differs, same, others);
  const [alternative] = condition?.alternatives ?? [];
  const [other] = alternative ?? [];
  if (condition?.alternatives.length !== 1 || alternative?.length !== 1 || other === undefined)
    return undefined;
  const constraint = `${flag}? ( ${other.negated ? '!' : ''}${other.flag} )`;
  const without = printUseStates([[{ ...other, negated: !other.negated }]]);
  return {
    ...found,
    severity: 'information',
    message: toSentence(
      `add ${constraint} to REQUIRED_USE, or make the build follow each flag`,
      `USE=${flag} changes nothing with ${without}`,
    ),
    fix: asFix(`Add ${constraint} to REQUIRED_USE`, addRequiredUse(facts, constraint), false),
    why,
  };
}
