import { UserError } from '../errors/user-error.ts';
import { describeExceeded } from '../sandbox/limits.ts';
import type {
  Sandbox,
  SandboxLimits,
  SandboxListener,
  SandboxResult,
  SandboxSpec,
} from '../sandbox/sandbox.ts';

/**
 * Runs a sandbox within limits.
 *
 * @param limits none when undefined
 * @throws UserError with a sentence that names the limit when one was exceeded, and what `Sandbox.run` throws
 */
export async function runLimited(
  sandbox: Sandbox,
  spec: SandboxSpec,
  limits: SandboxLimits | undefined,
  listener: SandboxListener,
  signal: AbortSignal | undefined,
): Promise<SandboxResult> {
  const result = await sandbox.run(limits === undefined ? spec : { ...spec, limits }, listener, signal);
  if (result.exceeded !== undefined && limits !== undefined) {
    throw new UserError(describeExceeded(result.exceeded, limits));
  }
  return result;
}
