/** Trials on Gentoo of ebuilds whose dependencies are not merged, and merging what a trial has written, with the system's own Portage. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Account, LARRY, ROOT } from '../../scripts/gentoo-machine/enter-machine.ts';
import {
  type GentooMachine,
  MACHINE_TIMEOUT,
  missingForMachine,
  openGentooMachine,
} from '../support/gentoo-machine.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { COUNTER } from './counter.ts';
import { addressOf, type Kind, makeBinhosts, withBinhosts } from './signed-binhost.ts';

const can = requireOrSkip(missingForMachine);
const TIMEOUT = 240_000;

/** What trials of the two users may write. */
const OWN = ['/var/cache/ebuild-audit', '/home/larry/.cache', '/home/larry/overlay', '/root/overlay'];
const STATE: Readonly<Record<string, string>> = {
  root: 'var/cache/ebuild-audit',
  larry: 'home/larry/.cache/ebuild-audit',
};
const BOTH = [ROOT, LARRY];

const FILE = 'overlay/dev-test/counter/counter';
const PACKAGE = 'dev-libs/tally/tally-1.0-1.gpkg.tar';
/** What is refused, and whether verify-signature is set. Without it a signature must be good if there is one. */
const REFUSED: readonly (readonly [Kind, boolean])[] = [
  ['unsigned', true],
  ['foreign', false],
  ['tampered', true],
];
const CLEAN = 'clean: The build used only declared packages.';

let machine: GentooMachine;
beforeAll(async () => {
  if (missingForMachine !== undefined) return;
  machine = openGentooMachine();
  for (const account of BOTH)
    machine.repository(
      account,
      'overlay',
      {
        'dev-test/counter/counter-1.ebuild': COUNTER,
        'dev-test/counter/counter-2.ebuild': COUNTER.replace('\nDEPEND="dev-libs/tally:="', '\nDEPEND=""'),
      },
      ['dev-libs/tally'],
    );
  await asRoot('emerge --quiet --unmerge dev-libs/tally');
}, MACHINE_TIMEOUT);
afterAll(() => machine?.remove(), MACHINE_TIMEOUT);

const trial = (account: Account, ...words: readonly string[]) =>
  machine.run(account, ['ebuild-audit', 'trial', ...words]);

async function asRoot(script: string): Promise<string> {
  const { status, stdout, stderr } = await machine.run(ROOT, ['/bin/sh', '-ec', script]);
  expect(status, stdout + stderr).toBe(0);
  return stdout;
}

const layersOf = ({ name }: Account) =>
  readdirSync(join(machine.folder, STATE[name] ?? '', 'layers/packages')).length;

describe('an ebuild whose library is not merged', () => {
  can(
    'is tried, fixed and verified with the binary package in PKGDIR, and the machine stays as it was',
    async () => {
      expect(existsSync(join(machine.folder, 'usr/include/tally.h'))).toBe(false);
      const before = machine.listing(OWN);
      const results = await Promise.all(
        BOTH.map(async (account) => ({
          account,
          right: await trial(account, `${FILE}-1.ebuild`),
          fixed: await trial(account, '--fix', '--verify', `${FILE}-2.ebuild`),
        })),
      );
      for (const { account, right, fixed } of results) {
        expect(right.stdout, right.stderr).toContain(CLEAN);
        expect(right.stdout).not.toContain('Not observed');
        expect(right.status).toBe(0);
        expect(fixed.stdout, fixed.stderr).toMatch(
          /error\[missing-depend\]: Add dev-libs\/tally:= to DEPEND: the build fails without \/usr\/include\/tally\.h of dev-libs\/tally, and passes with it/,
        );
        expect(fixed.stdout).toContain(CLEAN);
        expect(fixed.status, fixed.stdout).toBe(0);
        expect(readFileSync(join(machine.folder, account.home, `${FILE}-2.ebuild`), 'utf8')).toBe(COUNTER);
        expect(layersOf(account)).toBe(1);
      }
      expect(machine.listing(OWN)).toEqual(before);
    },
    TIMEOUT,
  );
});

describe('a binhost of binrepos.conf', () => {
  const configure = (kind: Kind, verify: boolean) =>
    writeFileSync(
      join(machine.folder, 'etc/portage/binrepos.conf'),
      `[test]\nsync-uri = ${addressOf(kind)}\nverify-signature = ${verify}\n`,
    );
  const quick = (account: Account) =>
    machine.run(
      account,
      withBinhosts(['ebuild-audit', 'trial', '--quick', '--fresh', join(account.home, `${FILE}-1.ebuild`)]),
    );
  const packages = () => join(machine.folder, 'var/cache/binpkgs');
  const away = () => join(machine.folder, 'var/cache/binpkgs.away');

  beforeAll(async () => {
    if (missingForMachine !== undefined) return;
    await makeBinhosts(machine, PACKAGE);
    renameSync(packages(), away());
    mkdirSync(packages());
  }, TIMEOUT);
  afterAll(async () => {
    if (missingForMachine !== undefined) return;
    await asRoot(
      'rm -r /etc/portage/binrepos.conf /var/cache/binpkgs; mv /var/cache/binpkgs.away /var/cache/binpkgs',
    );
  });

  can(
    'gives a signed package, whose signature Portage checks in the sandbox with the keys that getuto keeps',
    async () => {
      configure('signed', true);
      const before = BOTH.map(layersOf);
      for (const { stdout, stderr, status } of await Promise.all(BOTH.map(quick))) {
        expect(stdout, stderr).toContain(CLEAN);
        expect(status).toBe(0);
      }
      expect(BOTH.map(layersOf)).toEqual(before.map((count) => count + 1));
    },
    TIMEOUT,
  );

  can(
    'has an unsigned, a foreign and a tampered package refused in one sentence, and nothing of it is kept',
    async () => {
      const before = BOTH.map(layersOf);
      for (const [kind, verify] of REFUSED) {
        configure(kind, verify);
        for (const { stdout, stderr, status } of await Promise.all(BOTH.map(quick))) {
          const said = stderr.split('\n').filter((line) => line.startsWith('ebuild-audit: '));
          expect(said, stdout + stderr).toHaveLength(1);
          expect(said[0]).toMatch(/dev-libs\/tally-1\.0/);
          expect(said[0]).toMatch(/InvalidSignature: GnuPG verification failed/);
          expect(stdout).toBe('');
          expect(status).toBe(2);
        }
      }
      expect(BOTH.map(layersOf)).toEqual(before);
    },
    TIMEOUT,
  );
});

describe('a binary package that a trial has written to PKGDIR', () => {
  can(
    'is merged by the system, with the dependency that was only a layer',
    async () => {
      const written = await trial(ROOT, '--quick', '--buildpkg=/var/cache/binpkgs', `${FILE}-1.ebuild`);
      expect(written.status, written.stdout + written.stderr).toBe(0);
      expect(written.stdout).toContain(
        'Binary package: /var/cache/binpkgs/dev-test/counter/counter-1-1.gpkg.tar',
      );
      const said = await asRoot(`emaint binhost --fix
emerge --quiet --usepkgonly --oneshot =dev-test/counter-1
counter /etc/passwd
cat /var/db/pkg/dev-test/counter-1/RDEPEND
portageq match / dev-libs/tally`);
      expect(said).toMatch(/^dev-libs\/tally:0\/1=/m);
      expect(said).toMatch(/^dev-libs\/tally-1\.0$/m);
    },
    TIMEOUT,
  );
});
