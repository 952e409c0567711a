import type { Command } from '../../../ebuild/ebuild-facts.ts';
import { addAtom } from '../../../ebuild/edit/edit.ts';
import { variableInEapi } from '../../../pms/dependency-variable.ts';
import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { TextSubject } from '../../subject.ts';

const PROVIDERS: ReadonlySet<string> = new Set([
  'virtual/pkgconfig',
  'dev-util/pkgconf',
  'dev-util/pkgconfig',
]);
const ATOM = 'virtual/pkgconfig';

/** `pkg-config`, and the names that toolchain-funcs.eclass gives it. */
const CALL = /^(?:\S*-)?pkg-config$|^\$\(tc-get(?:BUILD_)?PKG_CONFIG\)$|^\$\{?(?:BUILD_)?PKG_CONFIG\b/;
const MENTION = /pkg-config|PKG_CONFIG/;

/**
 * `missing-pkgconfig`: a src_ phase, or a function of the ebuild that it may call, runs pkg-config, and neither the
 * ebuild nor an inherited eclass declares it. Only the first call is reported.
 */
export function findMissingPkgconfig(subject: TextSubject): Finding[] {
  const { facts } = subject;
  // The commands are read last: that may take longer than everything else here.
  if (!MENTION.test(facts.text) || declaresPkgconfig(subject)) return [];
  const call = facts.commands.find(runsPkgconfig);
  if (call === undefined) return [];
  const variable = variableInEapi('BDEPEND', facts.eapi);
  const edits = addAtom(facts, variable, ATOM);
  const name = facts.text.slice(call.start, call.end).startsWith('pkg-config') ? 'pkg-config' : call.name;
  return [
    {
      code: 'missing-pkgconfig',
      severity: 'warning',
      message: toSentence(
        `add ${ATOM} to ${variable}`,
        `${call.inFunction} runs ${name}, and neither the ebuild nor an eclass declares it`,
      ),
      range: { start: call.start, end: Math.min(call.end, call.start + name.length) },
      evidence: [],
      fix: asFix(`Add ${ATOM} to ${variable}`, edits),
      about: [ATOM],
    },
  ];
}

function runsPkgconfig({ name, inFunction }: Command): boolean {
  return inFunction !== undefined && !inFunction.startsWith('pkg_') && CALL.test(name);
}

/** Whether pkg-config is declared; true if that cannot be known. */
function declaresPkgconfig({ facts, knowledge, atoms, dependencies, metadata }: TextSubject): boolean {
  if (!metadata.inheritsKnown) return true;
  if (atoms.some(({ atom }) => PROVIDERS.has(nameOf(atom)))) return true;
  for (const { name } of facts.inherits) {
    const eclass = knowledge?.eclass(name);
    if (eclass === undefined || [...PROVIDERS].some((provider) => eclass.names.has(provider))) return true;
  }
  // A plain reference to a variable that the file does not set leads to an eclass, and the eclasses were checked
  // above.
  return dependencies.some(({ unresolved }) =>
    unresolved.some(({ namesKnown, text }) => !namesKnown && !/^\$(?:\{\w+\}|\w+)$/.test(text)),
  );
}
