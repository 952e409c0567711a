import { type Answer, ok, problem, warning } from './check.ts';
import type { DoctorWorld } from './world.ts';

/** Linux 5.11 lets ordinary users mount overlays. */
const OLDEST = [5, 11] as const;

export function checkKernel({ versions: { kernel } }: DoctorWorld): Answer {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10));
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld
    ? warning(`Linux ${kernel}`, 'use Linux 5.11 or later, or run trials as root')
    : ok(`Linux ${kernel}`);
}

/** A setting of the kernel, the values with which ordinary users cannot make user namespaces, and one with which they can. */
const NAMESPACE_SETTINGS = [
  { name: 'user.max_user_namespaces', closed: '0', open: '15000' },
  { name: 'kernel.unprivileged_userns_clone', closed: '0', open: '1' },
  { name: 'kernel.apparmor_restrict_unprivileged_userns', closed: '1', open: '0' },
] as const;

/** The settings of user namespaces (user_namespaces(7)). Root needs only the first. */
export function checkNamespaces(world: DoctorWorld): Answer {
  const settings = NAMESPACE_SETTINGS.flatMap((setting) => {
    const value = world.readKernelFile(`/proc/sys/${setting.name.replaceAll('.', '/')}`)?.trim();
    return value === undefined ? [] : [{ ...setting, value }];
  });
  const found = settings.map(({ name, value }) => `${name} is ${value}`).join(', ');
  const needed = world.uid === 0 ? settings.slice(0, 1) : settings;
  const closed = needed.find(({ value, closed }) => value === closed);
  if (closed !== undefined) return problem(found, `sysctl -w ${closed.name}=${closed.open}`);
  return ok(found === '' ? 'This kernel restricts them in no way that it tells' : found);
}

export function checkOverlay(world: DoctorWorld): Answer {
  const systems = world.readKernelFile('/proc/filesystems') ?? '';
  if (/\boverlay$/m.test(systems)) return ok('The kernel has overlayfs');
  return warning(
    'The kernel has not loaded overlayfs',
    'modprobe overlay, or build it with CONFIG_OVERLAY_FS',
  );
}

/** Whether the kernel can hand system calls to the helper (seccomp_unotify(2)). */
export function checkSeccomp(world: DoctorWorld): Answer {
  const actions = world.readKernelFile('/proc/sys/kernel/seccomp/actions_avail');
  if (actions === undefined)
    return problem('The kernel has no seccomp filters', 'use a kernel with CONFIG_SECCOMP_FILTER');
  return /\buser_notif\b/.test(actions)
    ? ok('The kernel can report system calls')
    : problem('The kernel cannot report system calls', 'use Linux 5.5 or later');
}

export async function checkSandbox(world: DoctorWorld, home: string): Promise<Answer> {
  await world.proveSandbox(home);
  return ok('Hidden files are missing in it, it cannot be written to, and every look-up is reported');
}
