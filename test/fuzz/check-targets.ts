import { readPkgcheckOutput, toFindings } from '../../server/src/check/pkgcheck-result.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { packageVariables } from '../../server/src/ebuild/package-variables.ts';
import { createPkgcore } from '../../server/src/package-manager/pkgcore.ts';
import { createPortage } from '../../server/src/package-manager/portage.ts';
import { bash } from '../ebuild/bash.ts';
import type { FuzzTarget } from './target.ts';

const EBUILD = 'EAPI=8\nLICENSE="GPL-2"\nDEPEND="\n\tdev-libs/a\n"\nsrc_install() {\n\tdodoc x \n}\n';
// The fuzz run is started in the project's folder.
const facts = parseEbuild(EBUILD, bash);
const place = packageVariables('dev-test', 'tool-1.2');

/** Every finding of pkgcheck's that can be made of a text lies inside the ebuild. */
function runPkgcheck(text: string): void {
  const { results } = readPkgcheckOutput(text);
  for (const { range, code, message } of toFindings(results, facts, place)) {
    if (range.start < 0 || range.start > range.end || range.end > EBUILD.length)
      throw new Error(`the range of ${code} is outside the text`);
    if (message.includes('\n')) throw new Error('a message has more than one line');
  }
}

const files = { binds: [], programs: [] };
const portage = createPortage({ version: '1', python: '/p', scripts: '/s', ebuild: '/e', files });
const pkgcore = createPkgcore({ version: '1', python: '/p', pebuild: '/b', library: '/l', files });

/** A reader of a package manager's output gives lists of words, or throws an Error of one line for the user. */
function runReader(read: (text: string) => { readonly use: readonly string[] }, text: string): void {
  let answer: { readonly use: readonly string[] };
  try {
    answer = read(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    if (!/^(Portage|pkgcore) (could not|printed)/.test(message)) throw error;
    return;
  }
  if (!answer.use.every((flag) => typeof flag === 'string')) throw new Error('a flag is no text');
}

const METADATA =
  '\nebuild-audit-metadata:{"eapi": "8", "slot": "0", "dependencies": {"DEPEND": "", "BDEPEND": "", "RDEPEND": "", "PDEPEND": "", "IDEPEND": ""}, "requiredUse": "", "restrict": "", "iuse": [], "fixedUse": [], "expandedUse": [], "use": ["a"], "inherited": [], "definedPhases": [], "distfiles": [], "system": [], "approximations": []}\n';
const JSON_WORDS = ['{', '}', '[]', 'null', '"', '\\u0000', '\n', '1e999', '"__class__"', '"__proto__"'];

/** The readers of what package managers and pkgcheck print. */
export const CHECK_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'readPkgcheckOutput',
    seeds: [
      '{"__class__": "WhitespaceFound", "version": "1.2", "lines": [7], "__level__": "style", "__message__": "on line: 7"}\n',
      '{"__class__": "NonexistentDeps", "version": "1.2", "attr": "DEPEND", "nonexistent": ["dev-libs/a"], "__level__": "warning", "__message__": "DEPEND: x"}\n',
      '{"__class__": "Line", "version": "1.2", "lineno": 2, "__level__": "error", "__message__": "unknown license: GPL-2"}\n',
    ],
    words: [...JSON_WORDS, '"lines": [9999999]', '"lineno": -1', '"attr": "IUSE"', '"deps": ["a/b[c]"]'],
    run: runPkgcheck,
  },
  {
    name: 'readMetadata',
    seeds: [METADATA, `/x.ebuild: line 3: oops\n${METADATA}`],
    words: [...JSON_WORDS, 'ebuild-audit-metadata:', '"use"'],
    run(text) {
      runReader(portage.readMetadata, text);
      runReader(pkgcore.readMetadata, text);
    },
  },
];
