import { type Limit, sayLimit } from '../errors/limit.ts';
import { UserError } from '../errors/user-error.ts';
import { runInFullView } from '../evaluation/evaluate.ts';
import { type EvaluationWorld, withShadow } from '../evaluation/evaluate-text.ts';
import { findTrialWorld, type RunnerSettings } from '../host/find-world.ts';
import { findPkgcheck } from '../package-manager/find.ts';
import type { Pkgcheck } from '../package-manager/pkgcheck.ts';
import { withSignal } from '../sandbox/bound-sandbox.ts';
import type { Scan } from './pkgcheck-findings.ts';
import { type PkgcheckOutput, readPkgcheckOutput } from './pkgcheck-result.ts';

/** Limit in characters. The pattern for its end takes a time that is quadratic in its length. */
const LONGEST_REASON = 500;

/**
 * Lets pkgcheck scan a text of an ebuild, in the sandbox because it sources the ebuild. It sees the package's other
 * ebuilds and the rest of the repository as they are on disk.
 *
 * @throws UserError with one sentence if pkgcheck cannot scan it; SandboxError if no sandbox can be made
 */
export function scanWithPkgcheck(
  world: EvaluationWorld,
  pkgcheck: Pkgcheck,
  file: string,
  text: string,
  signal?: AbortSignal,
): Promise<PkgcheckOutput> {
  return withShadow(
    world,
    file,
    text,
    async (root, folder) => {
      const { status, output } = await runInFullView(withSignal(world.sandbox, signal), {
        root,
        folder,
        files: pkgcheck.files,
        command: pkgcheck.scanCommand(folder.paths),
      });
      const read = readPkgcheckOutput(output);
      if (status === 0) return read;
      const reason = read.words.at(-1)?.replace(/^pkgcheck scan: error: /, '') ?? 'no reason given';
      throw new UserError(
        `pkgcheck cannot scan ${file}: ${reason.slice(0, LONGEST_REASON).replace(/[.:;\s]+$/, '')}; try "pkgcheck scan" in its folder.`,
      );
    },
    { withOtherVersions: true },
  );
}

const NO_PKGCHECK: Limit = {
  kind: 'pkgcheck',
  text: 'There is no pkgcheck that can run here',
  remedy: 'on Gentoo "emerge dev-util/pkgcheck", elsewhere "ebuild-audit set-up"',
};

/** Says that saved ebuilds are not scanned, if this machine has no pkgcheck; else undefined. */
export function lackOfPkgcheck(root: string, home: string): Limit | undefined {
  if (findPkgcheck(root, home, process.env.PATH ?? '') !== undefined) return undefined;
  const text = `The findings of pkgcheck are missing. ${NO_PKGCHECK.text}`;
  const remedy = `${NO_PKGCHECK.remedy}, or set ebuildAudit.pkgcheck to off`;
  return { ...NO_PKGCHECK, text, remedy, mend: { kind: 'setting', name: 'pkgcheck' } };
}

/**
 * Opens a scan by this machine's pkgcheck, which is looked for at the first scan. It runs code of the ebuild, so use
 * it only in trusted workspaces or when the user asks for it. The scan rejects as {@link scanWithPkgcheck} does, and
 * if there is no pkgcheck.
 */
export function openPkgcheck(settings: Pick<RunnerSettings, 'root' | 'bwrap'>): Scan {
  let opening: Promise<Scan> | undefined;
  const open = async (): Promise<Scan> => {
    const world = await findTrialWorld({ ...settings, packageManager: 'auto', buildJobs: 1 });
    const pkgcheck = findPkgcheck(world.rootPath, world.home, process.env.PATH ?? '');
    if (pkgcheck !== undefined)
      return (file, text, signal) => scanWithPkgcheck(world, pkgcheck, file, text, signal);
    throw new UserError(sayLimit(NO_PKGCHECK));
  };
  return async (file, text, signal) => {
    opening ??= open();
    return (await opening)(file, text, signal);
  };
}
