/**
 * The practice root must not depend on other software of the machine. Tested with a machine of our own, and with the
 * one that runs the tests.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeOver } from '../../scripts/practice-root/closure.ts';
import { type Machine, machineAt, parseStatus } from '../../scripts/practice-root/dpkg.ts';
import { makePracticeRoot } from '../../scripts/practice-root/practice-root.ts';
import { readRootTree } from '../../scripts/practice-root/root-tree.ts';
import { packagesFromDpkg } from '../../scripts/practice-root/vdb.ts';
import { PRACTICE_PACKAGES } from '../../scripts/set-up/system-packages.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { root as practiceRoot } from '../support/world.ts';

let folder: string;
let machine: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-hermetic-'));
  machine = join(folder, 'machine');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text = '', mode = 0o644): void {
  const file = join(machine, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

interface Stanza {
  readonly [field: string]: string;
}

const stanza = (name: string, fields: Stanza = {}): string =>
  Object.entries({
    Package: name,
    Status: 'install ok installed',
    Architecture: 'amd64',
    Version: '1-1',
    ...fields,
  })
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('');

/** Records a package and writes its files, each with its name as text. */
function install(name: string, paths: readonly string[], fields: Stanza = {}): void {
  const status = join(machine, 'var/lib/dpkg/status');
  const before = existsSync(status) ? readFileSync(status, 'utf8') : '';
  put('var/lib/dpkg/status', `${before}${stanza(name, fields)}\n`);
  put(`var/lib/dpkg/info/${name}.list`, paths.map((path) => `${path}\n`).join(''));
  for (const path of paths) put(path, `${path} of ${name}`, path.includes('/bin/') ? 0o755 : 0o644);
}

const ALTERNATIVE = 'auto\n/usr/bin/cc\ncc.1.gz\n/usr/share/man/man1/cc.1.gz\n\n';

/**
 * A small machine whose packages have the features of large ones: a shared name, a choice, a virtual name, compiled
 * Python.
 */
function putMachine(): void {
  install('xml-core', ['/usr/share/xml/catalog.xml'], { Essential: 'yes' });
  putCatalogs('xml-core');
  for (const top of ['bin', 'lib']) {
    mkdirSync(join(machine, 'usr', top), { recursive: true });
    symlinkSync(`usr/${top}`, join(machine, top));
  }
  install('libc6', ['/lib/libc.so.6', '/usr/share/doc/libc6/copyright'], { Essential: 'yes' });
  install('gcc', ['/usr/bin/gcc'], { Depends: 'libc6, libc-dev | other-dev, awk, mailer' });
  install('libc6-dev', ['/usr/include/stdio.h'], { Provides: 'libc-dev' });
  install('gawk', ['/usr/bin/gawk'], { Provides: 'awk' });
  install('mailer', ['/usr/bin/mailer', '/usr/bin/suid']);
  chmodSync(join(machine, 'usr/bin/suid'), 0o4755);
  install('python3', ['/usr/bin/python3.11', '/usr/lib/python3/a.py']);
  put('usr/lib/python3/__pycache__/a.cpython-311.pyc', 'compiled');
  put('var/lib/dpkg/alternatives/cc', `${ALTERNATIVE}/usr/bin/gcc\n20\n\n\n`);
}

/** The output of update-xmlcatalog(8). */
function putCatalogs(...names: readonly string[]): void {
  const entries = names.map((name) => `<delegatePublic catalog="file:///etc/xml/${name}.xml"/>\n`).join('');
  put('etc/xml/catalog', `<catalog>\n${entries}</catalog>\n`);
  for (const name of names) put(`etc/xml/${name}.xml`, `of ${name}`);
}

