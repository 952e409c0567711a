import type { Finding } from './finding.ts';

/** The address of the project. */
export const PROJECT = 'https://github.com/ebuild-audit/ebuild-audit';

/** The folder of the documents. */
export const DOCUMENTS = `${PROJECT}/blob/main/docs`;

const PKGCHECK_KEYWORDS = 'https://pkgcore.github.io/pkgcheck/man/pkgcheck.html#keywords';

/** The address of the page that explains a finding. pkgcheck has one page for all its keywords. */
export function addressOf({ code, source }: Pick<Finding, 'code' | 'source'>): string {
  return source === 'pkgcheck' ? PKGCHECK_KEYWORDS : `${DOCUMENTS}/findings/${code}.md`;
}
