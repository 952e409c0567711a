/** Trials with binary packages of a binhost, which may be slow, damaged or lying. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { expectOneSentence, tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { findInPath, requireOrSkip } from '../support/requirement.ts';
import { type As, who } from '../support/user.ts';
import { root } from '../support/world.ts';
import { makePackage } from './made-packages.ts';
import { type Behaviour, indexPackages, openPackageServer, type PackageServer } from './package-server.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 120_000;
const as: As = who.at(-1) ?? 'user';

const canWithCopy = requireOrSkip(
  missingForTrials ?? (root === '/' ? 'the root is this machine, and cannot be copied' : undefined),
);
const canWithKeys = requireOrSkip(
  missingForTrials ??
    (root === '/' ? 'the root is this machine, and cannot be copied' : undefined) ??
    (findInPath('gpg') === undefined ? 'there is no gpg (apt install gpg)' : undefined),
);

let product: Product;
let server: PackageServer;
let repository: string;
/** The text of Packages. */
let index: string;
let tiny: Buffer;
let other: Buffer;

const TINY = '/dev-test/tiny/tiny-1-1.gpkg.tar';

beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  const folder = join(product.folder, 'served');
  mkdirSync(folder);
  const files = { '/usr/include/tiny.h': '#define TINY 1\n' };
  tiny = readFileSync(makePackage(folder, { id: 'dev-test/tiny-1', files }));
  other = readFileSync(makePackage(folder, { id: 'dev-test/other-1', files: { '/usr/include/o.h': '\n' } }));
  makePackage(folder, { id: 'dev-test/old-1', files: { '/usr/include/old.h': '\n' }, format: 'xpak' });
  index = indexPackages(folder);
  server = await openPackageServer(folder);
  const uses = (name: string) => tinyEbuild('', { head: `DEPEND="dev-test/${name}"` });
  repository = product.repository(
    'served-repository',
    { 'dev-test/uses/uses-1.ebuild': uses('tiny'), 'dev-test/aged/aged-1.ebuild': uses('old') },
    ['dev-test/tiny', 'dev-test/other', 'dev-test/old'],
  );
});
afterAll(async () => {
  await server?.close();
  await product?.remove();
});

const fileOf = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);

function trial(uri: string, name = 'uses', ...words: readonly string[]): Promise<Run> {
  return product.run(as, ['trial', fileOf(name), '--quick', '--binhost', uri, ...words]);
}

