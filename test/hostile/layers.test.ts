/** Binary packages that somebody made so that opening them, or a trial with them, does harm. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { type RootState, readRootState } from '../../server/src/host/root-state.ts';
import { readStackedState } from '../../server/src/host/stacked-root.ts';
import type { TrialWorld } from '../../server/src/host/world.ts';
import { type Layer, type LayerStore, openLayerStore } from '../../server/src/layers/layer-store.ts';
import { settleStack } from '../../server/src/layers/settle.ts';
import { unpackLayer } from '../../server/src/layers/unpack.ts';
import { withLimits } from '../../server/src/sandbox/bound-sandbox.ts';
import { DEFAULT_LIMITS } from '../../server/src/sandbox/limits.ts';
import type { SandboxLimits } from '../../server/src/sandbox/sandbox.ts';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import type { As } from '../support/user.ts';
import { createWorld } from '../support/world.ts';
import { observeTree } from './decoys.ts';
import { anyone, can, type Host, openHost } from './host.ts';
import { type HostilePackage, makeHostilePackage, withScript } from './hostile-packages.ts';

/** No user, but files of root are the worst to lose. */
const as: As = anyone;

let host: Host;
let world: TrialWorld;
let root: RootState;
/** A folder of the user, to which no package may get. */
let victim: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  host = await openHost();
  world = await createWorld();
  const cache = join(host.product.folder, 'root-cache');
  mkdirSync(cache);
  root = await readRootState(world.rootPath, cache);
  victim = join(host.product.folder, 'victim');
  mkdirSync(victim);
  writeFileSync(join(victim, 'secret'), 'secret of the victim\n');
});
afterAll(async () => {
  const work = host && join(host.product.home(as), 'layers/work');
  const left = work && existsSync(work) ? readdirSync(work) : [];
  await host?.close();
  expect(left).toEqual([]);
});

interface Taken {
  readonly status: number | null;
  readonly stdout: string;
  readonly complaints: readonly string[];
  readonly log: string;
  /** Files and links of the state folder's layers, with the packages' own folders cut off. */
  readonly layers: readonly string[];
}

let number = 0;

/** Tries an ebuild that needs a hostile package, and expects that nothing out of the state folder has changed. */
async function take(
  made: Omit<HostilePackage, 'id'>,
  phases = '',
  words: readonly string[] = [],
): Promise<Taken> {
  number += 1;
  const name = `taker${number}`;
  const pf = `evil${number}-1`;
  const packages = join(host.product.folder, `packages-${number}`);
  const metadata = JSON.parse(JSON.stringify(made.metadata ?? {}).replaceAll('EVIL', pf));
  makeHostilePackage(packages, { ...made, metadata, id: `dev-test/${pf}` });
  return tryWith(name, `dev-test/${pf}`, packages, phases, words);
}

async function tryWith(
  name: string,
  id: string,
  packages: string,
  phases: string,
  words: readonly string[],
): Promise<Taken> {
  host.write(name, tinyEbuild(phases, { head: `DEPEND="=${id}"` }), {}, [id.replace(/-\d.*$/, '')]);
  const outside = JSON.stringify(observeTree(victim));
  const { run, log } = await host.attack(as, name, ['--quick', '--pkgdir', packages, ...words]);
  expect(JSON.stringify(observeTree(victim))).toBe(outside);
  for (const line of run.complaints) expect(line).toMatch(/^ebuild-audit: [^\p{C}]*[.)]$/u);
  expect(run.complaints.length).toBeLessThanOrEqual(1);
  const made = layersOf(id);
  if (run.complaints.length > 0) expect(made).toEqual([]);
  const layers = made.flatMap((layer) => listEntries(join(layer, 'files')));
  return { status: run.status, stdout: run.stdout, complaints: run.complaints, log, layers };
}

/** The folders of a package in the store; tests run side by side. */
function layersOf(id: string): readonly string[] {
  const store = join(host.product.home(as), 'layers/packages');
  return (existsSync(store) ? readdirSync(store) : [])
    .map((name) => join(store, name))
    .filter((layer) => JSON.parse(readFileSync(join(layer, 'facts.json'), 'utf8')).id === id);
}

