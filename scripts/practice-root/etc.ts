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
 * @param names of its packages
 */
export function generatedEtc(
  machine: string,
  root: string,
  names: ReadonlySet<string>,
): Record<string, string> {
  return {
    ...(names.has('xml-core') ? xmlCatalogs(`${machine}/etc/xml`, names) : {}),
    passwd: `${readMaster(root, 'passwd', 'root:*:0:0:root:/root:/bin/bash\n')}${PORTAGE_USER}`,
    group: `${readMaster(root, 'group', 'root:*:0:\n')}${PORTAGE_GROUP}`,
    'nsswitch.conf': readOr(`${root}${NAME_SERVICES}`, 'passwd: files\ngroup: files\nhosts: files\n'),
    hosts: '127.0.0.1\tlocalhost\n::1\tlocalhost\n',
    shells: '/bin/sh\n/bin/bash\n',
  };
}

/** What update-xmlcatalog(8) has written for the packages: a catalog each, and one that leads to them, an entry a line. */
function xmlCatalogs(folder: string, names: ReadonlySet<string>): Record<string, string> {
  const own = [...names].map((name) => [`xml/${name}.xml`, readOr(`${folder}/${name}.xml`, '')] as const);
  const all = readOr(`${folder}/catalog`, '').split('\n');
  const isForeign = (line: string): boolean => {
    const name = /catalog="file:\/\/\/etc\/xml\/([^"/]+)\.xml"/.exec(line)?.[1];
    return name !== undefined && !names.has(name);
  };
  return {
    ...Object.fromEntries(own.filter(([, text]) => text !== '')),
    'xml/catalog': all.filter((line) => !isForeign(line)).join('\n'),
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
