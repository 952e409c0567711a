/** The effect, in both package managers, of flags that are set for one trial on top of a root's own configuration. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { evaluateEbuild } from '../../server/src/evaluation/evaluate.ts';
import { withShadow } from '../../server/src/evaluation/evaluate-text.ts';
import type { TrialWorld } from '../../server/src/host/world.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { createWorld, missingForTrials, root } from '../support/world.ts';

const EBUILD = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
IUSE="png +ssl gtk forced masked test colour_red"
REQUIRED_USE="gtk? ( png )"
`;

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-use-'));
const ownRoot = join(folder, 'root');
const file = join(folder, 'overlay/app-misc/foo/foo-1.ebuild');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  chmodSync(folder, 0o755);
  if (missingForTrials() !== undefined) return;
  const copy = (path: string) =>
    cpSync(join(root, path), join(ownRoot, path), { recursive: true, verbatimSymlinks: true });
  for (const path of ['var/cache', 'var/lib', 'var/tmp', 'var/log', 'var/db/pkg'])
    mkdirSync(join(ownRoot, path), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(ownRoot, name));
  symlinkSync('/usr', join(ownRoot, 'usr'));
  for (const path of ['etc', 'var/db/repos']) copy(path);
  const put = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  put(join(ownRoot, 'etc/portage/package.use/zzz'), 'app-misc/foo gtk -ssl png\n*/* doc\n');
  put(join(ownRoot, 'etc/portage/profile/use.mask'), 'masked\n');
  put(join(ownRoot, 'etc/portage/profile/package.use.force'), 'app-misc/foo forced\n');
  put(join(ownRoot, 'etc/portage/profile/make.defaults'), 'USE_EXPAND="COLOUR"\nCOLOUR="red"\n');
  put(file, EBUILD);
  put(join(folder, 'overlay/profiles/repo_name'), 'own\n');
  put(join(folder, 'overlay/profiles/categories'), 'app-misc\n');
  put(join(folder, 'overlay/metadata/layout.conf'), 'masters = gentoo\nthin-manifests = true\n');
});

describe.each(['portage', 'pkgcore'] as const)('%s', (name) => {
  const test = requireOrSkip(missingForTrials(name));
  let world: TrialWorld;
  beforeAll(async () => {
    if (missingForTrials(name) === undefined)
      world = { ...(await createWorld(name)), rootPath: ownRoot, home: join(folder, 'home') };
  });
  const evaluate = (use: readonly string[]) =>
    withShadow(world, file, EBUILD, (frame, shadow) =>
      evaluateEbuild(world, frame, shadow, use).then(({ metadata }) => metadata),
    );
  const ofIuse = (use: readonly string[]) =>
    use.filter((flag) => /^(png|ssl|gtk|forced|masked|test|colour_red)$/.test(flag)).sort();

  test('says which flags nobody can choose, and what REQUIRED_USE is', async () => {
    const { use, requiredUse, fixedUse, expandedUse } = await evaluate([]);
    expect(ofIuse(use)).toEqual(['colour_red', 'forced', 'gtk', 'png']);
    expect({ requiredUse, fixedUse, expandedUse }).toEqual({
      requiredUse: 'gtk? ( png )',
      fixedUse: ['forced', 'masked'],
      expandedUse: ['colour_red'],
    });
  });

  test('sets flags whatever package.use says, but not what the profile forces or masks', async () => {
    const off = await evaluate(['-png', '-ssl', '-gtk', '-forced', '-test']);
    expect(ofIuse(off.use)).toEqual(['colour_red', 'forced']);
    const others = await evaluate(['-png', 'ssl', '-gtk', 'masked', 'test']);
    expect(ofIuse(others.use)).toEqual(['colour_red', 'forced', 'ssl', 'test']);
  });
});