/** Kind, permissions and target of everything below a folder, without the VDB. */
function listEntries(folder: string): readonly string[] {
  return execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P %y %m %l\\0'], { cwd: folder })
    .toString('latin1')
    .split('\0')
    .filter(
      (line) => line !== '' && !/^var(?:\/db(?:\/pkg.*)?)? d /.test(line) && !line.startsWith('var/db/pkg/'),
    )
    .map((line) => line.trim())
    .sort();
}

/** What has come of opening a package: what its layer has, or why it was refused. */
interface Opened {
  readonly store: LayerStore;
  readonly layer: Layer | undefined;
  readonly refusal: string;
  readonly entries: readonly string[];
}

/** Opens a package by the function that the product calls, and expects that nothing out of the store has changed. */
async function unpack(
  made: Omit<HostilePackage, 'id'>,
  limits: Partial<SandboxLimits> = {},
): Promise<Opened> {
  number += 1;
  const id = `dev-test/evil${number}-1`;
  const path = makeHostilePackage(join(host.product.folder, `packages-${number}`), { ...made, id });
  const { packageReader: tools, files } = world.packageManager;
  if (tools === undefined) throw new Error('Portage reads packages');
  const store = await openLayerStore(join(host.product.folder, `store-${number}`));
  const sandbox = withLimits(world.sandbox, { ...DEFAULT_LIMITS, ...limits });
  const outside = JSON.stringify(observeTree(victim));
  const outcome = await unpackLayer(
    { world: { sandbox }, root, tools, files, store },
    { id, path, source: path, signed: false },
    'digest',
  ).catch((error: unknown) => error as Error);
  expect(JSON.stringify(observeTree(victim))).toBe(outside);
  expect(readdirSync(join(store.path, 'work'))).toEqual([]);
  if (!(outcome instanceof Error))
    return { store, layer: outcome, refusal: '', entries: listEntries(outcome.folder) };
  expect(outcome.name, outcome.stack).toBe('UserError');
  expect(outcome.message).toMatch(
    /^The binary package \S+ of dev-test\/evil\d+-1 is not used: [^\p{C}]*\.$/u,
  );
  expect(outcome.message.length).toBeLessThan(1200);
  expect(readdirSync(join(store.path, 'packages'))).toEqual([]);
  return { store, layer: undefined, refusal: outcome.message, entries: [] };
}

