import { status as grpcStatus } from '@grpc/grpc-js';
import { RemoteProblem } from '../api/remote-problem.ts';
import { LASTING, type TrialAnswer } from '../order.ts';
import { type ExecutionInput, execute } from '../service/execution.ts';
import { readAnswer } from './answer.ts';
import type { ExpectedAnswer } from './check-answer.ts';
import type { OpenServer } from './server.ts';

/** The problems with an answer that another execution may mend: the server has lost it, or it has become other bytes. */
const SPOILT: ReadonlySet<number> = new Set([grpcStatus.NOT_FOUND, grpcStatus.DATA_LOSS]);

/**
 * Executes the action of a trial and reads the answer. The action is executed anew if the server has a result and has forgotten or spoilt its files,
 * and if it has kept a failure, because the next attempt may end otherwise.
 *
 * @throws RemoteProblem, and the signal's reason
 */
export async function runAction(
  open: OpenServer,
  input: ExecutionInput,
  expected: ExpectedAnswer,
): Promise<TrialAnswer> {
  const run = async (acceptsCached: boolean): Promise<TrialAnswer> => {
    const { result, isCached } = await execute(open.connection, { ...input, acceptsCached });
    if (isCached && acceptsCached && (result.exitCode ?? LASTING) !== LASTING) return run(false);
    return readAnswer(open, result, expected, input.signal);
  };
  if (!input.acceptsCached) return run(false);
  try {
    return await run(true);
  } catch (error) {
    if (!(error instanceof RemoteProblem) || !SPOILT.has(error.code)) throw error;
    return run(false);
  }
}
