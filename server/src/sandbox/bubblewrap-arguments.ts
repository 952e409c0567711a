import type { SandboxSpec } from './sandbox.ts';
import type { Identity, Shown, ViewPlan } from './view-plan.ts';

/** Where the sandbox shows the helper, read-only. */
export const HELPER_IN_SANDBOX = '/run/ebuild-audit/native';
/** The number of the socket between the helper's two halves; `STAGE_SOCKET` in server/native/outer/run.c. */
const STAGE_SOCKET = '7';

function bind({ source, target, writable }: Shown): string[] {
  return [writable ? '--bind' : '--ro-bind', source, target];
}

function makeFolder(path: string): string[] {
  return ['--perms', '0755', '--dir', path];
}

/**
 * Binds in order, each after the folders above it. bubblewrap would make those too, but readable by their owner alone, and
 * the build may run as another user. Below a folder that is already shown no folder can be made, and none has to be.
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
    ...(spec.trace ? ['--trace'] : []),
    // bubblewrap sets PWD of its own accord; the environment is to be what the spec says.
    ...(spec.environment.PWD === undefined ? ['--unset', 'PWD'] : []),
    // Here and not in bubblewrap: the folder may be closed to root without capabilities.
    ...['--chdir', spec.workingDirectory],
    '--',
    ...spec.command,
  ];
}

/**
 * The whole isolation policy as bubblewrap's arguments (bwrap(1)), without the program's name.
 *
 * Nothing of this machine is there but what the spec names. Root keeps its user namespace, so that folders below /root can
 * be bound, and the capabilities that the inner stage needs to become a powerless user; the stage gives them all up.
 *
 * @param spec what the sandbox shows
 * @param plan where the helper has mounted it
 * @param helper the helper's binary on this machine
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
  const power =
    identity.kind === 'root'
      ? ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_SYS_ADMIN'].flatMap((name) => ['--cap-add', name])
      : ['--cap-add', 'CAP_SETPCAP'];
  return [
    ...(identity.kind === 'user' ? ['--unshare-user', '--uid', '0', '--gid', '0'] : []),
    ...namespaces,
    ...['--hostname', 'ebuild-audit'],
    ...['--die-with-parent', '--new-session'],
    ...['--cap-drop', 'ALL'],
    ...power,
    ...bindBelowParents(plan.overlays, []),
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/run'],
    ...bindBelowParents(plan.scratch, plan.overlays),
    ...spec.links.flatMap(({ target, path }) => ['--symlink', target, path]),
    ...bindBelowParents([...plan.binds, ...plan.layered], plan.overlays),
    ...['--ro-bind', helper, HELPER_IN_SANDBOX],
    // The sandbox's own root, /dev and /run are memory that no limit counts; only what the spec calls writable may be written.
    ...['--remount-ro', '/dev', '--remount-ro', '/run', '--remount-ro', '/'],
    '--clearenv',
    ...Object.entries(spec.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--chdir', '/'],
    '--',
    ...stageArguments(spec, identity),
  ];
}