describe('a package', () => {
  for (const [what, image] of [
    ['a name that leads out of it', [{ name: '../../../../out' }]],
    ['a name twice', [{ name: 'usr/a' }, { name: 'usr/a', type: 'link', to: '/etc' }]],
    ['a device', [{ name: 'dev/sda', type: 'device' }]],
    ['a pipe', [{ name: 'dev/pipe', type: 'fifo' }]],
    ['a hard link to a file of the root', [{ name: 'usr/passwd', type: 'hardlink', to: '/etc/passwd' }]],
    [
      'a file behind its own link out of it',
      [
        { name: 'usr/x', type: 'link', to: '/etc' },
        { name: 'usr/x/out', text: 'x' },
      ],
    ],
  ] as const)
    for (const format of ['gpkg', 'xpak'] as const)
      can(`as ${format} with ${what} is refused`, async () => {
        expect((await unpack({ image, format })).refusal).toMatch(/(Value|OS|Permission|\w)Error: /);
      });

  can('with links out of it, and odd kinds of files, has nothing that harms', async () => {
    const { entries, layer } = await unpack({
      image: [
        { name: 'usr/su', mode: 0o6755, text: 'su' },
        { name: 'usr/sticky', type: 'folder', mode: 0o7777 },
        { name: 'usr/dark', mode: 0, text: 'dark' },
        { name: 'usr/one', text: 'one' },
        { name: 'usr/two', type: 'hardlink', to: '@usr/one' },
        { name: 'usr/up', type: 'link', to: '../../../../../../../../..' },
        { name: 'usr/shadow', type: 'link', to: '/etc/shadow' },
        { name: 'usr/injected', type: 'link', to: 'a 1\nobj /usr/bin/gcc 0 1' },
        { name: 'usr/new\nline', text: 'x' },
        { name: 'usr/\udcff', text: 'x' },
        { name: 'usr/\u001b[31m\u202e', text: 'x' },
      ],
    });
    expect(entries.filter((entry) => /^\S+ [fd] [1-7]\d{3}/.test(entry))).toEqual([]);
    expect(entries).toContain('usr/su f 755');
    expect(entries).toContain('usr/shadow l 777 /etc/shadow');
    expect(entries.join('\n')).not.toMatch(/injected|line/);
    expect(layer?.leftOut).toEqual(['/usr/injected', '/usr/new\\u{a}line']);
  });

  can('with links in place of folders that are mounted or written to has none of them', async () => {
    const to = victim;
    const { complaints, layers, stdout } = await take(
      {
        image: [
          { name: 'usr', type: 'link', to },
          { name: 'etc', type: 'link', to },
          { name: 'bin', type: 'link', to },
          { name: 'lib32', type: 'link', to },
          { name: 'opt', type: 'link', to: '/' },
          { name: 'var', type: 'link', to },
        ],
      },
      `src_compile() { ! grep -r "secret of the victim" /usr/secret /etc/secret /bin/secret /lib32 /opt${victim} || die; }`,
    );
    expect(stdout).not.toContain('not-installed');
    expect(complaints).toEqual([]);
    expect(layers).toEqual([]);
  });

  can('whose folders are links of the root cannot write through them', async () => {
    const { entries } = await unpack({
      image: [
        { name: 'usr/bin', type: 'link', to: victim },
        { name: 'bin/through', text: 'x' },
        { name: 'lib/x', type: 'link', to: victim },
        { name: 'usr/lib/x/through', text: 'x' },
      ],
    });
    expect(existsSync(join(victim, 'through'))).toBe(false);
    // Which of two at one place is kept does not matter.
    expect(entries.filter((entry) => entry.includes('through')).length).toBeGreaterThan(0);
  });

  can('with links in place of its record and of what /var mounts has none of them', async () => {
    for (const name of [
      'var',
      'var/db',
      'var/db/pkg',
      'var/lib/portage',
      'var/cache/distfiles',
      'var/db/repos/gentoo',
    ])
      expect((await unpack({ image: [{ name, type: 'link', to: victim }] })).entries.join()).not.toContain(
        victim,
      );
  });

  can('with names too deep for a path of this machine is used without them', async () => {
    const deep = Array.from({ length: 19 }, () => 'd'.repeat(205)).join('/');
    const { layer, refusal } = await unpack({ image: [{ name: `${deep}/${'f'.repeat(105)}`, text: 'x' }] });
    expect(layer === undefined ? refusal : layer.leftOut.join()).toMatch(/fff|too long/i);
  });
});

describe('a bomb in a package', () => {
  const zeros = [{ name: 'usr/zeros', zeros: 200 * 2 ** 20 }];
  for (const format of ['gpkg', 'xpak'] as const)
    can(`of zeros in ${format} is stopped`, async () => {
      expect((await unpack({ image: zeros, format }, { disk: 40 * 2 ** 20 })).refusal).toMatch(
        /limit disk|File too large/,
      );
    });

  can('of files is stopped', async () => {
    expect((await unpack({ many: 20_000 }, { files: 2000 })).refusal).toMatch(/limit files/);
  });

  can('of metadata is stopped', async () => {
    const { refusal } = await unpack({ record: [{ name: 'HUGE', zeros: 80 * 2 ** 20 }] });
    expect(refusal).toContain('its metadata is too large');
  });
});

