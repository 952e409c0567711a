import { expect, test } from 'vitest';
import { createProcessTree } from '../../server/src/trace/process/process-tree.ts';

test('a program that the package manager runs in a process of the ebuild is its own work', () => {
  const tree = createProcessTree({
    folders: ['/pm'],
    programs: ['/usr/bin/scanelf'],
    ebuildHelpers: ['daemon.bash'],
  });
  tree.execute(1, '/pm/daemon.bash', ['bash', '/pm/daemon.bash'], 'install');
  tree.start(2, 1);
  expect(tree.execute(2, '/usr/bin/scanelf', ['scanelf', '-qyR', '/image'], undefined)).toBe(true);
  expect(tree.get(2).actor).toBe('package-manager');
  tree.start(3, 1);
  expect(tree.execute(3, '/usr/bin/make', ['make', 'scanelf'], undefined)).toBe(false);
  expect(tree.get(3).actor).toBe('ebuild');
});