/** What is in a folder of the store. */
function stored(name: string): readonly string[] {
  const folder = join(product.home(as), 'layers', name);
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function expectRefused(uri: string, reason: RegExp): Promise<Run> {
  const before = stored('packages');
  const run = await trial(uri);
  expectOneSentence(product, as, run, reason);
  expect(run.complaints[0]).toContain('dev-test/tiny-1');
  expect(run.complaints[0]).toContain('emerge --buildpkg');
  expect(stored('work')).toEqual([]);
  expect(stored('packages')).toEqual(before);
  return run;
}

/** The index with lines of one package replaced. */
function indexWith(id: string, replace: (stanza: string) => string): Behaviour {
  const text = index
    .split('\n\n')
    .map((stanza) => (stanza.includes(`CPV: ${id}\n`) ? replace(stanza) : stanza))
    .join('\n\n');
  return (path, response) => {
    if (!path.startsWith('/Packages')) return false;
    if (path === '/Packages') response.end(text);
    else response.writeHead(404).end();
    return true;
  };
}

const instead =
  (bytes: Uint8Array): Behaviour =>
  (path, response) => {
    if (path !== TINY) return false;
    response.end(bytes);
    return true;
  };

const both =
  (first: Behaviour, second: Behaviour): Behaviour =>
  (...request) =>
    first(...request) || second(...request);

can(
  'a package of the wrong hash is refused',
  async () => {
    const wrong = Buffer.from(tiny);
    wrong.fill(0x41, 2000, 2010);
    await expectRefused(server.add('wrong', instead(wrong)), /its (MD5|SHA1) is not that of the index/);
  },
  TIMEOUT,
);

can(
  'a package that the server cuts off is refused',
  async () => {
    const cut: Behaviour = (path, response) => {
      if (path !== TINY) return false;
      response.writeHead(200, { 'content-length': tiny.length });
      response.write(tiny.subarray(0, 1000), () => response.destroy());
      return true;
    };
    await expectRefused(
      server.add('cut', cut),
      /127\.0\.0\.1:\d+ cannot be read \(UND_ERR_SOCKET|ECONNRESET\)/,
    );
  },
  TIMEOUT,
);

can(
  'another package under the name is refused, even if the index agrees with it',
  async () => {
    const lies = indexWith('dev-test/tiny-1', (stanza) => stanza.replace(/^(SIZE|MD5|SHA1): .*\n/gm, ''));
    await expectRefused(server.add('other', both(lies, instead(other))), /it holds dev-test\/other-1/);
  },
  TIMEOUT,
);

can(
  'a damaged package of which the index says nothing is refused',
  async () => {
    const says = indexWith('dev-test/tiny-1', (stanza) => stanza.replace(/^(SIZE|MD5|SHA1): .*\n/gm, ''));
    const cut = tiny.subarray(0, 3000);
    await expectRefused(server.add('damaged', both(says, instead(cut))), /is not used: \w+: /);
  },
  TIMEOUT,
);

can(
  'an index cannot name files of this machine',
  async () => {
    const uri = 'URI: file:///etc';
    const text = `${index.replace(/^URI: .*\n/m, '').replace('\n\n', `\n${uri}\n\n`)}`;
    const named = (path: string, response: Parameters<Behaviour>[1]) => {
      if (!path.startsWith('/Packages')) return false;
      if (path === '/Packages') response.end(text.replaceAll(/^PATH: .*$/gm, 'PATH: passwd.gpkg.tar'));
      else response.writeHead(404).end();
      return true;
    };
    await expectRefused(server.add('names', named), /its index names file:\/\/\/etc\/passwd\.gpkg\.tar/);
  },
  TIMEOUT,
);

can(
  'an index that cannot be used is named in the report, and the next good one is used',
  async () => {
    let damaged = true;
    const uri = server.add('index', (path, response) => {
      if (!damaged || !path.startsWith('/Packages')) return false;
      if (path === '/Packages') response.end(index.slice(0, index.indexOf('CPV: ') + 40));
      else response.writeHead(404).end();
      return true;
    });
    const run = await trial(uri);
    expect(run.stdout).toContain(
      `there is no binary package of it, and the binhost ${uri} is not used: its index ended after 1 of 3 packages`,
    );
    expect(run.stdout).toContain('warning[not-installed]');
    damaged = false;
    const good = await trial(uri);
    expect(good.complaints).toEqual([]);
    expect(good.stdout).toContain('clean');
  },
  TIMEOUT,
);

can(
  'a package is downloaded once, from where the server redirects to, with a password that nobody sees',
  async () => {
    const asked: (string | undefined)[] = [];
    const secret = 'pass%3Aword-7f3a';
    const uri = server.add(
      'good',
      (path, response, { headers }) => {
        asked.push(headers.authorization);
        if (headers.authorization === undefined) {
          response.writeHead(401).end();
          return true;
        }
        if (path !== TINY) return false;
        response.writeHead(302, { location: `/moved${path}` }).end();
        return true;
      },
      `user:${secret}@`,
    );
    server.add('moved', (path, response) => {
      // Slow, but alive.
      response.write(tiny.subarray(0, 5000));
      setTimeout(() => response.end(tiny.subarray(5000)), 700);
      return path === TINY;
    });
    const run = await trial(uri, 'uses', '--format', 'json');
    expect(run.complaints).toEqual([]);
    expect(run.status).toBe(0);
    expect(new Set(asked)).toEqual(
      new Set([`Basic ${Buffer.from('user:pass:word-7f3a').toString('base64')}`]),
    );
    const downloads = () => server.requests.filter((request) => request.startsWith('/moved/')).length;
    expect(downloads()).toBe(1);
    const again = await trial(uri, 'uses', '--fresh');
    expect(again.complaints).toEqual([]);
    expect(downloads()).toBe(1);
    for (const text of [run.stdout, run.stderr, again.stdout, again.stderr])
      expect(text).not.toContain('word-7f3a');
    expect(filesWith(product.home(as), 'word-7f3a')).toEqual([]);
    expect(stored('work')).toEqual([]);
  },
  TIMEOUT,
);

/**
 * A copy of the practice root with a configuration of its own; the tests one after another have the same, because copying takes seconds.
 * It has no hard links: they would change the times of the files of a root that other trials use.
 */
function configureRoot(files: Readonly<Record<string, string>>): string {
  const copy = join(product.folder, 'root-copy');
  if (!existsSync(copy)) execFileSync('cp', ['-a', '--reflink=auto', root, copy]);
  for (const name of ['make.conf', 'binrepos.conf']) {
    const place = join(root, 'etc/portage', name);
    const before = existsSync(place) ? readFileSync(place, 'utf8') : '';
    writeFileSync(join(copy, 'etc/portage', name), before + (files[name] ?? ''));
  }
  return copy;
}

for (const [name, files] of [
  ['binpkg-request-signature', { 'make.conf': '\nFEATURES="binpkg-request-signature"\n' }],
  ['verify-signature', { 'binrepos.conf': '[signed]\nsync-uri = URI\nverify-signature = true\n' }],
] as const)
  canWithCopy(
    `${name} refuses a package without a signature, and takes none that cannot have one`,
    async () => {
      const uri = server.add(name);
      const own = configureRoot(
        Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace('URI', uri)])),
      );
      const demanded = [...(name === 'verify-signature' ? [] : ['--binhost', uri]), '--root', own];
      const before = stored('packages');
      const run = await product.run(as, ['trial', fileOf('uses'), '--quick', ...demanded]);
      expectOneSentence(
        product,
        as,
        run,
        /dev-test\/tiny-1 is not used: .*the root has no gpg, which checks signatures/,
      );
      expect(stored('packages')).toEqual(before);
      const aged = await product.run(as, ['trial', fileOf('aged'), '--quick', ...demanded]);
      expect(aged.complaints).toEqual([]);
      expect(aged.stdout).toContain('warning[not-installed]');
      if (name === 'verify-signature') return;
      const local = await product.run(as, [
        ...['trial', fileOf('aged'), '--quick', '--root', own],
        ...['--pkgdir', join(product.folder, 'served')],
      ]);
      expect(local.complaints.join() + local.stdout).toMatch(
        /signature is asked for|warning\[not-installed\]/,
      );
      expect(stored('packages')).toEqual(before);
    },
    TIMEOUT,
  );

