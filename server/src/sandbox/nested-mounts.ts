/**
 * Kernel file systems. Packages install nothing in them, so they are not part of a view. An `autofs` mount is a mount on demand: accessing
 * it would mount it.
 */
const PSEUDO = new Set([
  ...['autofs', 'binfmt_misc', 'bpf', 'cgroup', 'cgroup2', 'configfs', 'debugfs', 'devpts', 'devtmpfs'],
  ...['efivarfs', 'fusectl', 'hugetlbfs', 'mqueue', 'nsfs', 'proc', 'pstore', 'rpc_pipefs', 'securityfs'],
  ...['selinuxfs', 'smackfs', 'sysfs', 'tracefs'],
]);

interface Mount {
  readonly id: string;
  readonly parent: string;
  readonly point: string;
  readonly type: string;
}

/**
 * Lists the visible mounts below a folder, outer mounts before those inside them.
 *
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5)); other lines are ignored
 * @param folder absolute path without symbolic links
 * @returns absolute paths of the mount points, which may be folders or files
 */
export function listNestedMounts(mountinfo: string, folder: string): readonly string[] {
  const mounts = mountinfo.split('\n').flatMap((line) => parseMount(line) ?? []);
  const byParent = new Map<string, Mount[]>();
  for (const mount of mounts) byParent.set(mount.parent, [...(byParent.get(mount.parent) ?? []), mount]);
  const known = new Set(mounts.map(({ id }) => id));
  const nested: string[] = [];

  const visit = (mount: Mount): void => {
    const inner = byParent.get(mount.id) ?? [];
    // A mount at the same mount point covers all of this one.
    const over = inner.find(({ point }) => point === mount.point);
    if (over !== undefined) {
      visit(over);
      return;
    }
    if (isBelow(mount.point, folder) && !PSEUDO.has(mount.type)) nested.push(mount.point);
    for (const below of inner) {
      if (!inner.some((between) => isBelow(below.point, between.point))) visit(below);
    }
  };
  // This process does not see the parent of the mount of /.
  for (const mount of mounts) if (!known.has(mount.parent)) visit(mount);
  return nested;
}

function parseMount(line: string): Mount | undefined {
  const fields = line.split(' ');
  const [id, parent, , , point] = fields;
  const type = fields[fields.indexOf('-', 6) + 1];
  if (id === undefined || parent === undefined || point === undefined || type === undefined) return undefined;
  return { id, parent, point: decodeOctal(point), type };
}

/** Decodes space, tab, newline and backslash, which the kernel writes as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
