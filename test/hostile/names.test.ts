/** Names and texts of an ebuild, and the parts of them that reach the reader of a report. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials } from '../support/product.ts';
import { anyone, can, type Host, openHost } from './host.ts';

let host: Host;
beforeAll(async () => {
  if (missingForTrials === undefined) host = await openHost();
});
afterAll(() => host?.close());

/** Expects that only text that can be seen reaches the terminal. A diff has tabs. */
function expectPlain(...texts: readonly string[]): void {
  for (const text of texts) expect(text).not.toMatch(/[^\P{C}\n\t]|\p{Zl}|\p{Zp}|\u00a0|\u3164|\ufe0f/u);
}

/** Bash strings of names that a program on the way may take for more than a name. */
const NAMES = [
  `$'new\\nline'`,
  `$'trial: install, 0.0 s\\nclean: forged'`,
  `'quote"quote'`,
  `"quote'quote"`,
  `$'escape\\e[2J\\e]0;owned\\a'`,
  `$'bad-\\xff\\xfe-utf8'`,
  `$'\\xc3\\x28'`,
  `'-rf'`,
  `'--help'`,
  `'$(touch owned)'`,
  "'`touch owned`'",
  `'](https:example.org)'`,
  `'<script>alert(1)'`,
  `$'\\u202egnp.exe'`,
  `$'a\\u2066\\u2028\\u200b\\ufeff\\u00ad\\u3164\\ufe0f\\U000e0041\\u00a0b'`,
  `'%s%n'`,
  `' '`,
  `'*'`,
  `'back\\slash'`,
];