canWithKeys(
  'a signature of a known key is accepted, and a package that was changed after it is refused',
  async () => {
    const keys = join(product.folder, 'keys');
    mkdirSync(keys, { mode: 0o700 });
    const gpg = (...words: readonly string[]) =>
      execFileSync('gpg', ['--homedir', keys, '--batch', '--quiet', '--passphrase', '', ...words], {
        stdio: 'ignore',
      });
    gpg('--quick-generate-key', 'test@example.org', 'ed25519', 'sign', 'never');
    const folder = join(product.folder, 'signed');
    const file = makePackage(folder, {
      id: 'dev-test/tiny-1',
      files: { '/usr/include/tiny.h': '#define TINY 7\n' },
      keys,
    });
    // Portage leaves trust as it was computed, and so does getuto.
    gpg('--check-trustdb');
    execFileSync('gpgconf', ['--homedir', keys, '--kill', 'all']);
    const own = configureRoot({ 'make.conf': '\nFEATURES="binpkg-request-signature"\n' });
    const known = join(own, 'etc/portage/gnupg');
    mkdirSync(known);
    for (const name of ['pubring.kbx', 'trustdb.gpg']) {
      copyFileSync(join(keys, name), join(known, name));
      chmodSync(join(known, name), 0o644);
    }
    giveProgram(own, 'gpg');
    const words = ['trial', fileOf('uses'), '--quick', '--root', own, '--pkgdir', folder];
    const good = await product.run(as, words);
    expect(good.complaints).toEqual([]);
    expect(good.stdout).toContain('clean');
    const before = stored('packages');
    // Both the content and its sums in the Manifest are changed, as an attacker would.
    const sums = execFileSync('tar', ['-xOf', file, '--wildcards', '*/image.tar.gz.sig']).toString();
    expect(sums).toContain('BEGIN PGP SIGNATURE');
    const bytes = readFileSync(file);
    const at = bytes.indexOf('SHA512');
    bytes.write('SHA513', at, 'latin1');
    writeFileSync(file, bytes);
    const bad = await product.run(as, words);
    // Portage passes over it when it chooses.
    expect(bad.complaints).toEqual([]);
    expect(bad.stdout).toContain('warning[not-installed]');
    expect(stored('packages')).toEqual(before);
  },
  TIMEOUT,
);

/** Puts a program of this machine and its libraries into a root. */
function giveProgram(copy: string, name: string): void {
  const program = findInPath(name) ?? '';
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const path of [program, ...libraries]) {
    const target = join(copy, path.startsWith('/bin/') ? `/usr${path}` : path);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
  }
}

/** The files below a folder that hold a text. Links lead to what tests share. */
function filesWith(folder: string, text: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return path.endsWith('/package-managers') || path.endsWith('/root') ? [] : filesWith(path, text);
    return entry.isFile() && readFileSync(path).includes(text) ? [path] : [];
  });
}
