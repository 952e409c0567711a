import { UserError } from '../errors/user-error.ts';
import { describeExceeded } from './limits.ts';
import type { Sandbox, SandboxLimits, SandboxSpec } from './sandbox.ts';

/**
 * A sandbox that holds each run to limits. Its `run` rejects with a {@link UserError} that names the limit when one is exceeded.
 *
 * @param limits of a run; its {@link SandboxSpec.time} shortens the time
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

/** 0 is no limit. */
function shorterTime({ time }: SandboxLimits, spec: SandboxSpec): number {
  const wanted = spec.time ?? 0;
  return time === 0 || wanted === 0 ? time || wanted : Math.min(time, wanted);
}

/** A sandbox each run of which is killed when the signal is aborted, so that the signal need not be handed through to where it runs. */
export function withSignal(sandbox: Sandbox, signal: AbortSignal | undefined): Sandbox {
  return { run: (spec, listener) => sandbox.run(spec, listener, signal) };
}
