import { showName } from '../errors/visible-text.ts';
import type { Evidence } from '../trace/evidence.ts';
import { phaseFunction } from '../trace/phase-function.ts';

const DEEDS: Record<Evidence['operation'], readonly [seen: string, denied: string]> = {
  execute: ['ran', 'tried to run'],
  read: ['read', 'tried to read'],
  'look-up': ['looked up', 'looked for'],
  link: ['links', 'links'],
  name: ['names', 'names'],
};

/**
 * Describes which process accessed which path in which phase, e.g. `src_compile › emake › make › cc1 tried to read
 * /usr/include/png.h, which was hidden (2 times)`. Every character can be seen.
 */
export function describeEvidence(evidence: Evidence): string {
  const denied = evidence.result === 'denied';
  const names = evidence.chain.length > 0 ? evidence.chain : [evidence.program];
  const inPhase =
    names[0] === phaseFunction(evidence.phase) ? names : [phaseFunction(evidence.phase), ...names];
  // Names of programs have no folder: this is an installed file, which has not been run.
  const isInstalled = evidence.operation === 'execute' && !denied && names[0]?.startsWith('/') === true;
  const deed = isInstalled ? 'needs' : DEEDS[evidence.operation][denied ? 1 : 0];
  const times = evidence.count > 1 ? ` (${evidence.count} times)` : '';
  const processes = inPhase.map(showName).join(' › ');
  // The address of another machine, with its port.
  if (evidence.operation === 'look-up' && /^[^/].*:\d+$/.test(evidence.path))
    return `${processes} tried to connect to ${showName(evidence.path)}${times}`;
  return `${processes} ${deed} ${showName(evidence.path)}${denied ? ', which was hidden' : ''}${times}`;
}
