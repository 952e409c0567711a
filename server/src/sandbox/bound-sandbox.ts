import { UserError } from '../errors/user-error.ts';
import { describeExceeded } from './limits.ts';
import type { Sandbox, SandboxLimits, SandboxSpec } from './sandbox.ts';

/**
 * Makes a sandbox that enforces limits on each run. If a run exceeds one, `run` rejects with a {@link UserError} that names the limit.
 *
 * @param limits limits of a run; its {@link SandboxSpec.time} shortens the time
 */
export function withLimits(sandbox: Sandbox, limits: SandboxLimits): Sandbox {
  return {
    async run(spec, listener, signal) {
      const own: SandboxLimits = { ...limits, time: shorterTime(limits, spec) };
      const result = await sandbox.run({ ...spec, limits: own }, listener, signal);
      if (result.exceeded !== undefined) throw new UserError(describeExceeded(result.exceeded, own));
      return result;
    },
  };
}

/** The shorter of two times; 0 means no limit. */
function shorterTime({ time }: SandboxLimits, spec: SandboxSpec): number {
  const wanted = spec.time ?? 0;
  return time === 0 || wanted === 0 ? time || wanted : Math.min(time, wanted);
}

/** Makes a sandbox that kills its runs when the signal is aborted, so that callers of `run` need not pass the signal. */
export function withSignal(sandbox: Sandbox, signal: AbortSignal | undefined): Sandbox {
  return { run: (spec, listener) => sandbox.run(spec, listener, signal) };
}
