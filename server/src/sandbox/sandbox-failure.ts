import { constants } from 'node:os';
import { SandboxError } from './sandbox.ts';
import type { FailureFrame } from './trace-stream.ts';
import type { Identity } from './view-plan.ts';

const { ENOENT, EACCES, ENOSPC, ENOMEM, ENOSYS, EBUSY } = constants.errno;

function nameOf(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `error ${errno}`;
}

/** Names a signal by its number, e.g. `signal 9 (SIGKILL)`. */
export function nameSignal(signal: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === signal)?.[0];
  return `signal ${signal}${name === undefined ? '' : ` (${name})`}`;
}

const NO_BWRAP =
  'bubblewrap is not installed: run "apt install bubblewrap" (Debian, Ubuntu) or "emerge sys-apps/bubblewrap" (Gentoo).';

const NO_USER_NAMESPACES =
  'This kernel does not let an ordinary user make user namespaces: check "sysctl user.max_user_namespaces" (must not be 0), ' +
  '"sysctl kernel.unprivileged_userns_clone" (must be 1 where it exists), ' +
  '"sysctl kernel.apparmor_restrict_unprivileged_userns" (must be 0 where it exists) and CONFIG_USER_NS, or run as root.';

const NO_USER_NAMESPACES_FOR_ROOT =
  'This kernel does not make user namespaces even for root: set "sysctl user.max_user_namespaces" above 0 or build it with CONFIG_USER_NS.';

const NO_OVERLAY =
  'This kernel cannot mount the overlay that hides packages: it needs CONFIG_OVERLAY_FS ("modprobe overlay"), ' +
  'and Linux 5.11 or later for an ordinary user.';

const NO_SECCOMP =
  'This kernel cannot report file accesses: it needs CONFIG_SECCOMP_FILTER and Linux 5.5 or later, ' +
  'outside of any container that traces with seccomp itself.';

/** The first line of bubblewrap's own message, without its name. */
function bwrapWords(output: string): string {
  const line = output.split('\n').find((text) => text.startsWith('bwrap: ')) ?? '';
  return line.slice('bwrap: '.length).trim();
}

/** The message if something outside of the run has ended it or a part of it, so that its result says nothing of the command. */
function explainDisturbance({ step, errno }: FailureFrame): string | undefined {
  switch (step) {
    case 'trace':
      return `The accesses of the build cannot be watched any more (${nameOf(errno)}): check that the machine has memory to spare and try again.`;
    case 'output':
      return 'The output of the build is lost because a process of the helper was killed: try again.';
    case 'out-of-memory':
      return 'The kernel ended a process of the build because the machine or its container ran out of memory: free memory, or give fewer build jobs, and try again.';
    case 'bwrap-killed':
      return `bubblewrap was killed by ${nameSignal(errno)} and not by us, so nothing is concluded from the run: run it again.`;
    default:
      return undefined;
  }
}

/**
 * Makes the message for a step of the helper that failed. Its reason depends only on the step and the errno.
 *
 * @param output the sandbox's output so far; it completes the message if bubblewrap itself failed
 */
export function explainFailure(
  frame: FailureFrame,
  identity: Identity,
  command: string,
  output: string,
): SandboxError {
  const { step, errno, detail } = frame;
  const why = nameOf(errno);
  const disturbance = explainDisturbance(frame);
  if (disturbance !== undefined) return new SandboxError('disturbed', disturbance);
  if (errno === ENOSPC && ['whiteout', 'staging', 'bind', 'layered'].includes(step)) {
    return new SandboxError(
      'disk-full',
      `There is no room to build the view at ${detail}: free memory or disk space and try again.`,
    );
  }
  switch (step) {
    case 'bwrap-exec':
      if (errno === ENOENT || errno === EACCES) return new SandboxError('no-bwrap', NO_BWRAP);
      break;
    case 'user-namespace':
    case 'id-map':
    case 'mount-namespace':
    case 'private-mounts':
      if (errno === ENOMEM) break;
      return new SandboxError(
        'no-user-namespaces',
        identity.kind === 'user' ? NO_USER_NAMESPACES : NO_USER_NAMESPACES_FOR_ROOT,
      );
    case 'overlay':
      if (errno === ENOMEM) break;
      return new SandboxError('no-overlay', `${NO_OVERLAY} (${detail}: ${why})`);
    case 'layered':
      if (errno === ENOMEM) break;
      return new SandboxError(
        'no-overlay',
        `A build cannot be kept in layers at ${detail} (${why}): keep the state folder on ext4, XFS, Btrfs or another local file system, not itself an overlay.`,
      );
    case 'staging':
      if (errno === EACCES && identity.kind === 'user')
        return new SandboxError('no-user-namespaces', NO_USER_NAMESPACES);
      break;
    case 'seccomp':
      if (errno === ENOMEM) break;
      return new SandboxError(
        'no-seccomp',
        errno === EBUSY || errno === ENOSYS ? NO_SECCOMP : `${NO_SECCOMP} (${why})`,
      );
    case 'limits':
      return new SandboxError(
        'failed',
        `The limits of the trial cannot be watched (${why}): check that the machine has memory and processes to spare and try again.`,
      );
    case 'command':
      return new SandboxError(
        'failed',
        `The command ${command} cannot be started in the sandbox (${why}): check that the view holds it.`,
      );
    case 'working-folder':
      return new SandboxError(
        'failed',
        `The working folder of ${command} cannot be entered in the sandbox (${why}): check that the view holds it.`,
      );
    case 'source':
      return new SandboxError(
        'failed',
        `The folder ${detail} cannot be shown in the sandbox (${why}): check that it exists and can be read.`,
      );
    case 'bind':
      return new SandboxError(
        'failed',
        `${detail} cannot be bound into the sandbox (${why}): check that it exists and can be read.`,
      );
    case 'bwrap':
      return new SandboxError(
        'failed',
        `bubblewrap could not build the sandbox: ${bwrapWords(output) || 'it gave no reason'}.`,
      );
  }
  return new SandboxError(
    'failed',
    `The sandbox could not be built: step "${step}" failed with ${why}${detail ? ` at ${detail}` : ''}; please report this with the build log.`,
  );
}
