import { HOST_NAME, type SandboxSpec } from './sandbox.ts';
import type { Identity, Shown, ViewPlan } from './view-plan.ts';

/** The path at which the sandbox shows the helper, read-only. */
export const HELPER_IN_SANDBOX = '/run/ebuild-audit/native';
/** The kernel's overflow user, who owns no files. */
export const NOBODY = 65534;
/** The file descriptor of the socket between the two halves of the helper; `STAGE_SOCKET` in server/native/outer/run.c. */
const STAGE_SOCKET = '7';

function bind({ source, target, writable }: Shown): string[] {
  return [writable ? '--bind' : '--ro-bind', source, target];
}

function makeFolder(path: string): string[] {
  return ['--perms', '0755', '--dir', path];
}

/**
 * Binds in order, each after the folders above it. bubblewrap would make these folders readable by their owner alone, and the build may run
 * as another user. No folder can be made below a folder that is already shown, and none is needed there.
 *
 * @param shown the binds before these
 */
function bindBelowParents(mounts: readonly Shown[], shown: readonly Shown[]): string[] {
  const targets = shown.map(({ target }) => target);
  return mounts.flatMap((mount) => {
    const covered = targets.some((target) => mount.target.startsWith(`${target}/`));
    const parts = covered ? [] : mount.target.split('/').slice(1, -1);
    targets.push(mount.target);
    return [
      ...parts.flatMap((_, index) => makeFolder(`/${parts.slice(0, index + 1).join('/')}`)),
      ...bind(mount),
    ];
  });
}

/** The arguments of the helper's inner stage, the first program in the sandbox. */
function stageArguments(spec: SandboxSpec, identity: Identity): string[] {
  return [
    HELPER_IN_SANDBOX,
    'exec',
    '--socket',
    STAGE_SOCKET,
    ...(identity.kind === 'root' ? ['--drop-to', `${identity.uid}:${identity.gid}`] : []),
    ...(identity.kind === 'root' && spec.asNobody === true ? ['--shown-as', String(NOBODY)] : []),
    ...(spec.trace ? ['--trace'] : []),
    // bubblewrap sets PWD by itself, but the environment must be that of the spec.
    ...(spec.environment.PWD === undefined ? ['--unset', 'PWD'] : []),
    // The inner stage changes the folder and not bubblewrap: root without capabilities may not be allowed to enter it.
    ...['--chdir', spec.workingDirectory],
    '--',
    ...spec.command,
  ];
}

/**
 * Makes the whole isolation policy as arguments of bubblewrap (bwrap(1)), without the program's name.
 *
 * The sandbox shows only what the spec names.
 *
 * @param spec the contents of the sandbox
 * @param plan the places where the helper has mounted them
 * @param helper path of the helper on this machine
 */
export function bwrapArguments(
  spec: SandboxSpec,
  plan: ViewPlan,
  identity: Identity,
  helper: string,
): readonly string[] {
  const namespaces = [
    '--unshare-ipc',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-uts',
    '--unshare-cgroup-try',
  ];
  // The inner stage needs these to become an unprivileged user, and then drops them all.
  const power =
    identity.kind === 'root'
      ? ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_SYS_ADMIN'].flatMap((name) => ['--cap-add', name])
      : ['--cap-add', 'CAP_SETPCAP'];
  const shownUser = String(spec.asNobody === true ? NOBODY : 0);
  return [
    // Root keeps its user namespace, so that folders below /root can be bound.
    ...(identity.kind === 'user' ? ['--unshare-user', '--uid', shownUser, '--gid', shownUser] : []),
    ...namespaces,
    ...['--hostname', spec.hostName ?? HOST_NAME],
    ...['--die-with-parent', '--new-session'],
    ...['--cap-drop', 'ALL'],
    ...power,
    ...bindBelowParents(plan.overlays, []),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run'],
    ...bindBelowParents(plan.scratch, plan.overlays),
    ...spec.links.flatMap(({ target, path }) => ['--symlink', target, path]),
    ...bindBelowParents([...plan.binds, ...plan.layered], plan.overlays),
    ...['--ro-bind', helper, HELPER_IN_SANDBOX],
    // The sandbox's own root, /dev and /run are in memory, and no limit counts them. So only the writable folders of the spec stay
    // writable.
    ...['--remount-ro', '/dev', '--remount-ro', '/run', '--remount-ro', '/'],
    '--clearenv',
    ...Object.entries(spec.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', '/'],
    '--',
    ...stageArguments(spec, identity),
  ];
}
