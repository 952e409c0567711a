/** The kernel's overflow user, who owns nothing. */
export const NOBODY = 65534;
export const isRoot = process.geteuid?.() === 0;
export type As = 'root' | 'user';

/** The users as whom the product is tested: always an ordinary user, and also root if root runs the tests. */
export const who: readonly As[] = isRoot ? ['root', 'user'] : ['user'];

/** Whether `npm run test:long` runs, which tries everything as every user and at its real size. */
export const isLong = process.env.EBUILD_AUDIT_TESTS === 'long';

/** The package managers for what hardly depends on them: Portage, and in the long tests pkgcore too. */
export const managers: readonly ('portage' | 'pkgcore')[] = isLong ? ['portage', 'pkgcore'] : ['portage'];

/** One user for what hardly depends on the user, if that one can be; all of them in the long tests. */
export function mostly(as: As): readonly As[] {
  return isLong || !who.includes(as) ? who : [as];
}
