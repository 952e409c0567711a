import type { Assignment, EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { Predefined } from '../../../ebuild/package-variables.ts';
import { expandShellText } from '../../../ebuild/shell-expansion.ts';
import { variableValue } from '../../../ebuild/variable-value.ts';

/** The number of references that are followed for the patterns of one ebuild. */
const MOST_REFERENCES = 500;
/** Limit in patterns, more than any ebuild has. */
const MOST_PATTERNS = 200;

/**
 * Makes a function that says whether QA_PREBUILT names an installed file (ebuild(5)): the ebuild installs it as it was built elsewhere.
 *
 * `*` also matches `/`, as in Portage. An expansion that only bash knows counts as `*`.
 */
export function createPrebuiltTest(
  facts: EbuildFacts,
  predefined: Predefined,
): (installedPath: string) => boolean {
  const patterns = facts.assignments
    .filter(({ name }) => name === 'QA_PREBUILT')
    .flatMap((assignment) => readWords(facts, predefined, assignment))
    .slice(0, MOST_PATTERNS)
    .map(toPattern);
  return (path) => patterns.some((pattern) => pattern.test(path.replace(/^\/+/, '')));
}

function readWords(facts: EbuildFacts, predefined: Predefined, assignment: Assignment): string[] {
  const scope = { facts, predefined, budget: { left: MOST_REFERENCES } };
  const lookup = (name: string) => variableValue(scope, name, assignment.start);
  const { start, end } = assignment.valueRange;
  const written = facts.text.slice(start, end);
  const value =
    assignment.quote === 'array'
      ? written.replace(/^\(|\)$/g, '')
      : assignment.parts
          .map((part) => {
            if (part.kind === 'text') return part.text;
            if (part.kind === 'variable') return lookup(part.name) ?? '*';
            return expandShellText(facts.text.slice(part.start, part.end), lookup) ?? '*';
          })
          .join('');
  return (value.match(/\S+/g) ?? []).map((word) =>
    word.replace(/["']/g, '').replace(/\$\{?(\w+)\}?/g, (_, name: string) => lookup(name) ?? '*'),
  );
}

/** Each `*` of a pattern may stand for any text, so runs of them are one: they would cost time. */
function toPattern(word: string): RegExp {
  const escaped = word
    .replace(/^\/+/, '')
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  try {
    return new RegExp(`^${escaped}$`);
  } catch {
    return /^$/;
  }
}
