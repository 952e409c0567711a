import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { locateForTrial } from '../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../server/src/host/root-state.ts';
import type { TrialWorld } from '../../server/src/host/world.ts';
import type { Sandbox, SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import { runTrial } from '../../server/src/trial/run-trial.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createWorld, missingForTrials, project } from '../support/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'hiding-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true }));
cpSync(join(project, 'examples'), folder, { recursive: true });

const DEFECTIVE = join(folder, 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild');

/** Makes an empty state folder, so that every step is built. */
function freshHome(): string {
  const home = mkdtempSync(join(folder, 'home-'));
  chmodSync(home, 0o755);
  return home;
}

/** Runs a trial in views that `change` alters. */
async function trial(
  change: (spec: SandboxSpec) => SandboxSpec,
): Promise<{ record: TrialRecord; views: SandboxSpec[] }> {
  const world = await createWorld();
  const views: SandboxSpec[] = [];
  const sandbox: Sandbox = {
    run(spec, listener, signal) {
      const changed = change(spec);
      views.push(changed);
      return world.sandbox.run(changed, listener, signal);
    },
  };
  return { record: await tryDefective({ ...world, sandbox, home: freshHome() }), views };
}

async function tryDefective(world: TrialWorld, damage: readonly string[] = []): Promise<TrialRecord> {
  const root = await readRootState(world.rootPath, join(world.home, 'index'));
  const { record } = await runTrial({
    world,
    root: { ...root, problems: damage },
    location: locateForTrial(DEFECTIVE, world.buildsAsOther),
    text: readFileSync(DEFECTIVE, 'utf8'),
    quick: true,
    fresh: false,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
  });
  return record;
}

const test = requireOrSkip(missingForTrials());

test('the defective ebuild builds on the bare machine, so only hiding makes it fail', async () => {
  const bare = await trial((spec) => ({
    ...spec,
    overlays: spec.overlays.map((overlay) => ({ ...overlay, hidden: [] })),
  }));
  // One evaluation and the steps of one build: nothing had to be confirmed.
  expect(bare.views.map(({ command }) => command.at(-1)).slice(1)).toEqual([
    'prepare',
    'configure',
    'compile',
    'install',
  ]);
  expect(bare.record.outcome).toBe('passed');
  expect(bare.record.needs.map((need) => need.variable)).toEqual(['RDEPEND']);

  const hidden = await trial((spec) => spec);
  const shows = (spec: SandboxSpec) =>
    !spec.overlays.some((overlay) => overlay.hidden.some((path) => path.includes('libpng')));
  // It is visible from the step that asked for it.
  expect(hidden.views.slice(1).map((spec) => [spec.command.at(-1), shows(spec)])).toEqual([
    ['prepare', false],
    ['configure', false],
    ['compile', false],
    ['compile', true],
    ['install', true],
  ]);
  expect(hidden.record.needs.map((need) => [need.variable, need.atom, need.certainty])).toEqual([
    ['DEPEND', 'media-libs/libpng:=', 'proven'],
    ['RDEPEND', 'media-libs/libpng:=', 'proven'],
  ]);
}, 180_000);

test('all evidence comes from the trace: without events there are no needs except those of the image', async () => {
  const world = await createWorld();
  const sandbox: Sandbox = {
    run: (spec, listener, signal) => world.sandbox.run(spec, { ...listener, event: () => {} }, signal),
  };
  const record = await tryDefective({ ...world, sandbox, home: freshHome() });
  expect([record.outcome, record.needs]).toEqual(['failed', []]);
}, 180_000);

test('damaged packages of the VDB are among the gaps, because the owner of their files is unknown', async () => {
  const world = { ...(await createWorld()), home: freshHome() };
  const damage = Array.from(
    { length: 7 },
    (_, index) => `package ${index} is skipped: its record is damaged.`,
  );
  const { gaps } = await tryDefective(world, damage);
  expect(gaps).toEqual(
    expect.arrayContaining([...damage.slice(0, 5), '2 more records of packages are damaged']),
  );
}, 120_000);
