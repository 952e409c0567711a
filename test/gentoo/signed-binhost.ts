/** Binhosts of the Gentoo machine with one package, which is signed, or not, or by a stranger, or has been tampered with. */

import { ROOT } from '../../scripts/gentoo-machine/enter-machine.ts';
import type { GentooMachine } from '../support/gentoo-machine.ts';

/** A package as a binhost has it. */
export type Kind = 'unsigned' | 'signed' | 'foreign' | 'tampered';

const PORT = 8000;

/** The address of a binhost while {@link withBinhosts} runs. */
export const addressOf = (kind: Kind): string => `http://127.0.0.1:${PORT}/${kind}`;

/**
 * Makes /etc/portage/gnupg as app-portage/getuto does: a local key that nobody knows the secret of signs the key of the binhost. It and the
 * databases are readable for everybody, the secret is for root alone.
 */
const MAKE_KEYS = `set -eu
export GNUPGHOME=/etc/portage/gnupg
mkdir -m 755 $GNUPGHOME
printf 'no-greeting\\nno-permission-warning\\n' >$GNUPGHOME/gpg.conf
quiet() { gpg --batch --yes --quiet --passphrase '' "$@"; }
quiet --quick-generate-key 'Local trust <portage@localhost>' ed25519 cert never
for who in binhost stranger; do
  mkdir -m 700 /root/$who
  quiet --homedir /root/$who --quick-generate-key "$who@example.org" ed25519 sign never
done
gpg --homedir /root/binhost --export | quiet --import
quiet --quick-lsign-key $(gpg --homedir /root/binhost --list-keys --with-colons | sed -n 's/^fpr:*\\([0-9A-F]*\\):/\\1/p')
quiet --check-trustdb
chmod a+r $GNUPGHOME/trustdb.gpg
`;

/** Makes the folders of the binhosts; $1 is the package below the package folder. */
const MAKE_BINHOSTS = `set -eu
for kind in unsigned signed foreign tampered; do
  mkdir -p /srv/binhosts/$kind/\${1%/*}
  cp /var/cache/binpkgs/$1 /srv/binhosts/$kind/$1
done
sign() {
  FEATURES=binpkg-signing BINPKG_GPG_SIGNING_GPG_HOME=/root/$1 BINPKG_GPG_SIGNING_KEY=$1@example.org gpkg-sign --allow-unsigned $2
}
sign binhost /srv/binhosts/signed/$1
sign binhost /srv/binhosts/tampered/$1
sign stranger /srv/binhosts/foreign/$1
PKGDIR=/srv/binhosts/unsigned emaint binhost --fix
rm -f /srv/binhosts/unsigned/Packages.gz
`;

/** Changes a signed package, and lists each package in an index as its binhost would. emaint lists none that Portage refuses. */
const TAMPER_AND_LIST = `
import hashlib, io, re, sys, tarfile
folder = "/srv/binhosts/"
package = sys.argv[1]
with tarfile.open(folder + "signed/" + package) as signed, tarfile.open(folder + "tampered/" + package, "w") as tampered:
    for member in signed:
        content = signed.extractfile(member).read()
        if "/image.tar" in member.name and not member.name.endswith(".sig"):
            content = content[:-1] + bytes([content[-1] ^ 1])
        tampered.addfile(member, io.BytesIO(content))
index = open(folder + "unsigned/Packages").read()
for kind in ("signed", "foreign", "tampered"):
    content = open(folder + kind + "/" + package, "rb").read()
    facts = {"SIZE": str(len(content)), "MD5": hashlib.md5(content).hexdigest(), "SHA1": hashlib.sha1(content).hexdigest()}
    text = re.sub(r"(?m)^(SIZE|MD5|SHA1): .*$", lambda found: found[1] + ": " + facts[found[1]], index)
    open(folder + kind + "/Packages", "w").write(text)
`;

/** Runs the other arguments while the binhosts are served. */
const SERVE = `python3 -m http.server ${PORT} --bind 127.0.0.1 --directory /srv/binhosts >/dev/null 2>&1 &
until wget -q -O /dev/null ${addressOf('unsigned')}/Packages; do sleep 0.1; done
exec "$@"
`;

/**
 * Makes the binhosts and their keys in a machine.
 *
 * @param packageFile the package below /var/cache/binpkgs; the index of that folder lists no other
 */
export async function makeBinhosts(machine: GentooMachine, packageFile: string): Promise<void> {
  for (const command of [
    ['/bin/sh', '-c', MAKE_KEYS],
    ['/bin/sh', '-c', MAKE_BINHOSTS, 'sh', packageFile],
    ['python3', '-c', TAMPER_AND_LIST, packageFile],
  ]) {
    const { status, stdout, stderr } = await machine.run(ROOT, command);
    if (status !== 0) throw new Error(`The binhosts cannot be made: ${stdout}${stderr}`);
  }
}

/** The words of a command that runs another in the machine, with the binhosts on its loopback device. */
export function withBinhosts(command: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', SERVE, 'sh', ...command];
}