describe('metadata', () => {
  for (const [what, metadata, reason] of [
    ['names another package', { PF: 'other-1\n' }, /it holds dev-test\/other-1;/],
    [
      'leads out',
      { CATEGORY: '../../..\n', PF: '../../../../tmp/out-1\n' },
      /it holds \.\.\/\.\.\/\.\.\/\.\.\//,
    ],
    [
      'has escapes',
      { PF: 'evil\u001b[31m\u202e\n\nebuild-audit: fine.-1\n' },
      /it holds dev-test\/evil\\u\{1b\}/,
    ],
    ['is long', { PF: `${'x'.repeat(100_000)}-1\n` }, /it holds dev-test\/x{100,200}…/],
  ] as const)
    for (const format of ['gpkg', 'xpak'] as const)
      can(`of ${format} that ${what} is refused`, async () => {
        expect((await unpack({ metadata, format })).refusal).toMatch(reason);
      });

  can('with links for files is not read', async () => {
    const to = join(victim, 'secret');
    const { layer, refusal, store } = await unpack({
      record: [
        { name: 'NEEDED', type: 'link', to },
        { name: 'CONTENTS', type: 'link', to },
      ],
    });
    expect(layer === undefined ? refusal : '').toMatch(/not a regular file|^$/);
    expect(spawnSync('grep', ['-r', 'secret of the victim', store.path]).status).toBe(1);
  });

  can('with dependencies that nest without end ends with a sentence or a finding', async () => {
    const RDEPEND = `${'( '.repeat(20_000)}${') '.repeat(20_000)}\n`;
    const { complaints, status } = await take({ metadata: { RDEPEND } });
    expect(complaints.length === 0 ? status : 2).toBe(status);
  });
});

describe('a script of a package', () => {
  can('that wants out reaches nothing', async () => {
    const outside = host.product.folder;
    const code = `
	local reached=()
	cat "${victim}/secret" && reached+=( read )
	echo x > "${victim}/secret" && reached+=( write )
	ls "${outside}" && reached+=( list )
	(exec 3<>/dev/tcp/127.0.0.1/${host.variables(as).HOSTILE_PORT}) && reached+=( tcp )
	echo x > /proc/sys/kernel/panic && reached+=( sysctl )
	kill -9 ${host.variables(as).HOSTILE_PID} && reached+=( kill )
	mkdir -p /usr/share/evil
	cp /bin/true /usr/share/evil/su; chmod 6755 /usr/share/evil/su
	ln -s "${victim}" /usr/share/evil/out
	mkfifo /usr/share/evil/pipe
	rm -rf /usr/lib/python* /etc/passwd
	printf "%s " reached "\${reached[@]}" > /usr/share/evil/said`;
    const { complaints } = await take(
      { image: [{ name: 'usr/share/evil/file', text: 'x' }], metadata: withScript('EVIL', code) },
      'src_compile() { grep -x "reached " /usr/share/evil/said || die; [[ -e /etc/passwd && ! -u /usr/share/evil/su ]] || die; }',
    );
    expect(complaints).toEqual([]);
    const stacks = join(host.product.home(as), 'layers/stacks');
    const special = execFileSync('find', [stacks, '(', '-perm', '/7000', '-o', '-type', 'p', ')'], {
      encoding: 'utf8',
    });
    expect(special).toBe('');
  });

  for (const [limit, code, limits] of [
    ['time', '\ttrap "" TERM; while :; do :; done', { time: 7000 }],
    ['processes', '\tb() { b | b & }; for i in {1..999}; do sleep 60 & done; b; wait', { processes: 300 }],
    [
      'disk',
      '\tfor i in {1..20}; do dd if=/dev/zero of=/usr/fill-${i} bs=1M count=30; done; sleep 30',
      { disk: 60 * 2 ** 20 },
    ],
    [
      'files',
      '\tfor i in {1..100}; do mkdir /usr/m${i}; touch /usr/m${i}/{1..300}; done; sleep 30',
      { files: 3000 },
    ],
  ] as const)
    can(`that exceeds the limit of ${limit} is stopped`, async () => {
      const { notes, effects } = await settle(code, limits);
      expect(notes).toHaveLength(1);
      expect(notes[0]).toMatch(/^the scripts of the binary packages could not be run \(.*\)$/);
      expect(notes[0]).toContain(limit);
      expect(effects).toEqual([]);
    });
});

