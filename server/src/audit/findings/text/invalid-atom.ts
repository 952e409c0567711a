import { effectiveAssignments } from '../../../ebuild/variable-value.ts';
import { isUseFlag } from '../../../pms/names.ts';
import type { Problem } from '../../../pms/text-range.ts';
import type { Finding } from '../../finding.ts';
import { packageAt } from '../../package-at.ts';
import type { TextSubject } from '../../subject.ts';
import { repairAtom } from './atom-repair.ts';

/**
 * `invalid-atom`: a value does not have the form that PMS 8.2 and 8.3 require: an atom, a group, a conditional, a
 * flag of REQUIRED_USE or IUSE, a URI, a name in LICENSE, or the slot.
 */
export function findInvalidAtoms(subject: TextSubject): Finding[] {
  const problems = [
    ...subject.dependencies.flatMap(({ errors }) => errors),
    ...subject.specifications.flatMap(({ parsed }) => parsed.errors),
    ...wrongFlags(subject),
    ...wrongSlot(subject),
  ];
  return problems.map((problem) => {
    const { start, end, message } = problem;
    const [fix, ...alternatives] = repairAtom(subject.facts, problem);
    return {
      code: 'invalid-atom',
      severity: 'error',
      message,
      range: { start, end },
      evidence: [],
      ...(fix === undefined ? {} : { fix }),
      ...(alternatives.length === 0 ? {} : { alternatives }),
      about: packageAt(subject.facts.text, { start, end }),
    };
  });
}

/** The words of IUSE that are not flags (PMS 7.3.4, 3.1.4). */
function wrongFlags({ facts }: TextSubject): Problem[] {
  const assignments = effectiveAssignments(facts, 'IUSE', Number.POSITIVE_INFINITY);
  return assignments
    .filter(({ quote, closed }) => closed && quote !== 'array' && quote !== 'mixed')
    .flatMap(({ parts }) => parts)
    .flatMap((part) => {
      if (part.kind !== 'text') return [];
      const written = facts.text.slice(part.start, part.end);
      return [...written.matchAll(/\S+/g)].flatMap((word) => {
        const [flag] = word;
        const start = part.start + word.index;
        const end = start + flag.length;
        // Beside an expansion, the word may continue: `video_cards_${card}`.
        const isWhole =
          !/\S/.test(touching(facts.text, start - 1, '"\'')) && !/\S/.test(touching(facts.text, end, '"\''));
        if (!isWhole || flag === '\\' || isUseFlag(flag.replace(/^[+-]/, ''))) return [];
        const fix = 'use letters, digits and + _ @ - and begin with a letter or a digit';
        return [{ start, end, message: `\`${flag}\` is not a USE flag: ${fix}.` }];
      });
    });
}

/** The character at the position; empty if it only delimits the value. */
function touching(text: string, position: number, delimiters: string): string {
  const character = text[position] ?? '';
  return delimiters.includes(character) || character === '=' ? '' : character;
}

const SLOT = /^[A-Za-z0-9_][\w+.-]*(?:\/[A-Za-z0-9_][\w+.-]*)?$/;

/** Checks that SLOT is one name, or two names with a slash between them (PMS 7.2). */
function wrongSlot({ metadata, facts }: TextSubject): Problem[] {
  const { value, range } = metadata.values.SLOT;
  if (value === undefined || range === undefined || SLOT.test(value.trim())) return [];
  const assignment = effectiveAssignments(facts, 'SLOT', Number.POSITIVE_INFINITY).at(-1);
  const at = assignment?.valueRange ?? range;
  const where = at.end > at.start ? at : range;
  const message = `\`${value}\` is not a slot: write one name such as 0, or slot/subslot, with letters, digits and + _ . -.`;
  return [{ start: where.start, end: where.end, message }];
}
