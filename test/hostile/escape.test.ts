import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { type As, mostly, who } from '../support/user.ts';
import { backends, can, type Host, openHost, withManager } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

describe.each(backends)('as %s with %s, nothing is written outside the build folder', (as, manager) => {
  can('by path', async () => {
    const top = [
      '/',
      '/bin',
      '/boot',
      '/etc',
      '/home',
      '/lib',
      '/lib64',
      '/mnt',
      '/opt',
      '/proc',
      '/root',
      '/run',
      '/sbin',
      '/srv',
      '/sys',
      '/usr',
      '/usr/bin',
      '/usr/lib',
      '/usr/local',
      '/var',
      '/var/db/pkg',
      '/var/db/repos/gentoo',
      '/var/lib',
      '/var/lib/portage',
    ];
    await host.expectHeld(
      as,
      `write-${as}-${manager}`,
      {
        'a file in an open folder': 'echo taken > "${HOSTILE_FOLDER}/${HOSTILE_MARK}"',
        'an open file': 'echo taken > "${HOSTILE_FOLDER}/file"',
        'a mode':
          'chmod 600 "${HOSTILE_FOLDER}/inner/file" || { cp "${HOSTILE_FOLDER}/inner/file" "${HOSTILE_FOLDER}/copy" && chmod 600 "${HOSTILE_FOLDER}/copy"; }',
        'a removal': 'rm "${HOSTILE_FOLDER}/inner/file"',
        'through a link in the build folder': 'ln -s "${HOSTILE_FOLDER}" way && echo taken > way/by-link',
        'through the root of the own process': 'echo taken > "/proc/self/root${HOSTILE_FOLDER}/by-root"',
        'through a chain of parents':
          'echo taken > "${WORKDIR}/../../../../../../../../../..${HOSTILE_FOLDER}/by-parents"',
      },
      {
        ...Object.fromEntries(
          top.map((folder) => [`a file in ${folder}`, `echo taken > "${folder}/\${HOSTILE_MARK}"`]),
        ),
        'the repository':
          'echo taken > "${HOSTILE_REPOSITORY}/${HOSTILE_MARK}" || echo taken >> "${HOSTILE_REPOSITORY}/profiles/repo_name"',
        'the ebuild': 'echo taken >> "${EBUILD}"',
        'the files of the package': 'echo taken > "${FILES}/${HOSTILE_MARK}" || chmod 700 "${FILES}/reach"',
        'the state folder':
          'echo taken > "${HOSTILE_STATE}/logs/${HOSTILE_MARK}" || echo taken > "${HOSTILE_STATE}/trials/${HOSTILE_MARK}" || echo taken > "${HOSTILE_STATE}/root/${HOSTILE_MARK}"',
        'the package manager':
          'echo taken >> "${PORTAGE_BIN_PATH}/ebuild.sh" || echo taken >> "${PKGCORE_EBD_PATH}/ebuild-daemon.bash"',
        'the record of what is installed': 'echo taken > "$(find /var/db/pkg -name CONTENTS | head -n 1)"',
        'a file of the system':
          'f=/usr/bin/env; echo taken >> "${f}" || chmod 777 "${f}" || rm -f "${f}" || mv "${f}" "${f}.${HOSTILE_MARK}" || touch "${f}"',
      },
      { flags: withManager(manager) },
    );
  });

  can('by mounts and namespaces of its own', async () => {
    await host.expectHeld(
      as,
      `mounts-${as}-${manager}`,
      {},
      {
        'a mount': 'mount -t tmpfs none /tmp',
        'another root': 'chroot / true',
        'a remount': 'mount -o remount,rw /usr || mount -o remount,bind,rw /usr',
        ...Object.fromEntries(
          [
            '/',
            '/usr',
            '/etc',
            '/var/db/pkg',
            '${HOSTILE_REPOSITORY}',
            '${FILES}',
            '/run',
            '/proc/sys',
          ].flatMap((path) => [
            [`${path} made writable in a namespace of its own`, `"\${FILES}/namespace" writable "${path}"`],
            [`what lies below ${path}`, `"\${FILES}/namespace" detach "${path}"`],
          ]),
        ),
        'a fresh /proc with the outer processes': '"${FILES}/namespace" proc "${HOSTILE_PID}"',
        sysfs: '"${FILES}/namespace" sysfs',
        'the control groups': '"${FILES}/namespace" cgroup',
        'the root of the machine': '"${FILES}/namespace" root "${HOSTILE_FOLDER}"',
        'a disk by a device node': '"${FILES}/namespace" node',
        'the namespace of the first process': '"${FILES}/namespace" join',
        'another namespace of the machine': 'nsenter -t 1 -m true || nsenter -t 1 -U true',
      },
      { flags: withManager(manager) },
    );
  });
});

