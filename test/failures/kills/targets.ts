import { pathToFileURL } from 'node:url';

/** The ebuilds that the commands work on, and a folder for what they write, as paths of this machine. */
export interface KilledFiles {
  readonly honest: string;
  readonly faulty: string;
  readonly output: string;
}

/** A command that is killed. */
export interface Target {
  readonly name: string;
  arguments(files: KilledFiles): readonly string[];
  /** The time that it takes at most, in milliseconds. */
  readonly longest: number;
  /** What it gets on standard input; then the language server is meant. */
  input?(files: KilledFiles): string;
}

const HEAD = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
S="\${WORKDIR}"
`;
const PHASES = `src_compile() { echo '#include <zlib.h>' | gcc -E - >/dev/null 2>&1; echo text > file; }
src_install() { insinto /usr/share/kills; doins file; }
`;

/** An ebuild without a fault, and with a probe, so that its trials compare images. */
export const HONEST = { path: 'dev-test/honest/honest-1.ebuild', text: `${HEAD}${PHASES}` };

const twice = (atoms: string) => `${HEAD}DEPEND="${atoms}"\n${PHASES}`;

/** An ebuild that `--fix` writes. */
export const FAULTY = {
  path: 'dev-test/faulty/faulty-1.ebuild',
  text: twice('sys-libs/zlib sys-libs/zlib'),
  fixed: twice('sys-libs/zlib'),
};

const frame = (message: object) => {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

export const TARGETS: readonly Target[] = [
  { name: 'trial --fresh', arguments: ({ honest }) => ['trial', honest, '--fresh'], longest: 6000 },
  { name: 'trial', arguments: ({ honest }) => ['trial', honest, '--use-matrix'], longest: 3000 },
  { name: 'trial --fix', arguments: ({ faulty }) => ['trial', faulty, '--fix', '--quick'], longest: 5000 },
  { name: 'check --fix', arguments: ({ faulty }) => ['check', faulty, '--fix'], longest: 1200 },
  { name: 'check --pkgcheck', arguments: ({ honest }) => ['check', honest, '--pkgcheck'], longest: 3000 },
  { name: 'metadata', arguments: ({ honest }) => ['metadata', honest], longest: 2500 },
  { name: 'runtime', arguments: ({ honest }) => ['runtime', honest, '--', 'true'], longest: 3000 },
  {
    name: 'sweep',
    arguments: ({ honest, faulty, output }) => ['sweep', honest, faulty, '--fresh', '--output', output],
    longest: 8000,
  },
  { name: 'prune', arguments: () => ['prune', '--snapshots', '--all'], longest: 500 },
  {
    name: 'server',
    arguments: () => ['--stdio'],
    longest: 6000,
    input({ honest, faulty }) {
      const uri = pathToFileURL(honest).href;
      const textDocument = { uri, languageId: 'ebuild', version: 1, text: HONEST.text };
      const edited = { uri: pathToFileURL(faulty).href, languageId: 'ebuild', version: 1, text: FAULTY.text };
      return [
        {
          id: 1,
          method: 'initialize',
          params: {
            processId: null,
            rootUri: null,
            capabilities: {},
            initializationOptions: { trusted: true },
          },
        },
        { method: 'initialized', params: {} },
        { method: 'textDocument/didOpen', params: { textDocument } },
        { method: 'textDocument/didOpen', params: { textDocument: edited } },
        { id: 2, method: 'ebuildAudit/runTrial', params: { uri, fresh: true } },
      ]
        .map(frame)
        .join('');
    },
  },
];
