import { describe, expect, test } from 'vitest';
import { asRelative, containLink } from '../../server/src/host/root-image/contained-link.ts';

/** Where a link of a root may lead on this machine, with other links of the root. */
function contain(place: string, target: string, others: Readonly<Record<string, string>> = {}) {
  const links = new Map(Object.entries({ ...others, [place]: target }));
  for (const [path, of] of links) links.set(path, asRelative(path, of));
  return containLink(place, target, (path) => links.get(path), { left: 10_000 });
}

describe('a link of a root that came out of an image', () => {
  test.each([
    ['/usr/bin/awk', 'gawk'],
    ['/etc/mtab', '../proc/self/mounts'],
    ['/etc/portage/make.profile', '../../var/db/repos/gentoo/profiles/default'],
    ['/bin', 'usr/bin'],
    ['/usr/lib/a', './../lib/./b'],
  ])('%s stays as it is if %s is inside', (place, target) => {
    expect(contain(place, target)).toBe(target);
  });

  test.each([
    ['/usr/bin/awk', '/usr/bin/gawk', '../../usr/bin/gawk'],
    ['/var/run', '/run', '../run'],
    ['/lib', '/usr/lib', 'usr/lib'],
    ['/home', '/', '.'],
    ['/usr/root', '/', '../'],
    ['/usr', '/usr/', undefined],
  ])(
    '%s to %s is made relative, so that it leads to the same place of the root',
    (place, target, expected) => {
      expect(contain(place, target)).toBe(expected);
    },
  );

  test.each([
    ['/etc/passwd', '../../../../etc/passwd', undefined],
    ['/etc/shadow', '../../../../etc/passwd', '../etc/passwd'],
    ['/a', '..', '.'],
    ['/usr/x', '/../../home', '../home'],
  ])(
    '%s to %s, which would leave a folder of this machine, ends where the root ends',
    (place, target, expected) => {
      expect(contain(place, target)).toBe(expected);
    },
  );

  test('is followed through other links, which names alone do not show', () => {
    // By its names a/b/../x is a/x; but b leads to the root, and its parent is above it.
    expect(contain('/l', 'a/b/../x', { '/a/b': '..' })).toBe('x');
    expect(contain('/l', 'a/b/x', { '/a/b': '../../..' })).toBe('x');
    expect(contain('/l', 'a/b/x', { '/a/b': '/c' })).toBe('a/b/x');
  });

  test('that goes in a circle leads nowhere', () => {
    expect(contain('/a', 'b', { '/b': 'a' })).toBeUndefined();
    expect(contain('/a', 'a/a/a')).toBeUndefined();
  });

  test('takes no more steps than it is given', () => {
    const steps = { left: 5 };
    containLink('/l', './'.repeat(1000), () => undefined, steps);
    expect(steps.left).toBeLessThan(0);
  });
});
