/** Trials of an ebuild whose steps each look for another package of the root, as a second author of the same ebuild would run them. */
import { join } from 'node:path';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { locateForTrial } from '../../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';
import type { TrialWorld } from '../../../server/src/host/world.ts';
import type { Sandbox } from '../../../server/src/sandbox/sandbox.ts';
import { runTrial } from '../../../server/src/trial/run-trial.ts';
import { writeEbuildFiles } from '../../support/ebuild-files.ts';
import { createWorld } from '../../support/world.ts';

/** Each phase leaves something that the next one needs, and looks for another package of the practice root. */
export const EBUILD = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
S="\${WORKDIR}"
SEEN=no

src_unpack() { echo unpacked > state; MADE_IN_UNPACK=kept; }
src_prepare() { default; echo prepared >> state; SEEN=yes; }
src_configure() {
	[[ \${MADE_IN_UNPACK} == kept ]] || die "the environment is lost"
	[[ \${SEEN} == yes ]] || die "the ebuild was sourced again"
	[[ -e /usr/include/sqlite3.h ]] && echo with sqlite >> state
	echo configured >> state
}
src_compile() {
	[[ -e /usr/include/png.h ]] && echo with png >> state
	echo compiled >> state
}
src_install() { insinto /usr/share/\${PN}; doins state; }
`;

export const EBUILD_PATH = 'dev-test/steps/steps-1.ebuild';

export const ALL = ['prepare', 'configure', 'compile', 'install'];

export interface Done {
  readonly record: TrialRecord;
  /** The last word of each command that was run in the sandbox to build. */
  readonly ran: readonly string[];
}

/** Runs a trial of a text in a state folder, with the repository in its folder `steps`. */
export async function runSteps(
  home: string,
  text: string,
  more: {
    fresh?: true;
    manager?: 'portage' | 'pkgcore';
    world?: Partial<TrialWorld>;
    absent?: readonly string[];
  } = {},
): Promise<Done> {
  const real = await createWorld(more.manager);
  const ran: string[] = [];
  const sandbox: Sandbox = {
    run(spec, listener, signal) {
      // An evaluation has a time limit of its own.
      if (spec.time === undefined) ran.push(spec.command.at(-1) ?? '');
      return real.sandbox.run(spec, listener, signal);
    },
  };
  const world = { ...real, home, sandbox, ...more.world };
  writeEbuildFiles(join(home, 'steps'), { [EBUILD_PATH]: text }, more.absent);
  const root = await readRootState(world.rootPath, join(home, 'index'));
  const location = locateForTrial(join(home, 'steps', EBUILD_PATH), world.buildsAsOther);
  const { record } = await runTrial({
    world,
    root,
    location,
    text,
    quick: true,
    fresh: more.fresh === true,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
  });
  // Each trial has a log of its own.
  return { record: { ...record, log: '' }, ran };
}