/** Every change that installing other software can make to the files and the database of the packages. */
function putMore(): void {
  install('extra', ['/usr/include/extra.h', '/usr/bin/tool'], { Provides: 'awk, libc-dev, mailer' });
  install('abc-awk', ['/usr/bin/abc-awk'], { Provides: 'awk' });
  install('other-dev', ['/usr/include/other.h']);
  install('clang', ['/usr/bin/clang'], { Depends: 'gcc' });
  put(
    'var/lib/dpkg/alternatives/cc',
    `manual\n${ALTERNATIVE.slice('auto\n'.length)}/usr/bin/clang\n99\n\n/usr/bin/gcc\n20\n\n\n`,
  );
  put('var/lib/dpkg/alternatives/tool', 'auto\n/usr/bin/a-tool\n\n/usr/bin/tool\n1\n\n');
  // A package of another architecture, before and after the machine's own.
  const status = join(machine, 'var/lib/dpkg/status');
  const foreign = stanza('gcc', { Architecture: 'i386', Version: '9-9' });
  put('var/lib/dpkg/status', `${foreign}\n${readFileSync(status, 'utf8')}${foreign}\n`);
  // Diverts a file of another package.
  put('var/lib/dpkg/diversions', '/usr/bin/mailer\n/usr/bin/mailer.orig\nextra\n');
  renameSync(join(machine, 'usr/bin/mailer'), join(machine, 'usr/bin/mailer.orig'));
  put('usr/bin/mailer', 'of extra', 0o755);
  putCatalogs('extra', 'xml-core');
  // A file without an owner.
  put('usr/local/include/by-hand.h');
  put('usr/lib/python3/hook.pth');
  put('usr/lib/python3/__pycache__/b.cpython-311.pyc');
  put('usr/lib/python3/__pycache__/a.cpython-312.pyc');
  put('usr/lib32/libc.so.6');
  symlinkSync('usr/lib32', join(machine, 'lib32'));
  put('etc/passwd', 'me:x:1000:1000::/home/me:/bin/sh\n');
  put('etc/ld.so.conf.d/extra.conf', '/opt/extra\n');
}

/** Every path of a folder with its kind, permissions, and content or target. */
function describeTree(path: string, below = ''): string[] {
  return readdirSync(join(path, below))
    .sort()
    .flatMap((name) => {
      const here = `${below}/${name}`;
      const status = lstatSync(path + here);
      if (status.isSymbolicLink()) return [`${here}\t-> ${readlinkSync(path + here)}`];
      const mode = (status.mode & 0o7777).toString(8);
      if (status.isDirectory()) return [`${here}/\t${mode}`, ...describeTree(path, here)];
      const digest = createHash('sha256')
        .update(readFileSync(path + here))
        .digest('hex');
      return [`${here}\t${mode}\t${digest}`];
    });
}

describe('the practice root of a machine of our own', () => {
  const seeds = ['gcc', 'python3', 'gawk', 'libc6-dev'];
  const make = (name: string, more: readonly string[] = []): string => {
    const root = join(folder, name);
    makePracticeRoot({ machine: machineAt(machine), root, seeds: [...seeds, ...more], mountPoints: [] });
    return root;
  };

  test('is the same when more is installed, and is not made again', () => {
    putMachine();
    const before = describeTree(make('before'));
    for (const path of ['/usr/bin/mailer\t755', '/usr/bin/suid\t755', '/usr/lib/libc.so.6\t644'])
      expect(before.filter((line) => line.startsWith(path))).toHaveLength(1);
    expect(before).toContain('/etc/alternatives/cc\t-> /usr/bin/gcc');
    expect(before.filter((line) => line.includes('__pycache__/'))).toHaveLength(2);
    putMore();
    expect(describeTree(make('after'))).toEqual(before);
    const request = { machine: machineAt(machine), root: join(folder, 'before'), seeds, mountPoints: [] };
    expect(makePracticeRoot(request)).toBe(false);
  });

  test('has more where more is asked for', () => {
    putMachine();
    const before = describeTree(make('before'));
    putMore();
    const after = describeTree(make('after', ['clang']));
    const isNew = (line: string): boolean => !before.includes(line);
    expect(after.filter(isNew).map((line) => line.split('\t')[0])).toEqual(
      expect.arrayContaining(['/usr/bin/clang', '/etc/alternatives/cc']),
    );
    expect(after).toContain('/etc/alternatives/cc\t-> /usr/bin/clang');
    expect(after.filter((line) => line.includes('extra'))).toEqual([]);
  });

  test('changes with what it is made from', () => {
    putMachine();
    const before = describeTree(make('before'));
    put('usr/include/stdio.h', 'a newer one');
    expect(describeTree(make('after'))).not.toEqual(before);
  });
});

