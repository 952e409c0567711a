/** Binary packages merged by the real Portage, into a folder that has the VDB of the root and is otherwise empty. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NOTHING_HIDDEN } from '../../../server/src/evaluation/root-run.ts';
import { describeView } from '../../../server/src/evaluation/sandbox-view.ts';
import { makeWorkFolder } from '../../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';
import { RUN_PROGRAM } from '../../../server/src/package-manager/portage-scripts.ts';
import { locateEbuild } from '../../../server/src/repository/ebuild-location.ts';
import { createWorld } from '../../support/world.ts';

export interface Merged {
  /** The folder that the package was merged into, on this machine. */
  readonly root: string;
  readonly status: number;
  readonly output: string;
  remove(): Promise<void>;
}

/**
 * Runs `emaint binhost --fix` and `emerge --usepkgonly --oneshot` in the sandbox, with a copy of the packages.
 *
 * @param place an empty folder of the test
 * @param file an ebuild of the repository of the package
 * @param packages PKGDIR on this machine
 * @param emerge the arguments of emerge(1)
 */
export async function merge(
  place: string,
  file: string,
  packages: string,
  emerge: readonly string[],
): Promise<Merged> {
  const world = await createWorld('portage');
  const root = await readRootState(world.rootPath, join(place, 'index'));
  const location = locateEbuild(file);
  const { layout, repositories } = root;
  const trials = join(place, 'trials');
  const folder = await makeWorkFolder({ trials, location, layout, repositories, text: '' });
  const target = join(folder.work, 'target');
  mkdirSync(join(target, 'var/db'), { recursive: true });
  cpSync(join(world.rootPath, 'var/db/pkg'), join(target, 'var/db/pkg'), { recursive: true });
  for (const below of ['/var/db/pkg', ...repositories].filter((path) => path.startsWith('/var/db/')))
    mkdirSync(join(folder.work, below.slice('/var/'.length)), { recursive: true });
  cpSync(packages, join(folder.work, 'packages'), { recursive: true });
  // If root runs the tests, an unprivileged user merges.
  execFileSync('chmod', ['-R', 'a+rwX', folder.work]);
  const { packageManager } = world;
  const { argv, environment } = packageManager.buildCommand(folder.paths, {
    phases: ['setup'],
    afresh: false,
    test: false,
    jobs: 1,
    use: [],
  });
  const ebuild = argv.find((word) => word.endsWith('/ebuild')) ?? '';
  const run = async (program: string, words: readonly string[]) => {
    const spec = describeView({
      layout,
      folder,
      files: packageManager.files,
      repositories,
      hidden: NOTHING_HIDDEN,
      command: {
        argv: [packageManager.python, '-c', RUN_PROGRAM, ebuild.replace(/ebuild$/, program), ...words],
        environment,
      },
      trace: false,
    });
    // emerge(1) locks the VDB of the machine too.
    const binds = [{ source: join(folder.work, 'db'), target: '/var/db', writable: true }, ...spec.binds];
    const chunks: Uint8Array[] = [];
    const { status } = await world.sandbox.run(
      { ...spec, binds },
      { event() {}, output: (chunk) => void chunks.push(chunk) },
    );
    return { status, output: Buffer.concat(chunks).toString('utf8') };
  };
  const fixed = await run('emaint', ['--fix', 'binhost']);
  const { status, output } = await run('emerge', [
    `--root=${folder.paths.work}/target`,
    '--usepkgonly',
    '--oneshot',
    '--color=n',
    ...emerge,
  ]);
  return { root: target, status, output: fixed.output + output, remove: folder.remove };
}
