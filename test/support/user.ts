/** The kernel's overflow user, who owns nothing. */
export const NOBODY = 65534;
export const isRoot = process.geteuid?.() === 0;
export type As = 'root' | 'user';

/** The users as whom the product is tested: always an ordinary user, and also root if root runs the tests. */
export const who: readonly As[] = isRoot ? ['root', 'user'] : ['user'];
