import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a root is the practice root, which has only a few packages and eclasses of Gentoo. */
export function isPracticeRoot(root: string): boolean {
  return existsSync(join(root, '.practice-root'));
}
