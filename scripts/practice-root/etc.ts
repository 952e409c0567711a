import { readFileSync } from 'node:fs';

/** Where the package base-passwd has the users and groups that every Debian machine begins with. */
const MASTERS = '/usr/share/base-passwd';
const NAME_SERVICES = '/usr/share/libc-bin/nsswitch.conf';

/** Gentoo's acct-user/portage, whom Portage looks up. */
const PORTAGE_USER = 'portage:x:250:250:System user; portage:/var/lib/portage/home:/sbin/nologin\n';
const PORTAGE_GROUP = 'portage:x:250:portage\n';

/**
 * The files of /etc that no package has and that programs look for, the same on every machine.
 *
 * @param root with the packages' files in it
 */
export function generatedEtc(root: string): Record<string, string> {
  return {
    passwd: `${readMaster(root, 'passwd', 'root:*:0:0:root:/root:/bin/bash\n')}${PORTAGE_USER}`,
    group: `${readMaster(root, 'group', 'root:*:0:\n')}${PORTAGE_GROUP}`,
    'nsswitch.conf': readOr(`${root}${NAME_SERVICES}`, 'passwd: files\ngroup: files\nhosts: files\n'),
    hosts: '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
    shells: '/bin/sh\n/bin/bash\n',
  };
}

function readMaster(root: string, name: string, otherwise: string): string {
  return readOr(`${root}${MASTERS}/${name}.master`, otherwise).replace(/\n*$/, '\n');
}

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
