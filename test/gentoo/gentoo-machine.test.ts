/**
 * The product on Gentoo itself: merged from the project's ebuild, with `/` as root and the system's own Portage, as root and as an ordinary
 * user. Nothing that set-up installs is there.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

const can = requireOrSkip(missingForMachine);
const TRIALS_TIMEOUT = 240_000;

const STATE: Readonly<Record<string, string>> = {
  root: '/var/cache/ebuild-audit',
  larry: '/home/larry/.cache/ebuild-audit',
};

/** What trials of the two users may write. */
const OWN = ['/var/cache/ebuild-audit', '/home/larry/.cache', '/home/larry/overlay', '/root/overlay'];

const FILE = 'overlay/dev-test/counter/counter';
const RIGHT = COUNTER.replace(
  '\tdobin counter\n',
  '\tdobin counter\n\tkeepdir /var/lib/counter\n\tfowners mail:mail /var/lib/counter\n',
);
const DEFECTIVE = RIGHT.replace('RDEPEND="dev-libs/tally:="', 'RDEPEND=""').replace(
  '\nDEPEND="dev-libs/tally:="',
  '\nDEPEND=""',
);

let machine: GentooMachine;
beforeAll(() => {
  if (missingForMachine !== undefined) return;
  machine = openGentooMachine();
  for (const account of [ROOT, LARRY]) {
    const files = {
      'dev-test/counter/counter-1.ebuild': RIGHT,
      'dev-test/counter/counter-2.ebuild': DEFECTIVE,
    };
    machine.repository(account, 'overlay', files, ['dev-libs/tally']);
  }
}, MACHINE_TIMEOUT);
afterAll(() => machine?.remove(), MACHINE_TIMEOUT);

const read = (path: string): string => readFileSync(join(machine.folder, path), 'utf8');

describe('the machine', () => {
  can(
    'has merged its packages with its own Portage',
    async () => {
      const entry = join(machine.folder, 'var/db/pkg/dev-libs/tally-1.0');
      const names = readdirSync(entry);
      expect(names).toEqual(
        expect.arrayContaining(['CONTENTS', 'NEEDED.ELF.2', 'PROVIDES', 'environment.bz2']),
      );
      const { status, stdout, stderr } = await machine.run(ROOT, [
        ...['/bin/sh', '-c'],
        'portageq best_version / sys-apps/portage; portageq owners / /usr/lib/portage/python*/ebuild.sh /usr/bin/ebuild-audit; tally /etc/tally.conf',
      ]);
      expect(status, stderr).toBe(0);
      expect(stdout).toMatch(/^sys-apps\/portage-3[\d.]+\n/);
      expect(stdout).toMatch(/^sys-apps\/portage-\S+\n\t\/usr\/lib\/portage\/python3\.\d+\/ebuild\.sh$/m);
      expect(stdout).toMatch(/^app-portage\/ebuild-audit-\S+\n\t\/usr\/bin\/ebuild-audit$/m);
      // The user mail of /etc/passwd.
      expect(statSync(join(machine.folder, 'var/lib/tally')).uid).toBe(8);
      const packages = readdirSync(join(machine.folder, 'var/cache/binpkgs/dev-libs/tally'));
      expect(packages).toEqual(['tally-1.0-1.gpkg.tar']);
    },
    TRIALS_TIMEOUT,
  );
});