/** The plan for the root, without copying it. */
function planOf(from: Machine): { debians: readonly string[]; entries: unknown; packages: unknown } {
  const debians = closeOver(parseStatus(readFileSync(`${from.dpkg}/status`, 'utf8')), PRACTICE_PACKAGES);
  const tree = readRootTree(from, debians);
  const entries = [...tree.topLinks, ...tree.entries.values()];
  return { debians: debians.map(({ name }) => name), entries, packages: packagesFromDpkg(debians, tree) };
}

/** The real machine with a database of our own, in which `change` has changed dpkg's status. */
function withStatus(name: string, change: (stanzas: readonly string[]) => readonly string[]): Machine {
  const { dpkg: real } = machineAt('');
  const dpkg = join(folder, name);
  mkdirSync(dpkg);
  for (const part of ['alternatives', 'diversions'])
    cpSync(join(real, part), join(dpkg, part), { recursive: true });
  symlinkSync(join(real, 'info'), join(dpkg, 'info'));
  const stanzas = readFileSync(join(real, 'status'), 'utf8').split(/\n\n+/);
  writeFileSync(join(dpkg, 'status'), `${change(stanzas).join('\n\n')}\n`);
  return { path: '', dpkg };
}

const NO_DPKG = existsSync('/var/db/pkg') ? 'this machine is Gentoo, which has no practice root' : undefined;
const nameOf = (text: string): string => /^Package: (.*)$/m.exec(text)?.[1] ?? '';

describe('the practice root of this machine', () => {
  const can = requireOrSkip(NO_DPKG);

  can('is the same where only what set-up names is installed', () => {
    const before = planOf(machineAt(''));
    const names = new Set(before.debians);
    const bare = withStatus('bare', (stanzas) => stanzas.filter((text) => names.has(nameOf(text))));
    rmSync(join(bare.dpkg, 'diversions'));
    expect(planOf(bare)).toEqual(before);
  });

  can('is the same where everything is installed that could satisfy a dependency instead', () => {
    const before = planOf(machineAt(''));
    const packages = parseStatus(readFileSync('/var/lib/dpkg/status', 'utf8'));
    const names = new Set(before.debians);
    const alternatives = new Set(
      packages
        .filter(({ name }) => names.has(name))
        .flatMap(({ dependsOn, provides }) => [...dependsOn.flat(), ...provides])
        .filter((name) => !packages.some((entry) => entry.name === name)),
    );
    expect(alternatives).toContain('cdebconf');
    const everything = withStatus('everything', (stanzas) => [
      stanza('aaa-provider', { Provides: [...alternatives, ...names].join(', ') }),
      ...stanzas,
      ...[...alternatives].filter((name) => !isFirst(name)).map((name) => stanza(name)),
    ]);
    expect(planOf(everything)).toEqual(before);

    /** Whether a machine has the package, because Debian names it first. */
    function isFirst(name: string): boolean {
      return packages.some(
        (entry) => names.has(entry.name) && entry.dependsOn.some(([first]) => first === name),
      );
    }
  });

  can('chooses among alternatives by what is in the root', () => {
    const before = planOf(machineAt(''));
    const changed = withStatus('alternatives', (stanzas) => stanzas);
    const file = join(changed.dpkg, 'alternatives/cc');
    const [, ...lines] = readFileSync(file, 'utf8').split('\n');
    const choice = lines.indexOf('') + 1;
    const followers = (choice - 2) / 2;
    const better = ['/usr/bin/env-cc', '1000', ...Array.from({ length: followers }, () => '')];
    lines.splice(choice, 0, ...better);
    writeFileSync(file, ['manual', ...lines].join('\n'));
    expect(readFileSync(file, 'utf8')).toContain('/usr/bin/env-cc');
    expect(planOf(changed)).toEqual(before);
  });

  can(
    'holds what it is made of, and nothing else',
    () => {
      const { entries } = planOf(machineAt(''));
      const paths = new Set((entries as { path?: string }[]).flatMap(({ path }) => path ?? []));
      const strangers = describeTree(join(practiceRoot, 'usr'))
        .map((line) => `/usr${line.split('\t')[0]}`)
        .filter((path) => !path.endsWith('/') && !paths.has(path));
      expect(strangers).toEqual([]);
    },
    60_000,
  );
});
