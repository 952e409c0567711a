import { variableRange } from '../../../ebuild/anchor.ts';
import { parseAtom, printAtom } from '../../../pms/atom.ts';
import type { DependencyVariable } from '../../../pms/dependency-variable.ts';
import { nameInAtom } from '../../../pms/package-name.ts';
import { evaluateAtom } from '../../../pms/use.ts';
import type { Finding } from '../../finding.ts';
import type { PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `not-installed`: an atom that is declared and active is satisfied by no installed package, so that no trial can say
 * anything about the ebuild until it is installed.
 */
export function findNotInstalled({ facts, states, atoms, record }: TrialSubject): Finding[] {
  const findings = new Map<string, Finding>();
  const missing = states.flatMap(({ notInstalled, use }) =>
    notInstalled.map((declared) => ({ ...declared, use })),
  );
  for (const { variable, atom, use } of missing) {
    if (findings.has(`${variable} ${atom}`)) continue;
    const place = findPlace(atoms, variable, atom);
    const fromEclass = record.inherited[variable].includes(atom);
    // An atom that has since been removed from the text asks for nothing any more.
    if (place === undefined && !fromEclass && facts.text !== record.text) continue;
    findings.set(`${variable} ${atom}`, {
      code: 'not-installed',
      severity: 'warning',
      message: `No installed package satisfies ${atom} of ${variable}: install one with "emerge --oneshot '${toInstall(atom, use)}'" and run the trial again.`,
      range: place?.range ?? variableRange(facts, variable),
      evidence: [],
      about: [nameInAtom(atom) ?? []].flat(),
    });
  }
  return [...findings.values()];
}

/** What emerge takes for the atom: no `[flag?]`, which asks for the flags of a package that it does not know, and no `:=`. */
function toInstall(text: string, use: readonly string[]): string {
  const { atom } = parseAtom(text);
  return atom === undefined ? text : printAtom({ ...evaluateAtom(atom, new Set(use)), slotOperator: '' });
}

/** Where an evaluated atom is written: as it stands, or with parts that only bash knows, such as `[${MULTILIB_USEDEP}]`. */
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
