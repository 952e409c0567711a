import { effectiveAssignments } from '../../../ebuild/variable-value.ts';
import { isUseFlag } from '../../../pms/names.ts';
import type { Problem } from '../../../pms/text-range.ts';
import type { Finding } from '../../finding.ts';
import { packageAt } from '../../package-at.ts';
import type { TextSubject } from '../../subject.ts';

/**
 * `invalid-atom`: a value that PMS 8.2 and 8.3 give a form does not have it: an atom, a group, a conditional, a flag of
 * REQUIRED_USE or IUSE, a URI, a license, or the slot.
 */
export function findInvalidAtoms(subject: TextSubject): Finding[] {
  const problems = [
    ...subject.dependencies.flatMap(({ errors }) => errors),
    ...subject.specifications.flatMap(({ parsed }) => parsed.errors),
    ...wrongFlags(subject),
    ...wrongSlot(subject),
  ];
  return problems.map(({ start, end, message }) => ({
    code: 'invalid-atom',
    severity: 'error',
    message,
    range: { start, end },
    evidence: [],
    about: packageAt(subject.facts.text, { start, end }),
  }));
}

/** Words of IUSE that are no flags (PMS 7.3.4, 3.1.4). */
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
        // Beside an expansion the word may go on: `video_cards_${card}`.
        const isWhole =
          !/\S/.test(touching(facts.text, start - 1, '"\'')) && !/\S/.test(touching(facts.text, end, '"\''));
        if (!isWhole || flag === '\\' || isUseFlag(flag.replace(/^[+-]/, ''))) return [];
        const fix = 'use letters, digits and + _ @ - and begin with a letter or a digit';
        return [{ start, end, message: `\`${flag}\` is not a USE flag: ${fix}.` }];
      });
    });
}

/** The character there, or nothing where it only delimits the value. */
function touching(text: string, position: number, delimiters: string): string {
  const character = text[position] ?? '';
  return delimiters.includes(character) || character === '=' ? '' : character;
}

const SLOT = /^[A-Za-z0-9_][\w+.-]*(?:\/[A-Za-z0-9_][\w+.-]*)?$/;

/** PMS 7.2: SLOT is mandatory where it is set, and is a name or two with a slash between them. */
function wrongSlot({ metadata, facts }: TextSubject): Problem[] {
  const { value, range } = metadata.values.SLOT;
  if (value === undefined || range === undefined || SLOT.test(value.trim())) return [];
  const assignment = effectiveAssignments(facts, 'SLOT', Number.POSITIVE_INFINITY).at(-1);
  const at = assignment?.valueRange ?? range;
  const where = at.end > at.start ? at : range;
  const message = `\`${value}\` is not a slot: write one name such as 0, or slot/subslot, with letters, digits and + _ . -.`;
  return [{ start: where.start, end: where.end, message }];
}