describe.each(who)('as %s, nothing is written outside the build folder', (as) => {
  can('by what a kernel offers', async () => {
    await host.expectHeld(
      as,
      `kernel-${as}`,
      { 'a link to the own process': 'test -e /proc/self/root' + '"${HOSTILE_FOLDER}"' },
      {
        'the root of the first process':
          'test -e "/proc/1/root${HOSTILE_FOLDER}" || test -e "/proc/1/cwd/../../../../..${HOSTILE_FOLDER}"',
        'the roots of all processes':
          'for p in /proc/[0-9]*; do test -e "${p}/root${HOSTILE_FOLDER}" && exit 0; done; exit 1',
        'the descriptors of all processes':
          'for f in /proc/[0-9]*/fd/*; do test -e "${f}${HOSTILE_FOLDER}" || test -e "${f}/../../../../../../..${HOSTILE_FOLDER}" && exit 0; done; exit 1',
        // Each setting is written with its present value. kernel/pid_max is the sandbox's own since Linux 6.14.
        'a setting':
          'for f in kernel/core_pattern kernel/modprobe vm/overcommit_memory kernel/threads-max; do v=$(cat /proc/sys/${f}) && echo "${v}" > /proc/sys/${f} && exit 0; done; exit 1',
        'the magic key': 'echo h > /proc/sysrq-trigger',
        'a setting of the process of outside': 'echo 0 > "/proc/${HOSTILE_PID}/oom_score_adj"',
        'the kernel in /sys': 'ls /sys/kernel || ls /sys/fs/cgroup',
        'a control group': 'd=$(find / -xdev -name cgroup.procs 2>/dev/null | head -n 1); test -n "${d}"',
        'a device':
          'for f in /dev/mem /dev/kmsg /dev/sda /dev/vda /dev/nvme0n1 /dev/fuse /dev/kvm /dev/loop-control /dev/net/tun /dev/snd /dev/input; do test -e "${f}" && exit 0; done; exit 1',
        ...Object.fromEntries(
          [
            'reboot',
            'mknod',
            'disk-node',
            'mount',
            'chroot',
            'hostname',
            'clock',
            'swapoff',
            'module',
            'kernel-log',
            'join-namespace',
            'open-by-handle',
            'terminal-input',
            'nice',
          ].map((call) => [`the call for ${call}`, `"\${FILES}/reach" call ${call}`]),
        ),
      },
    );
  });
});

/** Leaves links in the places that cleaning and the reader of the image visit. */
const LINKS = `
src_compile() {
	mkdir -p closed/deep || die
	ln -s "\${HOSTILE_FOLDER}" "\${HOSTILE_FOLDER}/file" closed/deep || die
	ln -s "\${HOSTILE_FOLDER}" "\${T}/folder" || die
	ln -s / "\${WORKDIR}/root" || die
	ln -s "\${HOSTILE_FOLDER}" "\${PORTAGE_TMPDIR}/top" || die
	ln "\${HOSTILE_FOLDER}/file" hard 2>/dev/null && die "a hard link was made"
	ln /usr/bin/env hard 2>/dev/null && die "a hard link was made"
	chmod 000 closed/deep closed || die
}
src_install() {
	mkdir -p "\${D}/usr/bin" || die
	ln -s "\${HOSTILE_FOLDER}" "\${D}/usr/bin/folder" || die
	ln -s "\${HOSTILE_FOLDER}/usr/bin/decoy-script" "\${D}/usr/bin/tool" || die
}`;

describe.each(mostly('root'))('what is left in the build folder, as %s', (as) => {
  can('links to the host are not followed by cleaning', async () => {
    const name = `links-${as}`;
    host.write(name, withVariables(LINKS, as));
    const { run, log } = await host.attack(as, name);
    expect([run.status, run.complaints], log.slice(-1000)).toEqual([0, []]);
    expect(run.stdout).not.toContain('decoy-script');
  });

  can('an image that is a link to the host is not read', async () => {
    // The link must also have a target in the sandbox, or the package manager would fail on it.
    for (const [what, place] of [
      ['image', '${D}'],
      ['category', '${PORTAGE_TMPDIR}/portage/dev-test'],
    ] as const) {
      const replace =
        what === 'image'
          ? `rm -rf "${place}" && ln -s "\${HOSTILE_FOLDER}" "${place}"`
          : `cp -a "${place}/." "\${HOSTILE_FOLDER}/" && ln -s "\${HOSTILE_FOLDER}" "\${HOSTILE_FOLDER}/\${PF}/image/decoys" && mv "${place}" "${place}.old" && ln -s "\${HOSTILE_FOLDER}" "${place}"`;
      const name = `${what}-${as}`;
      host.write(
        name,
        withVariables(`src_install() { mkdir -p "\${HOSTILE_FOLDER}" && ${replace} || die; }`, as),
      );
      const { run, log } = await host.attack(as, name);
      expect(run.status, log.slice(-1000)).toBe(0);
      expect(run.stdout + run.stderr).not.toContain('decoy-script');
    }
    // The same script in a real image is noticed.
    const honest =
      'src_install() { mkdir -p "${D}/usr/bin" && printf "#!/usr/bin/perl\\n" > "${D}/usr/bin/decoy-script" && chmod 755 "${D}/usr/bin/decoy-script" || die; }';
    host.write(`honest-${as}`, withVariables(honest, as));
    expect((await host.attack(as, `honest-${as}`)).run.stdout).toContain('decoy-script');
  });
});

function withVariables(phases: string, as: As): string {
  const lines = Object.entries(host.variables(as)).map(([name, value]) => `${name}="${value}"`);
  return tinyEbuild(phases, { head: lines.join('\n') });
}
