import { variableRange } from '../../../ebuild/anchor.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { UnresolvedNeed } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `unresolved-need`: an installed file needs a library or a module that no other installed package has. It is a warning for a library that
 * the file links, because then the file cannot be run, and for what only an installed version of the same package has.
 */
export function findUnresolvedNeeds({ facts, states }: TrialSubject): Finding[] {
  const found = new Map<string, UnresolvedNeed>();
  for (const need of states.flatMap(({ unresolved }) => unresolved)) {
    const key = `${need.kind} ${need.wanted}`;
    if (!found.has(key)) found.set(key, need);
  }
  return [...found.values()].map((need) => ({
    code: 'unresolved-need',
    severity: need.kind === 'library' || need.ownPath !== undefined ? 'warning' : 'information',
    message: describe(need),
    range: variableRange(facts, 'RDEPEND'),
    evidence: [
      {
        phase: 'install',
        program: need.user,
        chain: [need.user],
        operation: need.kind === 'library' ? 'link' : 'name',
        path: need.ownPath ?? need.wanted,
        result: 'seen',
        count: 1,
      },
    ],
    about: [],
    why: { rule: RULES['unresolved-need'], trials: [] },
  }));
}

function describe({ kind, wanted, user, ownPath }: UnresolvedNeed): string {
  const needs = `${user} ${kind === 'library' ? 'links' : 'needs'} ${nameOfKind(kind, wanted)}`;
  return ownPath === undefined
    ? toSentence(
        `add the package that has ${wanted} to RDEPEND, or install ${wanted} with this package`,
        `${needs}, which no installed package has`,
      )
    : toSentence(
        `build against this version, or install ${wanted} with it`,
        `${needs}, which only another installed version of this package has (${ownPath}), until that is removed`,
      );
}

function nameOfKind(kind: UnresolvedNeed['kind'], wanted: string): string {
  switch (kind) {
    case 'typelib':
      return `the GObject introspection namespace ${wanted}`;
    case 'python':
      return `the Python module ${wanted}`;
    case 'python-metadata':
      return `the Python distribution ${wanted}`;
    case 'perl':
    case 'perl-metadata':
      return `the Perl module ${wanted}`;
    case 'ruby':
      return `the Ruby file ${wanted}`;
    default:
      return wanted;
  }
}
