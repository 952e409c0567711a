import { checkText } from '../../server/src/audit/check.ts';
import {
  readIgnoreComments,
  withoutIgnoreComments,
} from '../../server/src/audit/silencing/ignore-comment.ts';
import { parseIgnoreFile, rulesFor } from '../../server/src/audit/silencing/ignore-file.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { complete } from '../../server/src/language/completion/complete.ts';
import type { TextRange } from '../../server/src/pms/text-range.ts';
import { makeKnowledge } from '../audit/world.ts';
import { bash } from '../ebuild/bash.ts';
import type { FuzzTarget } from './target.ts';

const knowledge = makeKnowledge(
  ['dev-libs/openssl-3.1:0/3[ssl,test]', 'dev-libs/foo-1.0:0[ssl]', 'virtual/pkgconfig-3'],
  { eclasses: { meson: { iuse: ['test'] } }, moves: { 'dev-util/cmake': 'dev-libs/foo' } },
);
const identity = { category: 'app-misc', packageAndVersion: 'own-1.2' };

const SEEDS = [
  `EAPI=8
inherit meson
SLOT="0"
IUSE="ssl +doc"
REQUIRED_USE="doc? ( ssl )"
COMMON="dev-libs/opnessl:0/3=[ssl?,gtk(+)]
	dev-util/cmake"
RDEPEND="\${COMMON}
	dev-libs/foo
	doc? ( >=dev-libs/foo-9 )
	dev-libs/foo
"
DEPEND="\${RDEPEND}"
src_configure() {
	local x=$(pkg-config --libs foo)
}
`,
];
const COMMENTS = [
  `EAPI=8
# audit: ignore unused dev-libs/foo – kept for plug-ins
DEPEND="dev-libs/foo" # audit: ignore unused -- why not
# audit:ignore nonsense
#audit: ignore missing-depend >=a/b-1:0[x]
`,
  `# all
media-gfx/foo-1.2 unused dev-libs/bar – removed in 1.3
dev-*/* missing-pkgconfig - x
`,
];
const IGNORE_WORDS = [
  '# audit: ignore ',
  'unused',
  'duplicate-atom',
  ' – ',
  ' - ',
  'a/b',
  '\t',
  ' ',
  '\n',
  '"',
  '*',
  '/',
  '#',
];
const WORDS = [
  'dev-libs/foo',
  'ssl? (',
  ')',
  '||',
  '[',
  ']',
  ':',
  '"',
  "'",
  '$(',
  '${',
  '>=',
  '\n',
  'inherit ',
  'RDEPEND="',
];

function within(text: string, { start, end }: TextRange): void {
  if (!(start >= 0 && start <= end && end <= text.length)) throw new Error(`${start}–${end} is outside`);
}

/** The static findings, their fixes, and completion. */
export const AUDIT_TARGETS: readonly FuzzTarget[] = [
  {
    name: 'checkText',
    seeds: SEEDS,
    words: WORDS,
    run(text) {
      for (const { range, fix } of checkText(parseEbuild(text, bash), knowledge, identity)) {
        within(text, range);
        for (const edit of fix?.edits ?? []) within(text, edit);
        if (fix !== undefined && applyEdits(text, fix.edits) === text)
          throw new Error(`${fix.title} does nothing`);
      }
    },
  },
  {
    name: 'readIgnoreComments',
    seeds: COMMENTS.slice(0, 1),
    words: IGNORE_WORDS,
    run(text) {
      const { rules, problems } = readIgnoreComments(parseEbuild(text, bash));
      for (const { place } of rules) if (place.kind === 'ebuild') within(text, place.comment);
      for (const { range, fix } of problems) {
        within(text, range);
        if (fix !== undefined && applyEdits(text, fix.edits) === text)
          throw new Error(`${fix.title} does nothing`);
      }
      const bare = withoutIgnoreComments(parseEbuild(text, bash));
      if (withoutIgnoreComments(parseEbuild(bare, bash)) !== bare) throw new Error('comments are left');
    },
  },
  {
    name: 'parseIgnoreFile',
    seeds: COMMENTS.slice(1),
    words: IGNORE_WORDS,
    run(text) {
      for (const { reason } of rulesFor(parseIgnoreFile(text).rules, identity))
        if (reason === '') throw new Error('a rule has no reason');
    },
  },
  {
    name: 'complete',
    seeds: SEEDS,
    words: WORDS,
    run(text) {
      const facts = parseEbuild(text, bash);
      for (let offset = 0; offset <= text.length; offset += 1 + Math.floor(text.length / 20)) {
        for (const { range } of complete({ facts, offset, knowledge, identity: undefined }).items) {
          within(text, range);
          if (range.start > offset || range.end < offset) throw new Error(`${offset} is not in its range`);
        }
      }
    },
  },
];
