/** The kernel's overflow user, who owns nothing. */
export const NOBODY = 65534;
export const isRoot = process.geteuid?.() === 0;
export type As = 'root' | 'user';

/** As whom the product is tested: always as an ordinary user, and as root where the tests are root's. */
export const who: readonly As[] = isRoot ? ['root', 'user'] : ['user'];
