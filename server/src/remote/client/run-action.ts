import { status as grpcStatus } from '@grpc/grpc-js';
import { RemoteProblem } from '../api/remote-problem.ts';
import type { TrialAnswer } from '../order.ts';
import { type ExecutionInput, execute } from '../service/execution.ts';
import { readAnswer } from './answer.ts';
import type { ExpectedAnswer } from './check-answer.ts';
import type { OpenServer } from './server.ts';

/**
 * Executes the action of a trial and reads the answer. A server may forget the files of a result that it still has; then the action is executed anew.
 *
 * @throws RemoteProblem, and the signal's reason
 */
export async function runAction(
  open: OpenServer,
  input: ExecutionInput,
  expected: ExpectedAnswer,
): Promise<TrialAnswer> {
  const run = async (acceptsCached: boolean) => {
    const { result } = await execute(open.connection, { ...input, acceptsCached });
    return readAnswer(open, result, expected, input.signal);
  };
  if (!input.acceptsCached) return run(false);
  try {
    return await run(true);
  } catch (error) {
    if (!(error instanceof RemoteProblem) || error.code !== grpcStatus.NOT_FOUND) throw error;
    return run(false);
  }
}
