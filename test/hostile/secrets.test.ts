import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { missingForTrials } from '../support/product.ts';
import { mostly } from '../support/user.ts';
import { compileProgram } from './decoys.ts';
import { backends, can, type Host, openHost, withManager } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

/** Secrets that a careless user of the command line has in the environment. */
const TOKENS = {
  GITHUB_TOKEN: 'decoy-token',
  AWS_SECRET_ACCESS_KEY: 'decoy-token',
  EBUILD_AUDIT_TOKEN: 'decoy-token',
  SSH_AUTH_SOCK: '/tmp/decoy-token',
};

describe.each(backends)('secrets, as %s with %s', (as, manager) => {
  can('of a home and of the environment', async () => {
    const { run, log } = await host.expectHeld(
      as,
      `home-${as}-${manager}`,
      {
        'an ssh key': 'grep -q secret-of "${HOSTILE_HOME}/.ssh/id_ed25519"',
        'a token in a file': 'grep -rq secret-of "${HOSTILE_HOME}"',
        'a token in the environment': 'env | grep -q "^GITHUB_TOKEN=decoy-token"',
        'the home by ~': 'grep -rq secret-of ~/',
        'the own environment': 'cat /proc/$$/environ | tr "\\0" "\\n" | grep -q "^GITHUB_TOKEN=decoy"',
      },
      {
        'the environment of any process':
          'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -q "decoy-token$"',
        'the words of any process':
          'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -q "ebuild-audi[t].mjs"',
        'the home of root': 'ls /root/.??* || ls ~root/.ssh',
        'other homes': 'ls /home/*',
        passwords: 'cat /etc/shadow || cat /etc/gshadow',
        'the keys of the machine': 'cat /etc/ssh/ssh_host_*_key',
        'any file with the secret':
          'grep -rlqs "${HOSTILE_SECRET%-*}-" /tmp /home /root /mnt /run /var/tmp /var/log /dev/shm --include=id_* --include=hosts.yml --include=.netrc',
        'any key by name': 'test -n "$(find / -xdev -name "id_ed25519*" -not -path "/usr/*" 2>/dev/null)"',
      },
      { environment: TOKENS, flags: withManager(manager) },
    );
    expect(run.stdout + run.stderr + log).not.toContain('decoy-token');
  });
});

describe.each(mostly('user'))('secrets, as %s', (as) => {
  can('of other processes', async () => {
    // Two kinds of memory are shared beyond processes: a segment of System V, and the keys of a session.
    const name = `key-of-${host.decoys.variables.HOSTILE_MARK}`;
    const withKey = compileProgram('with-key', host.product.folder);
    await host.expectHeld(
      as,
      `memory-${as}`,
      {
        'the memory of a process':
          '"${FILES}/reach" read-memory "${HOSTILE_PID}" "${HOSTILE_ADDRESS}" "${HOSTILE_SECRET}"',
        'its memory as a file':
          'dd if="/proc/${HOSTILE_PID}/mem" bs=1 skip=$(( HOSTILE_ADDRESS )) count=9 | grep -q secret-of',
        'its words': 'tr "\\0" " " < "/proc/${HOSTILE_PID}/cmdline" | grep -q secret-of',
        'a shared segment': '"${FILES}/reach" shared-memory "${HOSTILE_SHM}" "${HOSTILE_SECRET}"',
      },
      {
        'a key of the session': `"\${FILES}/reach" key ${name} decoy-secret`,
      },
      { wrap: [withKey, name, 'decoy-secret'] },
    );
  });

  can('of other trials', async () => {
    const secret = join(host.product.home(as), 'logs/dev-test-other-1.log');
    host.write('first', FIRST);
    await host.attack(as, 'first');
    writeFileSync(secret, 'secret-of a log\n');
    await host.expectHeld(
      as,
      `trials-${as}`,
      {},
      {
        'the log of another trial':
          'grep -rqs secret-of "${HOSTILE_STATE}/logs" || ls "${HOSTILE_STATE}/logs"',
        'the folders of trials': 'ls "${HOSTILE_STATE}/trials" || ls "${HOSTILE_STATE}/records"',
        'what another trial left in /tmp':
          'test -e /tmp/left || test -e /var/tmp/left || test -e /dev/shm/left || test -e "${PORTAGE_TMPDIR}/left"',
      },
    );
    expect(readFileSync(secret, 'utf8')).toBe('secret-of a log\n');
  });
});

const FIRST = `EAPI=8
DESCRIPTION="Leaves things behind for the next"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
S="\${WORKDIR}"
src_compile() { for f in /tmp /var/tmp /dev/shm "\${PORTAGE_TMPDIR}"; do echo left > "\${f}/left" || die; done; }
`;
