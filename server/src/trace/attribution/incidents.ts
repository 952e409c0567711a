import type { Incident } from '../evidence.ts';
import { classifyPath } from '../path-class.ts';
import { type Access, toEvidence } from '../process/access.ts';

/** Collects incidents: a few of each kind, each listed once with a count. */
export interface Incidents {
  add(kind: Incident['kind'], access: Access): void;
  list(): Incident[];
}

/** The number of incidents that are kept of each kind. */
const KEPT = 8;

export function createIncidents(): Incidents {
  const found = new Map<string, Incident>();
  const counts = { 'network-access': 0, 'plain-tool': 0, 'unowned-file': 0 };
  return {
    add(kind, access) {
      const key = `${kind} ${access.program} ${access.path}`;
      const known = found.get(key);
      if (known !== undefined)
        found.set(key, { kind, evidence: { ...known.evidence, count: known.evidence.count + 1 } });
      else if (counts[kind] < KEPT) {
        counts[kind] += 1;
        found.set(key, { kind, evidence: toEvidence(access) });
      }
    },
    list: () => [...found.values()],
  };
}

/**
 * Whether an address is on another machine. 127.0.0.0/8, ::1 and the unspecified address, which connects to this machine, are not (RFC 1122
 * 3.2.1.3, RFC 4291 2.5). IPv4-mapped addresses are treated like IPv4 addresses.
 */
export function isElsewhere(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return !/^(127\.|0\.0\.0\.0$|::1?$|::ffff:(7f|0:0$))/.test(plain);
}

/** Programs that ask for the machine's own name, as configure scripts do. They may ask a name server, which no author intends. */
const ASKS_OWN_NAME = /\/(hostname|dnsdomainname|uname|domainname|hostid)$/;

/**
 * Whether a connection shows that a build needs the network. A look-up of the machine's own name does not (port 53 is DNS, RFC 1035 4.2).
 */
export function isNetworkAccess(program: string, phase: string, address: string, port: number): boolean {
  if (port === 53) return phase !== 'test' && !ASKS_OWN_NAME.test(program);
  return isElsewhere(address);
}

/** Whether a file without an owner should have one: a program, a file to build against, or a file that is loaded. */
export function wantsOwner(path: string): boolean {
  return classifyPath(path) !== 'data' && !/\/__pycache__\/|\.pyc$|\/(dir|ls-R|[^/]*\.cache)$/.test(path);
}
