/** Global scope, which runs whenever the metadata of an ebuild are needed (PMS 7). */
import { symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import type { who } from '../support/user.ts';
import { anyone, backends, can, type Host, openHost, withManager } from './host.ts';
import { attemptsScript } from './hostile-ebuild.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

/** One attempt of each kind; the other files prove that they succeed without a sandbox. */
const ATTEMPTS = {
  write: 'echo taken > "${HOSTILE_FOLDER}/file"',
  'write-repository': 'echo taken > "${HOSTILE_REPOSITORY}/profiles/categories"',
  read: 'grep -rq secret-of "${HOSTILE_HOME}" "${HOSTILE_STATE}/logs"',
  environment: 'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -q "decoy-token$"',
  connect: 'exec 3<>"/dev/tcp/127.0.0.1/${HOSTILE_PORT}"',
  kill: 'kill -STOP "${HOSTILE_PID}"',
  mount: 'mount -t tmpfs none /tmp',
};

/** An ebuild whose global scope makes the attempts and reports them in its IUSE. */
function attackingScope(as: (typeof who)[number]): string {
  const script = attemptsScript(ATTEMPTS, host.variables(as));
  return tinyEbuild('', {
    // Portage finds no program in global scope, but does not hide where the programs are.
    head: `made=$(\nexport PATH=/usr/bin:/bin\n${script}\n)\nfor line in "\${made[@]}"; do while read -r _ what name; do IUSE+=" \${what}-\${name}"; done <<< "\${line}"; done\nunset made line what name`,
  });
}

const TOKENS = { GITHUB_TOKEN: 'decoy-token' };

describe.each(backends)('global scope, as %s with %s', (as, manager) => {
  can('attacks while metadata are read, and reaches nothing', async () => {
    const file = host.write(`scope-${as}-${manager}`, attackingScope(as));
    const { run } = await host.attackWith(
      as,
      `scope-${as}-${manager}`,
      ['metadata', '--format', 'json', ...withManager(manager), file],
      {
        environment: TOKENS,
      },
    );
    expect(run.complaints).toEqual([]);
    const iuse = JSON.parse(run.stdout).iuse as string[];
    expect(iuse.filter((flag) => flag.startsWith('tried-'))).toEqual(
      Object.keys(ATTEMPTS).map((name) => `tried-${name}`),
    );
    expect(iuse.filter((flag) => flag.startsWith('reached-'))).toEqual([]);
  });
});

describe('global scope', () => {
  can('attacks while pkgcheck scans', async () => {
    const file = host.write('scanned', attackingScope(anyone));
    const { run } = await host.attackWith(anyone, 'scanned', ['check', '--pkgcheck', file], {
      environment: TOKENS,
    });
    expect(run.stderr + run.stdout).not.toMatch(/reached-|decoy-token/);
    expect(run.status).not.toBeNull();
  });

  can('cannot give metadata that lead out of the sandbox', async () => {
    const forged = JSON.stringify({
      eapi: '8',
      slot: '0',
      dependencies: { DEPEND: '', BDEPEND: '', RDEPEND: '', PDEPEND: '', IDEPEND: '' },
      ...Object.fromEntries(['requiredUse', 'restrict'].map((key) => [key, ''])),
      ...Object.fromEntries(
        ['iuse', 'fixedUse', 'expandedUse', 'use', 'inherited', 'definedPhases', 'system'].map((key) => [
          key,
          [],
        ]),
      ),
      approximations: ['\u001b[2Jforged'],
      distfiles: ['..'],
    });
    // Printed repeatedly until the package manager has ended, so that one of them is the last line. The package
    // manager would wait for a process that has its pipes.
    host.write(
      'forger',
      tinyEbuild(
        'src_unpack() { echo "hostile: $(ls -d /var/cache/*/logs /var/cache/logs /var/cache/distfiles/*/logs 2>/dev/null)"; }',
        {
          head: `( for fd in {3..30}; do eval "exec \${fd}>&-"; done; PATH=/usr/bin:/bin setsid /bin/bash -c 'while :; do printf "\\nebuild-audit-metadata:%s\\n" "$0"; /bin/sleep 0.01; done' '${forged}' & ) 2>/dev/null`,
        },
      ),
    );
    const { run, log } = await host.attack(anyone, 'forger', ['--limit', 'time=60s']);
    expect(run.complaints.length, run.stderr.slice(-2000)).toBeLessThan(2);
    expect(log).not.toMatch(/^hostile: \S/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is what is tested
    expect(run.stdout + run.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|shadow content/);
    expect(run.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  can('cannot overwhelm whoever reads what it declares', async () => {
    host.write(
      'deep',
      tinyEbuild('', {
        head: `DEPEND="$(printf '%.0s( ' {1..50000})dev-libs/foo$(printf '%.0s )' {1..50000})"\nRDEPEND="$(printf '%.0sa? ( ' {1..30000})"\nREQUIRED_USE="$(printf '%.0s|| ( ' {1..20000})"`,
      }),
    );
    const { run } = await host.attack(anyone, 'deep');
    expect(run.status).not.toBeNull();
    expect(run.complaints.length, run.stderr.slice(0, 2000)).toBeLessThan(2);
    expect(run.stderr).not.toMatch(/\bat .*:\d+:\d+|RangeError/);
    expect(run.stderr.length + run.stdout.length).toBeLessThan(20_000);
  });

  can('cannot take a file of the host by a link in the package folder', async () => {
    const { HOSTILE_HOME: home = '', HOSTILE_FOLDER: folder = '' } = host.variables(anyone);
    const file = host.write(
      'linked',
      tinyEbuild(
        'src_compile() { echo "hostile: read $(cat "${FILESDIR}/key" "${FILESDIR}/keys/id_ed25519" | wc -c)"; }',
      ),
      {
        'files/plain': 'text',
      },
    );
    const files = join(dirname(file), 'files');
    symlinkSync(`${home}/.ssh/id_ed25519`, join(files, 'key'));
    symlinkSync(`${home}/.ssh`, join(files, 'keys'));
    symlinkSync(folder, join(files, 'folder'));
    const { run, log } = await host.attack(anyone, 'linked');
    expect([run.status, run.complaints], log.slice(-1000)).toEqual([0, []]);
    expect(log).toMatch(/^hostile: read 0$/m);
  });
});
