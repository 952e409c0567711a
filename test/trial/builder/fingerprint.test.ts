import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  createIsOwned,
  createPathCollector,
  type NamedPaths,
  readPathState,
} from '../../../server/src/host/named-paths.ts';
import { createFactsOf, digestInstalled } from '../../../server/src/host/package-facts.ts';
import { type RootState, readRootState } from '../../../server/src/host/root-state.ts';
import { parseDependency } from '../../../server/src/pms/dependency.ts';
import type { TraceEvent } from '../../../server/src/trace/event.ts';
import { type BuildView, drawBuildView } from '../../../server/src/trial/builder/build-view.ts';
import { createRootKnowledge } from '../../../server/src/trial/builder/root-knowledge.ts';
import { createFingerprint } from '../../../server/src/trial/builder/steps/fingerprint.ts';
import { createFootprintReader, type Footprint } from '../../../server/src/trial/builder/steps/footprint.ts';
import { createRootDigest } from '../../../server/src/trial/builder/steps/root-digest.ts';
import { exec, list, miss, open, stat } from '../../trace/traced-build.ts';
import { merge, unmerge, update } from './merged-root.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-fingerprint-'));
  root = join(folder, 'root');
  merge(root, 'sys-apps/pm-1', { '/usr/bin/pm': '' });
  merge(root, 'dev-libs/a-1', { '/usr/include/a.h': 'a', '/usr/bin/a': '' }, 'dev-libs/between');
  merge(root, 'dev-libs/b-1', { '/usr/include/b.h': 'b' });
  merge(root, 'dev-libs/between-1', { '/usr/share/between/data': '' }, 'dev-libs/below');
  merge(root, 'dev-libs/below-1', { '/usr/include/below.h': '' });
  merge(root, 'dev-util/old-1', { '/usr/bin/old': '', '/usr/share/old/data': '' });
  write('/etc/profile.env', "export EDITOR='/bin/nano'\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

async function read(declared: string): Promise<{ state: RootState; view: BuildView }> {
  const state = await readRootState(root, join(folder, 'index'));
  await state.saved;
  const view = drawBuildView(state, {
    packageManager: { files: { binds: [], programs: ['/usr/bin/pm'] } },
    declared: { depend: parseDependency(declared).nodes, bdepend: [] },
    system: [],
    itself: 'app-misc/foo',
  });
  return { state, view };
}

/** What is kept of a step. */
interface Kept {
  readonly footprint: Footprint;
  readonly named: NamedPaths;
  readonly parts: Parts;
}
interface Parts {
  /** What the view shows of the footprint. */
  readonly view: string;
  /** What is known of it through the packages of the root. */
  readonly root: string;
  /** The files on disk. */
  readonly files: string;
}

async function describeStep(
  { footprint, named }: Pick<Kept, 'footprint' | 'named'>,
  declared: string,
  areOwnersSame: boolean,
): Promise<Parts> {
  const { state, view } = await read(declared);
  return {
    view: createFingerprint(state, view)(footprint),
    root: await createRootDigest(state)(footprint, named),
    files: (await readPathState(named, async () => createIsOwned(state), areOwnersSame)).digest,
  };
}

/** A step with these events, in a view of these packages. */
async function run(events: readonly TraceEvent[], declared = 'dev-libs/a'): Promise<Kept> {
  const { state, view } = await read(declared);
  const reader = createFootprintReader(state, createRootKnowledge(state, view));
  const { layout, resolver } = state;
  const paths = createPathCollector({ layout, resolver, repositories: [], own: [] });
  for (const event of events) {
    reader.observe(event, true);
    paths.observe(event);
  }
  const step = {
    footprint: reader.result(),
    named: (await paths.result(createIsOwned(state))) as NamedPaths,
  };
  return { ...step, parts: await describeStep(step, declared, true) };
}

/** The parts of what is kept of a step that are not as they were. The step runs again unless there are none. */
async function listChanges(kept: Kept, declared = 'dev-libs/a'): Promise<string[]> {
  const now = await describeStep(kept, declared, false);
  return (Object.keys(now) as (keyof Parts)[]).filter((part) => now[part] !== kept.parts[part]);
}

describe('a step is as it was', () => {
  test('after packages were merged, updated and removed that it did not touch', async () => {
    const events = [open(2, '/usr/include/a.h'), list(2, '/usr/share/between'), exec(2, '/usr/bin/pm')];
    const kept = await run([...events, miss(2, '/usr/include/none.h'), open(2, '/etc/profile.env')]);
    merge(root, 'dev-util/new-1', { '/usr/bin/new': '', '/usr/include/new.h': '', '/usr/share/new/x': '' });
    unmerge(root, 'dev-util/old-1');
    update(root, 'dev-libs/b-1');
    expect(await listChanges(kept)).toEqual([]);
  });

  test('unless a package that it touched was updated or removed, shown or hidden', async () => {
    const shown = await run([open(2, '/usr/include/a.h')]);
    const hidden = await run([miss(2, '/usr/include/b.h')]);
    update(root, 'dev-libs/a-1');
    expect(await listChanges(shown)).toContain('view');
    expect(await listChanges(hidden)).toEqual([]);
    unmerge(root, 'dev-libs/b-1');
    expect(await listChanges(hidden)).toContain('view');
  });

  test('unless a package that it touched was merged again as it was', async () => {
    const kept = await run([stat(2, '/usr/bin/a')]);
    merge(root, 'dev-libs/a-1', { '/usr/include/a.h': 'a', '/usr/bin/a': '' }, 'dev-libs/between');
    expect(await listChanges(kept)).toEqual(expect.arrayContaining(['view', 'files']));
  });

  test('if the package is gone or hidden, as two different things', async () => {
    const kept = await run([miss(2, '/usr/include/b.h'), stat(2, '/usr/include')]);
    expect(await listChanges(kept, 'dev-libs/a dev-libs/b')).toEqual(['view']);
    rmSync(join(root, 'var/db/pkg/dev-libs/b-1'), { recursive: true });
    expect(await listChanges(kept)).toContain('view');
  });

  test('unless what it looked for in vain is there, shown or hidden: a hidden package that was asked for is a denial', async () => {
    const events = [miss(2, '/usr/include/new.h'), miss(2, '/usr/lib/new/deep/x')];
    const [kept, deep] = [await run(events.slice(0, 1)), await run(events.slice(1))];
    merge(root, 'dev-util/new-1', { '/usr/include/new.h': '' });
    expect(await listChanges(kept)).toEqual(['root', 'files']);
    expect(await listChanges(deep)).toEqual([]);
    merge(root, 'dev-util/other-1', { '/usr/lib/new/deep/y': '' });
    expect(await listChanges(deep)).toContain('files');
  });

  test('unless a package that needs another no longer does: what follows from a use would be another', async () => {
    const kept = await run([open(2, '/usr/include/a.h'), open(2, '/usr/include/below.h')]);
    unmerge(root, 'dev-libs/between-1');
    merge(root, 'dev-libs/between-1', { '/usr/share/between/data': '' }, 'dev-libs/below');
    expect(await listChanges(kept)).toEqual([]);
    unmerge(root, 'dev-libs/between-1');
    merge(root, 'dev-libs/between-2', { '/usr/share/between/data': '' });
    expect(await listChanges(kept, 'dev-libs/a dev-libs/below')).toEqual(['root']);
  });

  test('unless a file that it named got an owner, although the file is the same', async () => {
    write('/etc/conf', 'mine');
    const kept = await run([open(2, '/etc/conf'), stat(2, '/etc')]);
    const record = 'var/db/pkg/app-misc/conf-1';
    mkdirSync(join(root, record), { recursive: true });
    write(`${record}/CONTENTS`, 'dir /etc\nobj /etc/conf 0 0\n');
    expect(await listChanges(kept)).toEqual(['root']);
  });
});

describe('a folder that a step listed is as it was', () => {
  test('after a merge of a hidden package, and not after one of a visible package', async () => {
    const kept = await run([list(2, '/usr/include')]);
    merge(root, 'dev-util/new-1', { '/usr/include/new.h': '' });
    expect(await listChanges(kept)).toEqual([]);
    expect(await listChanges(kept, 'dev-libs/a dev-util/new')).toContain('view');
  });

  test('unless nobody owns what is new, or the folder of a package', async () => {
    const kept = await run([list(2, '/usr/include')]);
    write('/usr/include/own.h');
    expect(await listChanges(kept)).toEqual(['files']);
  });

  test('whatever it is called, if packages have nothing in it', async () => {
    const [one, other] = [await run([list(2, '/usr/temporary-1')]), await run([list(2, '/usr/temporary-2')])];
    expect(one.parts.view).toBe(other.parts.view);
  });

  test('unless programs look for packages by listing it: a hidden one that was missed there is a denial', async () => {
    merge(root, 'dev-libs/c-1', { '/usr/share/aclocal/c.m4': '', '/usr/lib/libc1.so': '' });
    const macros = await run([list(2, '/usr/share/aclocal')], 'dev-libs/c');
    const libraries = await run([list(2, '/usr/lib')], 'dev-libs/c');
    merge(root, 'dev-util/new-1', { '/usr/share/aclocal/new.m4': '' });
    expect(await listChanges(macros, 'dev-libs/c')).toEqual(['view']);
    expect(await listChanges(libraries, 'dev-libs/c')).toEqual([]);
    merge(root, 'dev-util/lib-1', { '/usr/lib/libnew.so': '', '/usr/lib/data': '' });
    expect(await listChanges(libraries, 'dev-libs/c')).toEqual(['view']);
  });

  test('unless a package that records it is gone, so that it is hidden', async () => {
    merge(root, 'dev-libs/c-1', { '/usr/share/shared/c': '' });
    merge(root, 'dev-libs/d-1', { '/usr/share/shared/d': '' });
    const kept = await run([stat(2, '/usr/share/shared')], 'dev-libs/c');
    update(root, 'dev-libs/d-1');
    expect(await listChanges(kept, 'dev-libs/c')).toEqual([]);
    unmerge(root, 'dev-libs/c-1');
    expect(await listChanges(kept, 'dev-libs/a')).toEqual(['view']);
  });
});

describe('the records of packages', () => {
  test('count by category, with the visible packages', async () => {
    const kept = await run([list(2, '/var/db/pkg/dev-util')], 'dev-util/old');
    merge(root, 'dev-libs/new-1', { '/usr/bin/new': '' });
    merge(root, 'dev-util/new-1', { '/usr/share/x': '' });
    expect(await listChanges(kept, 'dev-util/old')).toEqual([]);
    expect(await listChanges(kept, 'dev-util/old dev-util/new')).toEqual(['view']);
    update(root, 'dev-util/old-1');
    expect(await listChanges(kept, 'dev-util/old')).toEqual(['view']);
  });

  test('a file of one is read for the whole category', async () => {
    const kept = await run([open(2, '/var/db/pkg/dev-libs/a-1/SLOT')]);
    update(root, 'dev-libs/b-1');
    expect(await listChanges(kept)).toEqual([]);
    update(root, 'dev-libs/a-1');
    expect(await listChanges(kept)).toEqual(['view']);
  });

  test('are not there for the names of categories, of which each counts', async () => {
    const kept = await run([list(2, '/var/db/pkg')]);
    merge(root, 'dev-util/new-1', { '/usr/bin/new': '' });
    expect(await listChanges(kept)).toEqual([]);
    merge(root, 'new-category/new-1', { '/usr/bin/newer': '' });
    expect(await listChanges(kept)).toEqual(['view']);
  });
});

test('what the package manager keeps counts if a phase named it', async () => {
  write('/var/lib/portage/world', 'dev-libs/a\n');
  const [world, other] = [
    await run([open(2, '/var/lib/portage/world')]),
    await run([miss(2, '/var/lib/portage/none'), open(2, '/usr/include/a.h')]),
  ];
  expect(await listChanges(world)).toEqual([]);
  rmSync(join(root, 'var/lib/portage/world'));
  write('/var/lib/portage/world', 'dev-libs/a\ndev-util/new\n');
  expect(await listChanges(world)).toEqual(['view']);
  expect(await listChanges(other)).toEqual([]);
  write('/var/lib/portage/none');
  expect(await listChanges(other)).toEqual(['view']);
});

describe('links', () => {
  test('that a merged package adds or changes on the way of a path count', async () => {
    merge(root, 'dev-libs/link-1', { '/usr/lib/headers': '-> /usr/include' });
    const [through, missing] = [
      await run([open(2, '/usr/lib/headers/a.h')], 'dev-libs/a dev-libs/link'),
      await run([miss(2, '/usr/lib/more/a.h')], 'dev-libs/a dev-libs/link'),
    ];
    merge(root, 'dev-util/new-1', { '/usr/lib/more': '-> /usr/include' });
    expect(await listChanges(through, 'dev-libs/a dev-libs/link')).toEqual([]);
    expect(await listChanges(missing, 'dev-libs/a dev-libs/link')).toContain('files');
    unmerge(root, 'dev-libs/link-1');
    merge(root, 'dev-libs/link-1', { '/usr/lib/headers': '-> /usr/share' });
    expect(await listChanges(through, 'dev-libs/a dev-libs/link')).toContain('files');
  });

  test('in place of a folder of the path count, although the files are the same', async () => {
    const kept = await run([open(2, '/usr/include/a.h')]);
    renameSync(join(root, 'usr/include'), join(root, 'usr/moved'));
    symlinkSync('moved', join(root, 'usr/include'));
    expect(await listChanges(kept)).toContain('files');
  });
});

test('all packages have one digest, which a merge of any changes', async () => {
  const digest = async () => {
    const { state } = await read('');
    return digestInstalled(state, createFactsOf(state));
  };
  const before = await digest();
  expect(await digest()).toBe(before);
  merge(root, 'dev-libs/b-1', { '/usr/include/b.h': 'b' });
  expect(await digest()).not.toBe(before);
});
