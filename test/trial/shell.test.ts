/** `ebuild-audit shell` on tiny ebuilds, with a real terminal and without one. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { expectNothingLeft, tinyEbuild } from '../failures/tiny-ebuild.ts';
import { writeRepository } from '../support/ebuild-files.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly, who } from '../support/user.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 60_000;

/** The second step asks for a hidden header, and fails. */
const FAILS = `src_configure() {
	local only_local=1
	EXTRA=$(usex extra)
	MINE="it's set"
	echo configured > state || die
}
src_compile() {
	echo begun >> state || die
	echo '#include <png.h>' > a.c || die
	gcc -c a.c || die "no header"
}`;

/**
 * Gives the command after it a terminal of 31 by 97 characters, and types the pairs of argv[1]: what to wait for, and what to type then.
 * Prints everything that the terminal shows, and ends with the command's exit code.
 */
const TYPIST = `
import fcntl, json, os, pty, signal, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
signal.signal(signal.SIGALRM, lambda *_: sys.exit("it hangs: " + shown.decode()))
signal.alarm(50)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
shown = b""
def read():
    global shown
    try: part = os.read(terminal, 65536)
    except OSError: return False
    shown += part
    return part != b""
at = 0
for expected, keys in json.loads(sys.argv[1]):
    while expected.encode() not in shown[at:]:
        if not read(): sys.exit("it ended without " + expected + ": " + shown.decode())
    at = shown.index(expected.encode(), at) + len(expected)
    os.write(terminal, keys.encode())
while read(): pass
print(shown.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = join(product.folder, 'shells');
  mkdirSync(repository);
  writeFileSync(join(product.folder, 'victim'), 'as it was\n');
  writeRepository(
    repository,
    {
      'dev-test/fails/fails-1.ebuild': tinyEbuild(FAILS, { head: 'IUSE="extra"' }).replace(
        'src_install() { :; }',
        'src_install() { einfo installed; }',
      ),
      'dev-test/passes/passes-1.ebuild': tinyEbuild('src_install() { dodoc /etc/passwd; }'),
      'dev-test/links/links-1.ebuild': tinyEbuild(`src_compile() {
	local name
	for name in .ebuild-audit.bashrc .ebuild-audit.terminal shell size start; do
		ln -s ${join(product.folder, 'victim')} /var/ebuild-audit-work/\${name} || die
	done
}`),
      'dev-test/lacks/lacks-1.ebuild': tinyEbuild('', { head: 'DEPEND="dev-test/nowhere"' }),
    },
    ['dev-test/nowhere'],
  );
});
afterAll(() => product?.remove());

const file = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);

const [as = 'root'] = who;

can(
  'a command runs in the view and the folder that the failed phase had, and what it changes is gone',
  async () => {
    // A variable that is not exported and a function are known to the shell that runs the command, and "eval" asks it.
    const look =
      'basename "$PWD"; cat state; echo "$MINE ${only_local-unset} ${BASH_ENV-unset} $EXTRA"; type src_compile | head -1; type src_install | grep -c installed; ' +
      'gcc -c a.c 2>&1 | grep -c "png.h: No such file"; echo changed > state; exit 7';
    for (const _ of [1, 2]) {
      const run = await product.run(as, ['shell', file('fails'), '--use', '-extra', '--', 'eval', look]);
      expect(run.stdout).toBe(
        "work\nconfigured\nbegun\nit's set unset unset no\nsrc_compile is a function\n1\n1\n",
      );
      expect(run.status).toBe(7);
    }
    const other = await product.run(as, ['shell', file('fails'), '--use=extra', '--', 'eval', 'echo $EXTRA']);
    expect(other.stdout).toBe('yes\n');
    expectNothingLeft(product, as);
  },
  TIMEOUT,
);

for (const user of mostly('user'))
  can(
    `a terminal has job control, the size of the real one, and says where it is, as ${user}`,
    async () => {
      const keys = [
        ['$ ', `stty size; sh -c 'echo "as"leep; exec sleep 1000'\n`],
        ['asleep', '\u0003'],
        ['$ ', 'echo "left $?"; test -t 0 && cat state\n'],
        ['begun', 'exit 5\n'],
      ];
      const { status, stdout, stderr } = await product.run(user, ['shell', file('fails')], {
        wrap: ['/usr/bin/python3', '-c', TYPIST, JSON.stringify(keys)],
        environment: { TERM: 'dumb' },
      });
      expect(stderr).toBe('');
      expect(stdout).toContain(
        'src_compile failed (a.c:1:10: fatal error: png.h: No such file or directory)',
      );
      expect(stdout).toContain('Hidden, though the build asked for them: media-libs/libpng.');
      expect(stdout).toContain('fails-1 compile work');
      expect(stdout).toMatch(/\n31 97\r/);
      expect(stdout).toContain('left 130');
      expect(status).toBe(5);
      expectNothingLeft(product, user);
    },
    TIMEOUT,
  );

can(
  'a script on standard input is run, after a build that passed too',
  async () => {
    const { stdout, status } = await product.run(as, ['shell', file('passes')], {
      wrap: ['sh', '-c', 'printf "echo from the script; ls \\$D/usr/share/doc" | "$@"', 'sh'],
    });
    expect(stdout).toBe('from the script\npasses-1\n');
    expect(status).toBe(0);
  },
  TIMEOUT,
);

can(
  'links of the ebuild in its work folder lead nothing of ours elsewhere, and our files cannot be changed',
  async () => {
    const look =
      'ls -A /var/ebuild-audit-work; echo x 2>/dev/null >> /var/ebuild-audit-shell/start || echo closed';
    const { stdout } = await product.run(as, ['shell', file('links'), '--', 'eval', look]);
    expect(stdout).toBe(
      '.ebuild-audit.bashrc\n.ebuild-audit.terminal\ndepcache\nlog\nportage\nshell\nsize\nstart\nclosed\n',
    );
    expect(readFileSync(join(product.folder, 'victim'), 'utf8')).toBe('as it was\n');
    expectNothingLeft(product, as);
  },
  TIMEOUT,
);

can(
  'a build stops before a phase, and shows a package that the ebuild does not declare',
  async () => {
    const shell = (...words: string[]) => product.run(as, ['shell', ...words]);
    const before = await shell(
      '--phase',
      'compile',
      file('fails'),
      '--',
      'eval',
      'cat state; type src_compile | head -1',
    );
    expect(before.stdout).toBe('configured\nsrc_compile is a function\n');
    const first = await shell(
      '--phase=configure',
      file('fails'),
      '--',
      'eval',
      'test -e state || echo "not yet"',
    );
    expect(first.stdout).toBe('not yet\n');
    const unpacked = await shell(
      '--phase=prepare',
      file('passes'),
      '--',
      'sh',
      '-c',
      'ls ../.unpacked ../.prepared 2>&-',
    );
    expect(unpacked.stdout).toBe('../.unpacked\n');
    const shown = await shell(
      '--show',
      'media-libs/libpng',
      '--phase',
      'install',
      file('fails'),
      '--',
      'eval',
      'ls *.o /usr/include/png.h',
    );
    expect(shown.stdout).toBe('/usr/include/png.h\na.o\n');
    const script = { wrap: ['sh', '-c', 'echo "cat state" | "$@"', 'sh'] };
    const said = await product.run(as, ['shell', '--phase', 'compile', file('fails')], script);
    expect(said.complaints.find((line) => line.startsWith('ebuild-audit: '))).toBe(
      'ebuild-audit: The build stopped before src_compile; this is what that will see.',
    );
    for (const [words, sentence] of [
      [['--show', 'dev-test/nowhere'], /No installed package is dev-test\/nowhere: install it/],
      [['--show', 'png'], /"png" is no atom: write --show CATEGORY\/PACKAGE\./],
      [['--phase', 'merge'], /Allowed choices are unpack, prepare, configure, compile, test, install/],
    ] as const) {
      const wrong = await shell(...words, file('fails'), '--', 'true');
      expect(wrong.complaints.join('\n')).toMatch(sentence);
      expect(wrong.status).toBe(2);
    }
    expectNothingLeft(product, as);
  },
  2 * TIMEOUT,
);

can('an ebuild that cannot be built has no view', async () => {
  const { complaints, status } = await product.run(as, ['shell', file('lacks'), '--', 'true']);
  expect(complaints.at(-1)).toBe(
    'ebuild-audit: No installed package satisfies dev-test/nowhere of DEPEND, so the ebuild cannot be built: install one with "emerge --oneshot \'dev-test/nowhere\'" and try again.',
  );
  expect(status).toBe(2);
});