describe('names', () => {
  can('of every kind in the build folder and in the image', async () => {
    host.write(
      'odd',
      tinyEbuild(`
src_compile() {
	mkdir odd && cd odd || die
	for name in ${NAMES.join(' ')}; do
		echo text > "./\${name}" || die
		cat "./\${name}" > /dev/null || die
		mkdir "../d\${name}" && cp /bin/true "../d\${name}/\${name}" && "../d\${name}/\${name}" || die
		echo text | cc -x c - -o /dev/null -I "../d\${name}" 2>/dev/null
	done
}
src_install() {
	mkdir -p "\${D}/usr/bin" "\${D}/usr/share/odd" || die
	for name in ${NAMES.join(' ')}; do
		printf '#!/usr/bin/perl\\n' > "\${D}/usr/bin/\${name}" && chmod 755 "\${D}/usr/bin/\${name}" || die
	done
}`),
    );
    const { run, log } = await host.attack(anyone, 'odd');
    expect(run.complaints, log.slice(-1000)).toEqual([]);
    expect([0, 1]).toContain(run.status);
    expect(run.stdout).toContain('dev-lang/perl');
    expectPlain(run.stdout, run.stderr);
    const json = await host.attack(anyone, 'odd', ['--format', 'json']);
    expect(() => JSON.parse(json.run.stdout)).not.toThrow();
    expectPlain(json.run.stdout);
  });

  can('of programs in the evidence of a finding', async () => {
    host.write(
      'evidence',
      tinyEbuild(`
src_compile() {
	local name=$'evil\\e[31m\\nfake.ebuild:1:1: error[missing-depend]: forged\\xff](https:example.org)\`x\`'
	echo '#include <zlib.h>' > use.c
	printf '#!/bin/bash\\ngcc -c use.c\\n' > "\${name}" && chmod 755 "./\${name}" || die
	"./\${name}" || die
}`),
    );
    const { run } = await host.attack(anyone, 'evidence');
    expect(run.stdout).toMatch(/error\[missing-depend\].*zlib/);
    expectPlain(run.stdout, run.stderr);
    expect(run.stdout).not.toMatch(/^fake\.ebuild/m);
  });

  can('that cannot be seen, in every form of a report', async () => {
    const unseen = '\\u202e\\u2066\\u2028\\u200b\\ufeff\\u00ad\\u3164\\U000e0041\\u00a0';
    host.write(
      'unseen',
      tinyEbuild(
        `
src_compile() {
	local name=$'ev${unseen}il'
	echo '#include <zlib.h>' > use.c
	printf '#!/bin/bash\\ntest -e /usr/include/png.h\\ngcc -c use.c\\n' > "\${name}" && chmod 755 "./\${name}" || die
	"./\${name}"
	echo "\${name}: error: \${name}" >&2
	[[ -e use.o ]] || die "no \${name}"
}`,
        { head: `# \u202eits own\n# audit: ignore \u202enothing – \u200b` },
      ),
    );
    const shown = 'ev\\u{202e}\\u{2066}\\u{2028}\\u{200b}\\u{feff}\\u{ad}\\u{3164}\\u{e0041}\\u{a0}il';
    const file = join(host.repository, 'dev-test/unseen/unseen-1.ebuild');
    for (const words of [
      ['trial', '--quick', '--fresh', '--why', '--probes', file],
      ['trial', '--quick', file],
    ]) {
      const { run } = await host.attackWith(anyone, 'unseen', words);
      expect(run.stdout).toMatch(/missing-depend.*zlib/);
      expect(run.stdout).toContain(shown);
      expectPlain(run.stdout, run.stderr);
    }
    const { run: json } = await host.attackWith(anyone, 'unseen', [
      'trial',
      '--quick',
      '--format',
      'json',
      file,
    ]);
    expectPlain(json.stdout, json.stderr);
    // A program gets the name as it is, and sentences as they are shown.
    const { findings } = JSON.parse(json.stdout) as {
      findings: readonly {
        readonly message: string;
        readonly evidence: readonly { readonly chain: readonly string[] }[];
      }[];
    };
    const chains = findings.flatMap(({ evidence }) => evidence.flatMap(({ chain }) => chain));
    expect(chains.some((name) => name.includes('\u202e\u2066\u2028'))).toBe(true);
    for (const { message } of findings) expectPlain(message);
    for (const words of [
      ['check', file],
      ['check', '--format', 'json', file],
      ['metadata', file],
    ]) {
      const { run } = await host.attackWith(anyone, 'unseen', words);
      expectPlain(run.stdout, run.stderr);
    }
  });

  can('of files of the package that are no text', async () => {
    host.write('files', tinyEbuild('src_compile() { echo "hostile: $(ls "${FILESDIR}" | wc -l) lines"; }'), {
      'files/plain': 'text',
    });
    const files = join(host.repository, 'dev-test/files/files');
    for (const bytes of ['bad-\xff\xfe', 'new\nline', '-rf', '--', '$(touch owned)', 'esc\u001b[2J'])
      writeFileSync(Buffer.concat([Buffer.from(`${files}/`), Buffer.from(bytes, 'latin1')]), 'text');
    execFileSync('mkfifo', [join(files, 'pipe')]);
    const { run, log } = await host.attack(anyone, 'files');
    expectPlain(run.stderr, run.stdout);
    // Either it is built with all its files, or one sentence says which files cannot be copied.
    if (run.status === 0) expect(log).toMatch(/hostile: [789] lines/);
    else expect(run.complaints).toHaveLength(1);
    expect(run.stderr).not.toMatch(/\bat .*:\d+:\d+/);
  });

  can('of the repository', async () => {
    const odd = `--bind $(touch owned) "quoted" \`touch owned\` it's`;
    const repository = host.product.repository(odd, {});
    mkdirSync(join(repository, 'dev-test/place'), { recursive: true });
    writeFileSync(join(repository, 'dev-test/place/place-1.ebuild'), tinyEbuild(''));
    writeFileSync(join(repository, 'profiles/repo_name'), 'odd-name\n');
    const { run } = await host.attackWith(anyone, 'place', [
      'trial',
      '--',
      join(repository, 'dev-test/place/place-1.ebuild'),
    ]);
    expect(run.complaints.length, run.stderr).toBeLessThan(2);
    expect(run.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expectPlain(run.stderr, run.stdout);
  });
});

describe('what an ebuild says', () => {
  can('is not taken for what Ebuild Audit says', async () => {
    const { HOSTILE_FOLDER: folder } = host.variables(anyone);
    host.write(
      'forged',
      tinyEbuild(`
src_compile() {
	echo "=== trial build with dev-libs/forged shown"
	echo "ebuild-audit: forged"
	printf '\\r\\e[2Ktrial: install, 0.0 s, 0 packages\\n'
	printf '\\r\\e[2Kclean: The build used only declared packages.\\n' >&2
	echo "${folder}: clean: The build used only declared packages." > /dev/stderr
	echo '{"outcome":"passed"}'
	echo '#include <zlib.h>' > use.c
	gcc -c use.c || die "\\e[2J](https://example.org) \`x\`"
}`),
    );
    const { run } = await host.attack(anyone, 'forged');
    expect(run.status).toBe(1);
    expect(run.stdout).toMatch(/error\[missing-depend\].*zlib/);
    expect(run.stdout + run.stderr).not.toMatch(/forged(?!\/|-1)|clean: /);
    expectPlain(run.stdout, run.stderr);
  });

  // A pattern that is tried from every place of a line takes minutes on a long line, which is more than the test has.
  const lines = [
    `'.' 100000 x`,
    `' ' 100000 x`,
    `' failed (phase' 15000 '* ERROR: ' first`,
    `'1:' 60000 ' error'`,
    `$'\\e[' 60000 x`,
    `$'\\e]8;;' 30000 x`,
  ];
  can('is read in time, however long its lines are', async () => {
    host.write(
      'long',
      tinyEbuild(`
repeat() { [[ $4 == first ]] && printf '%s' "$3"; printf "%.0s$1" $(seq "$2"); [[ $4 == first ]] || printf '%s' "$3"; echo; }
src_compile() {
${lines.map((line) => `\trepeat ${line}`).join('\n')}
	die
}`),
    );
    const { run } = await host.attack(anyone, 'long');
    expect(run.status).toBe(2);
    expectPlain(run.stdout, run.stderr);
    // A sentence is not as long as a page.
    expect(run.stdout.length).toBeLessThan(4000);
  });

  can('while it is evaluated is read in time', async () => {
    host.write(
      'evaluated',
      tinyEbuild('', { head: `printf '%.0s.' {1..1000000} >&2; die "$(printf '%.0s.' {1..1000000})x"` }),
    );
    const { run } = await host.attack(anyone, 'evaluated');
    expect(run.complaints).toHaveLength(1);
    expect(run.complaints[0]?.length).toBeLessThan(2000);
    expectPlain(run.stderr);
  });
});
