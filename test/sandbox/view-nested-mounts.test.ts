import { describe, expect, test } from 'vitest';
import { listNestedMounts } from '../../server/src/sandbox/nested-mounts.ts';

/** Makes lines of mountinfo from `id parent point type`. */
function mountinfo(...lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [id, parent, point, type] = line.split(' ');
      return `${id} ${parent} 0:21 / ${point} rw,relatime shared:1 master:2 - ${type} source rw,size=1k\n`;
    })
    .join('');
}

describe('mounts below a folder', () => {
  test('those inside it, outer ones first, without the file systems of the kernel', () => {
    const text = mountinfo(
      ...['20 1 / ext4', '21 20 /usr xfs', '24 23 /usr/local/share/x btrfs', '23 21 /usr/local ext4'],
      ...['25 20 /usrlocal ext4', '26 21 /usr/lib/debug debugfs', '27 26 /usr/lib/debug/trace tmpfs'],
    );
    expect(listNestedMounts(text, '/usr')).toEqual([
      '/usr/local',
      '/usr/local/share/x',
      '/usr/lib/debug/trace',
    ]);
    expect(listNestedMounts(text, '/')).toEqual([
      ...['/usr', '/usr/local', '/usr/local/share/x', '/usr/lib/debug/trace', '/usrlocal'],
    ]);
    expect(listNestedMounts(text, '/usr/local/share/x')).toEqual([]);
  });

  test('what a later mount covers is not there', () => {
    const text = mountinfo(
      ...['20 1 / ext4', '30 20 /usr/a/deep ext4', '31 20 /usr/a tmpfs', '32 31 /usr/a/new ext4'],
      // Two mounts at the same place: the second covers the first and everything in it.
      ...['40 20 /usr/b ext4', '41 40 /usr/b/in tmpfs', '42 40 /usr/b xfs', '43 42 /usr/b/over xfs'],
    );
    expect(listNestedMounts(text, '/usr')).toEqual(['/usr/a', '/usr/a/new', '/usr/b', '/usr/b/over']);
  });

  test('names with the characters that the kernel escapes', () => {
    const text = mountinfo(
      '20 1 / ext4',
      '21 20 /usr/a\\040b\\011c\\012d\\134040 ext4',
      '22 20 /usr/x\udcff ext4',
    );
    expect(listNestedMounts(text, '/usr')).toEqual(['/usr/a b\tc\nd\\040', '/usr/x\udcff']);
  });

  test('lines without sense are passed over, and a process in a chroot sees what it can reach', () => {
    expect(
      listNestedMounts(
        `\nrubbish\n1 2 3 4 5\n${mountinfo('50 49 /usr/local ext4', '51 50 /usr/local/a xfs')}`,
        '/usr',
      ),
    ).toEqual(['/usr/local', '/usr/local/a']);
  });
});
