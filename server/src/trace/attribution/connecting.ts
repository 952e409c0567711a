import type { ConnectEvent } from '../event.ts';
import { toAccess } from '../process/access.ts';
import { type TracedProcess, worksForEbuild } from '../process/process-tree.ts';
import { isNetworkAccess } from './incidents.ts';
import { readPath } from './reading.ts';
import type { AttributionState } from './state.ts';

/** Records that a process named the address of a socket: a file, or another machine. */
export function observeConnect(state: AttributionState, process: TracedProcess, event: ConnectEvent): void {
  const { family, path, port } = event;
  if (family === 'unix') readPath(state, process, 'look-up', event);
  if ((family !== 'inet' && family !== 'inet6') || !worksForEbuild(process)) return;
  if (!isNetworkAccess(process.program, process.phase ?? '', path, port)) return;
  const address = family === 'inet6' ? `[${path}]:${port}` : `${path}:${port}`;
  state.incidents.add('network-access', toAccess(state.tree, process, 'look-up', address, 'denied'));
}
