import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { phaseRange } from './phase-range.ts';

/** The variables of toolchain-funcs.eclass by the plain names of the tools. */
const VARIABLES: Readonly<Record<string, string>> = {
  cc: 'CC',
  gcc: 'CC',
  'c++': 'CXX',
  'g++': 'CXX',
  ar: 'AR',
  ranlib: 'RANLIB',
  nm: 'NM',
  'pkg-config': 'PKG_CONFIG',
  pkgconf: 'PKG_CONFIG',
};

/** Eclasses that choose the tools, or whose build systems do. */
const CHOOSING =
  /^(toolchain|cmake|meson|autotools|multilib|multibuild|ecm|qt|qmake|distutils|python|perl|ruby|lua|php|cargo|rust|go-|haskell|kernel|linux-|gnome|xorg|waf|scons|java|ant|dune|opam|texlive)/;

/** `plain-tool`: make ran `cc`, `ar` or `pkg-config` by that name, and nothing in the ebuild chooses the tools of CHOST. */
export function findPlainTools({ facts, states }: TrialSubject): Finding[] {
  if (choosesTools(facts)) return [];
  const tools = new Map<string, Evidence>();
  for (const { kind, evidence } of states.flatMap(({ incidents }) => incidents))
    if (kind === 'plain-tool') tools.set(nameOf(evidence), tools.get(nameOf(evidence)) ?? evidence);
  const [first] = tools.values();
  if (first === undefined) return [];
  const names = [...tools.keys()].sort();
  const variables = [...new Set(names.map((name) => VARIABLES[name] ?? name))].sort();
  const list = variables.join(' ');
  return [
    {
      code: 'plain-tool',
      severity: 'hint',
      message: toSentence(
        `inherit toolchain-funcs, call tc-export ${list}, and let the Makefile use $(${variables.join('), $(')})`,
        `make runs ${names.join(' and ')} by ${names.length === 1 ? 'its plain name' : 'their plain names'} and not by ${names.length === 1 ? 'that' : 'those'} of CHOST`,
      ),
      range: phaseRange(facts, first.phase),
      evidence: [...tools.values()],
      about: [],
      why: { rule: RULES['plain-tool'], trials: [] },
    },
  ];
}

const nameOf = ({ path }: Evidence): string => path.slice(path.lastIndexOf('/') + 1);

function choosesTools({ inherits, unknownInherits, commands, text }: EbuildFacts): boolean {
  return (
    unknownInherits.length > 0 ||
    inherits.some(({ name }) => CHOOSING.test(name)) ||
    commands.some(({ name }) => name === 'econf') ||
    /\btc-(export|get)|\bCHOST\b/.test(text)
  );
}
