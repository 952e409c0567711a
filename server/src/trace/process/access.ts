import type { Evidence } from '../evidence.ts';
import type { ProcessTree, TracedProcess } from './process-tree.ts';

/** An access that may become evidence. Only few do, so its chain is computed on demand. */
export interface Access extends Omit<Evidence, 'chain' | 'count'> {
  chain(): readonly string[];
}

/** Describes an access of a process to a path, with the present label of the process. */
export function toAccess(
  tree: ProcessTree,
  process: TracedProcess,
  operation: Evidence['operation'],
  path: string,
  result: Evidence['result'],
): Access {
  return {
    phase: process.phase ?? '',
    program: process.program,
    chain: () => tree.chain(process),
    operation,
    path,
    result,
  };
}

/** Makes evidence of an access that was made once. */
export function toEvidence({ phase, program, chain, operation, path, result }: Access): Evidence {
  return { phase, program, chain: chain(), operation, path, result, count: 1 };
}
