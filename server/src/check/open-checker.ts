import type { BashParser } from '../ebuild/bash-parser.ts';
import type { Limit } from '../errors/limit.ts';
import { chooseRoot, makeHome } from '../host/find-world.ts';
import { openRepositoryIndex } from '../repository/index/open-repository-index.ts';
import { isPracticeRoot } from '../repository/practice-root.ts';
import { type Checker, type CheckerInput, createChecker } from './checker.ts';
import { lackOfPkgcheck } from './pkgcheck-scan.ts';

/** The practice root calls its own few packages `gentoo`; that a package is not among them says nothing. */
const PRACTICE: Limit = {
  kind: 'practice-root',
  text: 'Package names are not checked, because the practice root has only a few Gentoo packages',
  remedy: 'set ebuildAudit.root or --root to a Gentoo system',
  mend: { kind: 'setting', name: 'root' },
};

/**
 * Makes the checker of this machine.
 *
 * @param root as the user chose it; empty: this machine's own, or the practice root
 * @param options with `scan` from `openPkgcheck` for a workspace that the user trusts, without which nothing that runs code is started; with
 *   `rulesOf` from `createRepositoryRules`
 * @throws UserError with one sentence where the root or the state folder cannot be used
 */
export function openChecker(
  parser: BashParser,
  root: string,
  options: Pick<CheckerInput, 'log' | 'scan' | 'rulesOf'>,
): Checker {
  const home = makeHome(process.geteuid?.() ?? 0);
  const chosen = chooseRoot(root, home);
  const incomplete = isPracticeRoot(chosen) ? PRACTICE : undefined;
  const lack = options.scan && lackOfPkgcheck(chosen, home);
  return createChecker({
    ...options,
    parser,
    home,
    root: chosen,
    openIndex: openRepositoryIndex,
    incomplete,
    limits: lack === undefined ? [] : [lack],
  });
}
