import { readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { processesWith } from '../support/processes.ts';
import { missingForTrials } from '../support/product.ts';
import { mostly, who } from '../support/user.ts';
import { can, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

describe.each(mostly('user'))('processes, as %s', (as) => {
  can('outside are neither signalled nor traced', async () => {
    await host.expectHeld(
      as,
      `kill-${as}`,
      {
        tracing: '"${FILES}/reach" ptrace "${HOSTILE_PID}"',
        'a handle of a process': '"${FILES}/reach" pidfd "${HOSTILE_PID}"',
        'writing its memory':
          '"${FILES}/reach" write-memory "${HOSTILE_PID}" "${HOSTILE_ADDRESS}" "${HOSTILE_SECRET}"',
        'a stop': 'kill -STOP "${HOSTILE_PID}" && kill -CONT "${HOSTILE_PID}"',
        'its priority': 'renice -n 19 -p "${HOSTILE_PID}"',
        'a kill': '"${FILES}/reach" signal "${HOSTILE_PID}"',
      },
      {
        'any process with the name': 'pkill -f "[d]ecoy secret-of"',
        'capabilities by a set-user-id program':
          'cp /bin/bash own && chmod 6755 own && ./own -pc "grep -q \\"^CapEff:.*[1-9a-f]\\" /proc/self/status"',
        'capabilities by those of the system':
          'for f in $(find /usr/bin /usr/sbin /usr/lib -perm -4000 2>/dev/null); do case ${f} in *su|*sudo) "${f}" -c "grep -q \\"^CapEff:.*[1-9a-f]\\" /proc/self/status" && exit 0;; esac; done; exit 1',
        'new privileges':
          'grep -q "^NoNewPrivs:.*0" /proc/self/status || grep -q "^Cap[A-Z][a-z]*:.*[1-9a-f]" /proc/self/status',
      },
    );
  });

  can('that outlive the phase end with its step, and with the trial', async () => {
    const mark = `${host.decoys.variables.HOSTILE_MARK}-${as}`;
    const daemon = (how: string) =>
      `( ${how} bash -c 'trap "" TERM INT HUP QUIT; exec -a daemon-${mark} sleep 1000' & )`;
    host.write(
      `daemon-${as}`,
      tinyEbuild(`
src_unpack() { ${daemon('setsid')} </dev/null >/dev/null 2>&1; }
src_compile() {
	${daemon('setsid env -i')} </dev/null >/dev/null 2>&1
	sleep 0.3
	echo "hostile: $(daemons) in compile"
}
src_install() { echo "hostile: $(daemons) in install"; }
daemons() { cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c ^daemon-; }`),
    );
    const { run, log } = await host.attack(as, `daemon-${as}`);
    expect([run.status, run.complaints], log.slice(-1000)).toEqual([0, []]);
    // The process of unpack has ended, that of compile lives; neither is in the next step.
    expect(log).toMatch(/^hostile: 1 in compile$/m);
    expect(log).toMatch(/^hostile: 0 in install$/m);
    expect(processesWith(`daemon-${mark}`)).toEqual([]);
  });
});

const as = who[0] ?? 'user';
describe('a massacre inside', () => {
  can('ends the build and nothing else', async () => {
    const outside = readlinkSync('/proc/self/ns/pid');
    const name = 'massacre';
    host.write(
      name,
      tinyEbuild(`
src_compile() {
	[[ $(readlink /proc/self/ns/pid) == "${outside}" ]] && die "this is not a sandbox"
	kill -9 1; kill -STOP 1; kill -9 "$PPID"; kill -9 -1
	echo "hostile: still here"
	kill -9 $$
}`),
    );
    const { run } = await host.attack(as, name);
    expect([run.status, run.complaints], run.stderr).toEqual([2, []]);
    expect(run.stdout).toMatch(/failed: /);
  });
});