/** Runs a script of a package as when its layer first lies on the root. */
async function settle(code: string, limits: Partial<SandboxLimits>) {
  const pf = `evil${number + 1}-1`;
  const metadata = JSON.parse(JSON.stringify(withScript('EVIL', code)).replaceAll('EVIL', pf));
  const { layer, store, refusal } = await unpack({
    image: [{ name: 'usr/share/evil', type: 'folder' }],
    metadata,
  });
  if (layer === undefined) throw new Error(refusal);
  const work = store.makeWork('settle');
  chmodSync(work, 0o755);
  const [effects, cacheFolder] = ['effects', 'index'].map((name) => join(work, name)) as [string, string];
  mkdirSync(effects);
  const stacked = await readStackedState(root, {
    digest: '',
    layers: [layer.folder],
    cacheFolder,
    removed: [],
  });
  await stacked.saved;
  const { packageReader: tools, files } = world.packageManager;
  if (tools === undefined) throw new Error('Portage reads packages');
  const sandbox = withLimits(world.sandbox, { ...DEFAULT_LIMITS, ...limits });
  const notes = await settleStack(
    { world: { sandbox }, root: stacked, tools, files, store, ids: [layer.id], work },
    effects,
  );
  const written = readdirSync(effects);
  await removeTree(work);
  return { notes, effects: written };
}

describe('a package folder', () => {
  can('whose index leads elsewhere is not followed', async () => {
    const packages = join(host.product.folder, 'packages-index');
    mkdirSync(packages);
    const stanza = (cpv: string, path: string) =>
      `CPV: ${cpv}\nPATH: ${path}\nSIZE: 1\nSLOT: 0\nEAPI: 8\nKEYWORDS: ~amd64\nFETCHCOMMAND: touch ${victim}/out\nMTIME: 1\n`;
    writeFileSync(
      join(packages, 'Packages'),
      [
        'PACKAGES: 3\nTIMESTAMP: 1700000000\nVERSION: 0\nURI: file:///etc\n',
        stanza('../../x', '../../etc/passwd'),
        stanza('dev-test/listed-1', `../../..${victim}/secret`),
        stanza('dev-test/listed-2', '/etc/passwd'),
        '',
      ].join('\n'),
    );
    host.write('lister', tinyEbuild('', { head: 'DEPEND="dev-test/listed"' }), {}, ['dev-test/listed']);
    const { run } = await host.attack(as, 'lister', ['--quick', '--pkgdir', packages]);
    expect(run.complaints.length + (run.stdout.includes('not-installed') ? 1 : 0)).toBe(1);
    expect(run.stdout + run.stderr).not.toContain('secret of the victim');
    expect(readdirSync(victim)).toEqual(['secret']);
    rmSync(packages, { recursive: true });
  });

  can('with links, pipes and rubbish in place of packages does no harm', async () => {
    const packages = join(host.product.folder, 'packages-odd');
    const folder = join(packages, 'dev-test/odd');
    mkdirSync(folder, { recursive: true });
    symlinkSync(join(victim, 'secret'), join(folder, 'odd-1-1.gpkg.tar'));
    symlinkSync('/dev/zero', join(folder, 'odd-2-1.gpkg.tar'));
    execFileSync('mkfifo', [join(folder, 'odd-3-1.gpkg.tar')]);
    writeFileSync(join(folder, 'odd-4-1.gpkg.tar'), 'x'.repeat(100_000));
    writeFileSync(join(folder, 'odd-5-1.xpak'), '');
    symlinkSync('..', join(folder, 'again'));
    makeHostilePackage(packages, { id: 'dev-test/odd-6' });
    const { complaints, status } = await tryWith('odd', 'dev-test/odd-6', packages, '', []);
    expect(complaints).toEqual([]);
    expect(status).toBe(0);
  });
});
