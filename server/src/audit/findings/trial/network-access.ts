import { staticMetadata } from '../../../ebuild/static-metadata.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { phaseRange } from './phase-range.ts';

/**
 * `network-access`: a src_ phase tried to open a connection. It is not reported if the ebuild announces it:
 * PROPERTIES=live for src_unpack, PROPERTIES=test_network for src_test, or RESTRICT=network-sandbox (PMS 7.3,
 * ebuild(5)). A live ebuild whose src_unpack failed is told that a trial cannot fetch its sources.
 */
export function findNetworkAccess({ facts, states }: TrialSubject): Finding[] {
  const phases = new Map<string, Evidence[]>();
  for (const { kind, evidence } of states.flatMap(({ incidents }) => incidents)) {
    if (kind !== 'network-access') continue;
    phases.set(evidence.phase, [...(phases.get(evidence.phase) ?? []), evidence]);
  }
  if (phases.size === 0) return [];
  const hasFailed = states.some(({ failure }) => failure?.phase === 'unpack');
  const isUnfetched = (phase: string) => phase === 'unpack' && hasFailed && isLive({ facts });
  const isAllowed = allowedPhases({ facts });
  return [...phases]
    .filter(([phase]) => !isAllowed(phase) || isUnfetched(phase))
    .map(([phase, evidence]) => ({
      code: 'network-access',
      severity: isUnfetched(phase) ? 'warning' : 'error',
      message: isUnfetched(phase)
        ? LIVE_MESSAGE
        : toSentence(
            'add what is downloaded to SRC_URI, or switch the download off',
            `${phaseFunction(phase)} tries to connect to ${evidence[0]?.path ?? 'the network'}, and a build has no network`,
          ),
      range: phaseRange(facts, phase),
      evidence,
      about: [],
      why: { rule: RULES['network-access'], trials: [] },
    }));
}

const LIVE_MESSAGE = toSentence(
  'run the trial on a version whose sources SRC_URI names',
  'src_unpack fetches the sources of a live ebuild, and a trial has no network',
);

function allowedPhases({ facts }: Pick<TrialSubject, 'facts'>): (phase: string) => boolean {
  const { values } = staticMetadata(facts);
  const has = (variable: 'PROPERTIES' | 'RESTRICT', word: string): boolean =>
    values[variable].value?.split(/\s+/).includes(word) ?? false;
  const anywhere = has('RESTRICT', 'network-sandbox');
  return (phase) =>
    anywhere ||
    (phase === 'unpack' && isLive({ facts })) ||
    (phase === 'test' && has('PROPERTIES', 'test_network'));
}

/** Whether src_unpack fetches from a repository of sources. */
function isLive({ facts }: Pick<TrialSubject, 'facts'>): boolean {
  const properties = staticMetadata(facts).values.PROPERTIES.value?.split(/\s+/) ?? [];
  return properties.includes('live') || facts.inherits.some(({ name }) => LIVE_ECLASS.test(name));
}

/** Eclasses that set PROPERTIES=live and fetch in src_unpack. */
const LIVE_ECLASS = /^(?:git-r3|mercurial|subversion|cvs|bzr|darcs|golang-vcs)$/;
