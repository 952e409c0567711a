/** The files that a build leaves on the host's disk until the trial folder is removed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { isRoot, mostly } from '../support/user.ts';
import { anyone, can, expectNothingLeftOf, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

/** Makes a chain of folders too long for any path, with a file at its end. */
const DEEP = `
	( mkdir "$1" && cd "$1" || die
	for (( i = 0; i < 60; i++ )); do mkdir ${'d'.repeat(200)} && cd ${'d'.repeat(200)} || die; done
	echo deep > file ) || die`;

describe.each(mostly('root'))('what a build leaves, as %s', (as) => {
  can('special files, closed and deep folders are removed', async () => {
    const name = `special-${as}`;
    host.write(
      name,
      tinyEbuild(`
deep() {${DEEP}
}
src_compile() {
	mkfifo pipe || die
	mkdir -p closed/a/b/c && touch closed/a/file && chmod 000 closed/a/b/c closed/a/b closed/a closed || die
	deep deep
	truncate -s 1T sparse || einfo "no sparse file"
	ln -s loop-b loop-a && ln -s loop-a loop-b || die
	echo "hostile: compiled"
}
src_install() {
	mkdir -p "\${D}/usr/bin" "\${D}/dev" || die
	mkfifo "\${D}/usr/bin/pipe" || die
	"\${FILESDIR}/make-socket" "\${D}/usr/bin/socket" || die
	mknod "\${D}/dev/null" c 1 3 2>/dev/null && die "a device was made"
	mknod "\${D}/dev/disk" b 8 0 2>/dev/null && die "a device was made"
	truncate -s 1900M "\${D}/usr/bin/sparse" || einfo "no sparse file"
}`),
      { 'files/make-socket': host.program('make-socket') },
    );
    const { run, log } = await host.attack(as, name);
    expect([run.status, run.complaints], log.slice(400, 2500)).toEqual([0, []]);
  });
});

describe('what a build leaves', () => {
  // Root's builds write files of root, and another user of the machine could run a set-user-id program of root.
  can('is closed to other users as long as it is there', async () => {
    host.write(
      'setuid',
      tinyEbuild(`
src_compile() {
	cp /bin/bash "\${WORKDIR}/shell" && chmod 6755 "\${WORKDIR}/shell" && chmod -R o+rx "\${PORTAGE_TMPDIR}" || die
	einfo "hostile: waiting"
	while [[ ! -e "\${T}/never" ]]; do sleep 0.1; done
}`),
    );
    const running = host.product.start(anyone, [
      'trial',
      join(host.repository, 'dev-test/setuid/setuid-1.ebuild'),
    ]);
    await running.said('trial: compile');
    const log = join(host.product.home(anyone), 'logs/dev-test-setuid-1.log');
    while (!execFileSync('cat', [log], { encoding: 'utf8' }).includes('hostile: waiting'))
      await running.said('trial');
    const shells = execFileSync(
      'find',
      [join(host.product.home(anyone), 'trials'), '-name', 'shell', '-perm', '-4000'],
      { encoding: 'utf8' },
    )
      .split('\n')
      .filter((line) => line !== '');
    const tried = shells.map((shell) =>
      spawnSync(
        isRoot ? 'setpriv' : 'false',
        ['--reuid=4711', '--regid=4711', '--clear-groups', 'sh', '-c', 'exec "$0" -pc "id -u"', shell],
        { encoding: 'utf8' },
      ),
    );
    running.child.kill('SIGTERM');
    await running.done;
    expect(shells.length).toBeGreaterThan(0);
    expect(tried.map(({ status, stdout }) => [status === 0, stdout])).toEqual(shells.map(() => [false, '']));
    await expectNothingLeftOf(host.product, anyone, 'setuid');
  });

  can('of a distfile with absolute paths and links out of the folder stays in the sandbox', async () => {
    const { folder } = host.product;
    const tar = join(folder, 'hostile-1.tar');
    const inner = join(folder, 'tar-content');
    mkdirSync(inner);
    const target = host.variables(anyone).HOSTILE_FOLDER ?? '';
    writeFileSync(join(inner, 'plain'), 'taken\n');
    const pack = (...args: string[]) => execFileSync('tar', ['-P', '-C', inner, ...args]);
    pack('-cf', tar, 'plain');
    pack('-rf', tar, '--transform', `s,^,${target}/,`, 'plain');
    pack('-rf', tar, '--transform', 's,^,../../../../../../../../../../etc/hostile-,', 'plain');
    execFileSync('ln', ['-s', target, join(inner, 'way')]);
    pack('-rf', tar, 'way');
    pack('-rf', tar, '--transform', 's,^,way/by-tar-,', 'plain');
    execFileSync('ln', [join(inner, 'plain'), join(inner, 'hard')]);
    pack('-rf', tar, '--hard-dereference', 'hard');
    const distfiles = join(host.product.home(anyone), 'distfiles');
    mkdirSync(distfiles, { recursive: true });
    execFileSync('cp', [tar, distfiles]);
    const before = lstatSync(join(distfiles, 'hostile-1.tar'), { bigint: true });
    host.write(
      'archive',
      tinyEbuild(
        `src_unpack() {
	tar -xPf "\${DISTDIR}/hostile-1.tar"
	tar -xf "\${DISTDIR}/hostile-1.tar"
	echo "hostile: unpacked $(cat plain)"
	echo taken >> "\${DISTDIR}/hostile-1.tar" && die "the distfile was written"
	rm -f "\${DISTDIR}"/../../distfiles/* ; chmod 666 "$(readlink -f "\${DISTDIR}/hostile-1.tar")" && die "the distfile was changed"
	:
}`,
        { head: 'SRC_URI="https://example.org/hostile-1.tar"' },
      ),
      { Manifest: manifestOf('hostile-1.tar', tar) },
    );
    const { run, log } = await host.attack(anyone, 'archive');
    expect(log.slice(0, 3000)).toContain('hostile: unpacked taken');
    expect(run.stdout).not.toContain('was changed');
    const after = lstatSync(join(distfiles, 'hostile-1.tar'), { bigint: true });
    expect([after.ino, after.mode, after.size, after.mtimeNs, after.ctimeNs]).toEqual([
      before.ino,
      before.mode,
      before.size,
      before.mtimeNs,
      before.ctimeNs,
    ]);
  });

  can('of a distfile whose name leads out of the folder of distfiles is nothing', async () => {
    const shown: string[] = [];
    for (const [index, name] of ['..', 'a/../..'].entries()) {
      const ebuild = `dots-${'abc'[index]}`;
      host.write(
        ebuild,
        tinyEbuild(
          `src_unpack() { echo "hostile: $(ls -d /var/cache/*/logs /var/cache/logs /var/cache/distfiles/logs 2>/dev/null)"; }`,
          {
            head: `SRC_URI="https://example.org/a -> ${name}"`,
          },
        ),
      );
      const { run, log } = await host.attack(anyone, ebuild);
      shown.push(...(log.match(/^hostile: .+$/gm) ?? []));
      expect(run.complaints.length, run.stderr).toBeLessThan(2);
    }
    expect(shown).toEqual([]);
  });
});

function manifestOf(name: string, path: string): string {
  const sum = (program: string) => execFileSync(program, [path], { encoding: 'utf8' }).split(' ')[0];
  return `DIST ${name} ${lstatSync(path).size} BLAKE2B ${sum('b2sum')} SHA512 ${sum('sha512sum')}\n`;
}