describe.each([ROOT, LARRY])('on it, $name', (account: Account) => {
  const trial = (...words: readonly string[]) => machine.run(account, ['ebuild-audit', 'trial', ...words]);

  can(
    'has a machine on which trials can run',
    async () => {
      const { status, stdout, stderr } = await machine.run(account, ['ebuild-audit', 'doctor']);
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toMatch(/^ok +Package manager +portage 3\.[\d.]+, of the root$/m);
      expect(stdout).toMatch(/^ok +Helper +\/usr\/lib\/ebuild-audit\//m);
      expect(stdout).toMatch(new RegExp(`^ok +State folder +${STATE[account.name]},`, 'm'));
      expect(stdout).toMatch(/^ok +Sandbox +/m);
    },
    TRIALS_TIMEOUT,
  );

  can(
    'tries, fixes and verifies ebuilds, and the machine stays as it was',
    async () => {
      const before = machine.listing(OWN);
      const right = await trial(`${FILE}-1.ebuild`);
      expect(right.stdout, right.stderr).toContain('clean: The build used only declared packages.');
      expect(right.status).toBe(0);

      const fixed = await trial('--fix', '--verify', `${FILE}-2.ebuild`);
      expect(fixed.stdout, fixed.stderr).toMatch(
        /error\[missing-depend\]: Add dev-libs\/tally:= to DEPEND and RDEPEND: the build fails without \/usr\/include\/tally\.h of dev-libs\/tally, and passes with it/,
      );
      expect(read(join(account.home, `${FILE}-2.ebuild`))).toBe(RIGHT);
      expect(fixed.status, fixed.stdout).toBe(0);

      const state = join(machine.folder, STATE[account.name] ?? '');
      expect(readdirSync(join(state, 'records')).length).toBeGreaterThan(0);
      expect(readdirSync(join(state, 'trials'))).toEqual([]);
      expect(existsSync(join(state, 'package-managers'))).toBe(false);
      expect(machine.listing(OWN)).toEqual(before);
    },
    TRIALS_TIMEOUT,
  );

  can(
    'tries an installed package of the main repository, with its distfile in the DISTDIR of make.conf',
    async () => {
      const configuration = join(machine.folder, 'etc/portage/make.conf');
      const text = readFileSync(configuration, 'utf8');
      const distfiles = join(machine.folder, 'srv/distfiles');
      mkdirSync(distfiles, { recursive: true });
      const distfile = 'var/cache/distfiles/tally-tools-1.0.tar';
      writeFileSync(join(distfiles, 'tally-tools-1.0.tar'), readFileSync(join(machine.folder, distfile)));
      const kept = readFileSync(join(machine.folder, distfile));
      rmSync(join(machine.folder, distfile));
      writeFileSync(configuration, text.replace(/^DISTDIR=.*$/m, 'DISTDIR="/srv/distfiles"'));
      try {
        const done = await trial(
          '--quick',
          '/var/db/repos/gentoo/app-misc/tally-tools/tally-tools-1.0.ebuild',
        );
        expect(done.stdout, done.stderr).toContain('clean: The build used only declared packages.');
      } finally {
        writeFileSync(configuration, text);
        writeFileSync(join(machine.folder, distfile), kept);
      }
    },
    TRIALS_TIMEOUT,
  );

  can(
    'is told which file of /etc/portage only root can read',
    async () => {
      const file = join(machine.folder, 'etc/portage/package.use/tally');
      writeFileSync(file, 'dev-libs/tally compressed\n');
      chmodSync(file, 0o600);
      try {
        const { status, stderr } = await trial('--fresh', `${FILE}-1.ebuild`);
        const who = account === ROOT ? 'the unprivileged user that builds for root' : 'you';
        expect(stderr).toContain(
          `/etc/portage/package.use/tally is not readable for ${who}: run "chmod o+r /etc/portage/package.use/tally" as root.`,
        );
        expect(status).toBe(2);
      } finally {
        rmSync(file);
      }
    },
    TRIALS_TIMEOUT,
  );

  can(
    'is told by set-up which packages to emerge, of those that trials need',
    async () => {
      const database = join(machine.folder, 'var/db/pkg/sys-apps');
      const [entry = ''] = readdirSync(database).filter((name) => name.startsWith('bubblewrap-'));
      const elsewhere = join(machine.folder, 'var/tmp', entry);
      renameSync(join(database, entry), elsewhere);
      try {
        const { status, stderr } = await machine.run(account, ['ebuild-audit', 'set-up']);
        expect(stderr).toBe('set-up: Run: emerge --ask --noreplace sys-apps/bubblewrap\n');
        expect(status).toBe(2);
      } finally {
        renameSync(elsewhere, join(database, entry));
      }
    },
    TRIALS_TIMEOUT,
  );
});
