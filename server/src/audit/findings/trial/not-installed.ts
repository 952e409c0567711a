import { variableRange } from '../../../ebuild/anchor.ts';
import { parseAtom, printAtom } from '../../../pms/atom.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { nameInAtom } from '../../../pms/package-name.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { evaluateAtom } from '../../../pms/use.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { MissingAtom } from '../../record.ts';
import type { PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `not-installed`: no installed package satisfies a declared and active atom, so no trial can judge the ebuild. An atom that
 * several variables declare is reported once.
 */
export function findNotInstalled({ facts, states, atoms, record }: TrialSubject): Finding[] {
  const found = new Map<string, Missing>();
  const missing = states.flatMap(({ notInstalled, use }) =>
    notInstalled.map((declared) => ({ ...declared, use })),
  );
  for (const { variable, atom, use, why, offered } of missing) {
    const known = found.get(atom);
    if (known?.variables.has(variable)) continue;
    const place = findPlace(atoms, variable, atom);
    const fromEclass = record.inherited[variable].includes(atom);
    // An atom that was removed from the text since the trial is no longer missing.
    if (place === undefined && !fromEclass && facts.text !== record.text) continue;
    if (known === undefined)
      found.set(atom, {
        variables: new Set([variable]),
        range: place?.range ?? variableRange(facts, variable),
        use,
        why,
        offered,
      });
    else known.variables.add(variable);
  }
  return [...found].map(([atom, { variables, range, use, why, offered }]) => ({
    code: 'not-installed',
    severity: 'warning',
    message: toSentence(
      describeRemedy(toInstall(atom, use), { why, offered }),
      `no installed package satisfies ${atom} of ${[...variables].join(' and ')}${why === undefined ? '' : `, and ${why}`}`,
    ),
    range,
    evidence: [],
    about: [nameInAtom(atom) ?? []].flat(),
  }));
}

/** What brings the package, if anything does: it can only be installed if a repository offers an ebuild. */
function describeRemedy(atom: string, { why, offered }: Pick<Missing, 'why' | 'offered'>): string {
  if (offered === 'none') return `add a repository that has ${atom}, or correct the atom`;
  const unmasking = offered === 'masked' ? `unmask ${atom} in package.accept_keywords, ` : '';
  // Where binary packages are looked for, one that is made now serves every later trial.
  const buildpkg = why === undefined ? '' : '--buildpkg ';
  return `${unmasking}run "emerge ${buildpkg}--oneshot '${atom}'" and then the trial again`;
}

interface Missing {
  readonly why: MissingAtom['why'] | undefined;
  readonly offered: MissingAtom['offered'] | undefined;
  readonly variables: Set<DependencyVariable>;
  /** The first place at which it is written. */
  readonly range: TextRange;
  /** The enabled flags of the state that lacks it. */
  readonly use: readonly string[];
}

/**
 * The atom in a form that emerge accepts: without `[flag?]`, which refers to the flags of an ebuild that emerge does
 * not know, and without `:=`.
 */
function toInstall(text: string, use: readonly string[]): string {
  const { atom } = parseAtom(text);
  return atom === undefined ? text : printAtom({ ...evaluateAtom(atom, new Set(use)), slotOperator: '' });
}

/**
 * The place at which an evaluated atom is written: verbatim, or with parts that only bash knows, such as
 * `[${MULTILIB_USEDEP}]`.
 */
function findPlace(
  atoms: readonly PlacedAtom[],
  variable: DependencyVariable,
  text: string,
): PlacedAtom | undefined {
  const sought = parseAtom(text).atom;
  const written = atoms.filter(
    ({ variable: of, atom }) =>
      of === variable && atom.category === sought?.category && atom.name === sought.name,
  );
  return written.find(({ atom }) => printAtom(atom) === text) ?? written.find(({ exact }) => !exact);
}
