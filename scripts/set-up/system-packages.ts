import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { Log } from './log.ts';

/** What the product, the practice root, the examples, the tests and the short set of accuracy/ need, as Debian and as Gentoo call it. */
const NEEDED: readonly {
  readonly debian: string;
  readonly gentoo: string;
  readonly editor?: true;
  readonly unseen?: true;
  /** Trials themselves need it. */
  readonly trials?: true;
}[] = [
  { debian: 'bubblewrap', gentoo: 'sys-apps/bubblewrap', trials: true },
  { debian: 'build-essential', gentoo: 'sys-devel/gcc', trials: true },
  { debian: 'linux-libc-dev', gentoo: 'sys-kernel/linux-headers' },
  { debian: 'python3-venv', gentoo: 'dev-lang/python' },
  { debian: 'pkg-config', gentoo: 'dev-util/pkgconf' },
  { debian: 'autoconf', gentoo: 'dev-build/autoconf' },
  { debian: 'automake', gentoo: 'dev-build/automake' },
  { debian: 'libtool', gentoo: 'dev-build/libtool' },
  { debian: 'cmake', gentoo: 'dev-build/cmake' },
  { debian: 'meson', gentoo: 'dev-build/meson' },
  { debian: 'ninja-build', gentoo: 'dev-build/ninja' },
  { debian: 'zlib1g-dev', gentoo: 'sys-libs/zlib' },
  { debian: 'libpng-dev', gentoo: 'media-libs/libpng' },
  { debian: 'libncurses-dev', gentoo: 'sys-libs/ncurses' },
  { debian: 'libssl-dev', gentoo: 'dev-libs/openssl' },
  { debian: 'libjpeg-dev', gentoo: 'media-libs/libjpeg-turbo' },
  { debian: 'libgif-dev', gentoo: 'media-libs/giflib' },
  { debian: 'libjansson-dev', gentoo: 'dev-libs/jansson' },
  { debian: 'libsqlite3-dev', gentoo: 'dev-db/sqlite' },
  { debian: 'check', gentoo: 'dev-libs/check' },
  { debian: 'jq', gentoo: 'app-misc/jq' },
  { debian: 'gawk', gentoo: 'sys-apps/gawk' },
  { debian: 'patch', gentoo: 'sys-devel/patch' },
  { debian: 'file', gentoo: 'sys-apps/file' },
  { debian: 'bzip2', gentoo: 'app-arch/bzip2' },
  { debian: 'libbz2-dev', gentoo: 'app-arch/bzip2' },
  { debian: 'xz-utils', gentoo: 'app-arch/xz-utils' },
  { debian: 'rsync', gentoo: 'net-misc/rsync' },
  { debian: 'wget', gentoo: 'net-misc/wget' },
  { debian: 'pax-utils', gentoo: 'app-misc/pax-utils' },
  { debian: 'gcc-aarch64-linux-gnu', gentoo: 'sys-devel/crossdev', editor: true },
  { debian: 'libc6-dev-arm64-cross', gentoo: 'sys-devel/crossdev', editor: true },
  { debian: 'faketime', gentoo: 'app-misc/libfaketime', unseen: true },
  { debian: 'erofs-utils', gentoo: 'sys-fs/erofs-utils', unseen: true },
  { debian: 'squashfs-tools', gentoo: 'sys-fs/squashfs-tools', unseen: true },
  { debian: 'cryptsetup-bin', gentoo: 'sys-fs/cryptsetup', unseen: true },
  { debian: 'chromium', gentoo: 'www-client/chromium', editor: true },
  { debian: 'neovim', gentoo: 'app-editors/neovim', editor: true },
  { debian: 'emacs-nox', gentoo: 'app-editors/emacs', editor: true },
  { debian: 'elpa-eglot', gentoo: 'app-emacs/eglot', editor: true },
];

/**
 * The Debian packages that the practice root is made from. What only the editor's test needs is not among them: the root is the same with
 * and without it. Nor is what no build sees.
 */
export const PRACTICE_PACKAGES: readonly string[] = NEEDED.filter(
  ({ editor, unseen }) => !editor && !unseen,
).map(({ debian }) => debian);

/** The user has to install something first; `message` is what to copy and paste. */
export class MissingPackagesError extends Error {
  override readonly name = 'MissingPackagesError';
}

/**
 * Installs the system's packages that are missing where it may, as root on Debian and its kin.
 *
 * @param tests whether the tests of the project need theirs too; on Gentoo, trials need little that is not there anyway
 * Throws {@link MissingPackagesError} where it may not, with the one line that does it.
 */
export function provideSystemPackages(editor: boolean, tests: boolean, uid: number, log: Log): void {
  const needed = NEEDED.filter((entry) => editor || !entry.editor);
  if (existsSync('/var/db/pkg')) {
    const wanted = needed.filter((entry) => tests || entry.trials);
    const missing = wanted.map(({ gentoo }) => gentoo).filter((atom) => !isInstalledOnGentoo(atom));
    if (missing.length > 0)
      throw new MissingPackagesError(`Run: emerge --ask --noreplace ${missing.join(' ')}`);
    return;
  }
  if (!existsSync('/var/lib/dpkg/status')) {
    throw new MissingPackagesError(
      'This is neither Gentoo nor Debian or Ubuntu: install bubblewrap, a C compiler and Portage, and set ebuildAudit.root to a Gentoo system.',
    );
  }
  const installed = installedOnDebian(readFileSync('/var/lib/dpkg/status', 'utf8'));
  const missing = needed
    .map(({ debian }) => debian)
    .filter((name) => !installed.has(name) && !hasChromium(name));
  if (missing.length === 0) return;
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (uid !== 0) throw new MissingPackagesError(`Run: sudo apt-get update && sudo ${install}`);
  log(`Installing ${missing.join(' ')}`);
  // A list that is old names versions that the mirror no longer has.
  if (apt(install) !== 0 && (apt('apt-get update') !== 0 || apt(install) !== 0)) {
    throw new MissingPackagesError(`apt-get could not install everything; run: apt-get update && ${install}`);
  }
}

function apt(command: string): number | null {
  const [program = '', ...words] = command.split(' ');
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, ['-q', ...words], { env: environment, stdio: ['ignore', 'ignore', 'inherit'] })
    .status;
}

function isInstalledOnGentoo(atom: string): boolean {
  const { status } = spawnSync('portageq', ['has_version', '/', atom], { stdio: 'ignore' });
  return status === 0;
}

/** Names of installed packages, and what they provide (Ubuntu's pkgconf provides pkg-config). */
export function installedOnDebian(status: string): Set<string> {
  const names = new Set<string>();
  for (const stanza of status.split('\n\n')) {
    if (!/^Status: .* installed$/m.test(stanza)) continue;
    const name = /^Package: (.+)$/m.exec(stanza)?.[1];
    if (name !== undefined) names.add(name);
    const provides = /^Provides: (.+)$/m.exec(stanza)?.[1] ?? '';
    for (const provided of provides.split(',')) names.add(provided.trim().split(' ')[0] ?? '');
  }
  return names;
}

/** Ubuntu's own package is only a snap; any Chromium or Chrome will do. */
function hasChromium(name: string): boolean {
  const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return name === 'chromium' && programs.some((path) => existsSync(path));
}
