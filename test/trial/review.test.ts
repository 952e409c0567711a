/** Reviews of a tiny repository with real trials. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { createRepository, missingGit, PROFILE, type TestRepository } from '../review/git-repository.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, who } from '../support/user.ts';

const missing = missingForTrials ?? missingGit;
const can = requireOrSkip(missing);
/** In milliseconds. */
const TIMEOUT = 240_000;
const FIRST = 'dev-test/foo/foo-1.ebuild';
const SECOND = 'dev-test/foo/foo-2.ebuild';
const PHASES = `src_compile() {
	printf '#include <zlib.h>\\nint main(void) { return zlibVersion()[0] == 0; }\\n' > foo.c || die
	cc foo.c -o foo -lz || die
}
src_install() { dobin foo; }`;
const DECLARED = 'RDEPEND="sys-libs/zlib:="\nDEPEND="${RDEPEND}"';

let product: Product;
let repository: TestRepository;
beforeAll(async () => {
  if (missing !== undefined) return;
  product = await openProduct();
  const top = join(product.folder, 'tiny');
  mkdirSync(top);
  repository = createRepository(top);
  const old = PHASES.replace('dobin foo;', 'dobin foo; insinto /usr/share/foo; doins foo.c;');
  repository.commit({ ...PROFILE, [FIRST]: tinyEbuild(old, { head: DECLARED }) });
  repository.commit({ [SECOND]: tinyEbuild(PHASES) });
  repository.commit({ [SECOND]: tinyEbuild(PHASES, { head: DECLARED }) });
});
afterAll(() => product?.remove());

const [as = 'root'] = who;
const start = (...words: string[]) =>
  product.start(as, ['review', ...words], { wrap: ['env', '-C', repository.top] });
const reviews = () => {
  const folder = join(product.home(as), 'reviews');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** The report without what depends on the machine: times, the names of compilers, the folders of libraries. */
const plain = (report: string) =>
  report
    .replace(/\d+\.\d s/, '1.0 s')
    .replace(/\/usr\/lib\S*\/libz/g, '/usr/lib/libz')
    .split('\n')
    .filter((line) => !line.startsWith('  src_'));

/** Only a practice root gives the other one. */
const complaintsOf = ({ complaints }: Run) =>
  complaints.filter((line) => !line.includes('Package names are not checked'));

/** The diff of a fix that adds a variable. */
const editOf = (variable: string) => [
  '  --- a/dev-test/foo/foo-2.ebuild',
  '  +++ b/dev-test/foo/foo-2.ebuild',
  '  @@ -8,4 +8,6 @@',
  '   S="${WORKDIR}"',
  '   ',
  `  +${variable}="sys-libs/zlib:="`,
  '  +',
  '   src_prepare() { default; }',
  '   src_configure() { :; }',
];

describe('a commit', () => {
  can(
    'that forgets a dependency is told so, and one that adds it has fixed it and lacks a revision',
    async () => {
      const forgot = await start('HEAD~2..HEAD~1').done;
      expect(plain(forgot.stdout)).toEqual([
        '2 new, 0 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s',
        '',
        'dev-test/foo/foo-2.ebuild (new, compared with foo-1.ebuild)',
        'dev-test/foo/foo-2.ebuild:1:1: error[missing-depend]: Add sys-libs/zlib:= to DEPEND: the build fails without /usr/include/zlib.h of sys-libs/zlib, and passes with it.',
        '  fix: Add sys-libs/zlib:= to DEPEND',
        ...editOf('DEPEND'),
        'dev-test/foo/foo-2.ebuild:1:1: error[missing-rdepend]: Add sys-libs/zlib:= to RDEPEND: /usr/bin/foo links /usr/lib/libz.so.1 of sys-libs/zlib.',
        '  fix: Add sys-libs/zlib:= to RDEPEND',
        ...editOf('RDEPEND'),
        '  no longer installed: /usr/share/foo/foo.c',
        '  not tried: src_test (--tests runs it)',
        '',
      ]);
      expect([forgot.status, complaintsOf(forgot)]).toEqual([1, []]);
      expect(reviews()).toEqual([]);
      // Neither commit is checked out, and a second checkout has the same content.
      const repeated = await start('HEAD~2..HEAD~1').done;
      expect(repeated.stdout.split('\n')[0]).toMatch(/^2 new, .* s, 2 from records$/);

      const added = await start('HEAD~1..').done;
      const report = (last: string) => [
        `1 new, 2 fixed, 0 unchanged – 1 package, 1 USE state, 1.0 s${last}`,
        '',
        'dev-test/foo/foo-2.ebuild (changed)',
        'dev-test/foo/foo-2.ebuild:2:1: warning[missing-revision-bump]: Users who have foo-2 installed do not get this change (RDEPEND gains sys-libs/zlib:=): rename the file to foo-2-r1.ebuild.',
        '  fixed error[missing-depend]: Add sys-libs/zlib:= to DEPEND: the build fails without /usr/include/zlib.h of sys-libs/zlib, and passes with it.',
        '  fixed error[missing-rdepend]: Add sys-libs/zlib:= to RDEPEND: /usr/bin/foo links /usr/lib/libz.so.1 of sys-libs/zlib.',
        '  not tried: src_test (--tests runs it)',
        '',
      ];
      expect(plain(added.stdout)).toEqual(report(''));
      expect([added.status, complaintsOf(added)]).toEqual([1, []]);

      const again = await start('HEAD~1..').done;
      expect(plain(again.stdout)).toEqual(report(', 2 from records'));
      expect(again.stderr).not.toContain('compile');
      expect(repository.git('status', '--porcelain')).toBe('');
    },
    TIMEOUT,
  );
});

describe('a review', () => {
  can(
    'that is interrupted leaves nothing behind',
    async () => {
      repository.write({ [SECOND]: tinyEbuild('src_compile() { sleep 60; }') });
      const review = start('HEAD');
      await review.said('compile');
      expect(reviews()).toHaveLength(1);
      review.child.kill('SIGINT');
      const { status, complaints, stdout } = await review.done;
      expect([status, stdout, complaints]).toEqual([
        2,
        '',
        [
          'ebuild-audit: The review was cancelled; only the build logs and the records of finished trials were kept.',
        ],
      ]);
      // Its programs go on for a moment.
      await expect.poll(reviews).toEqual([]);
      expect(product.trials(as)).toEqual([]);
      expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1);
    },
    TIMEOUT,
  );

  can(
    'of commits that are not checked out works as an ordinary user',
    async () => {
      const trust = {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      };
      const { status, stdout } = await product.run('user', ['review', 'HEAD~2..HEAD~1', '--quick'], {
        wrap: ['env', '-C', repository.top],
        environment: trust,
      });
      expect([status, stdout.split(' – ')[0]]).toEqual([1, '2 new, 0 fixed, 0 unchanged']);
      expect(readdirSync(join(product.home('user'), 'reviews'))).toEqual([]);
    },
    TIMEOUT,
  );

  can(
    'of a folder that is no clone, and of a commit that is not there, is refused with a sentence',
    async () => {
      const refused = async (folder: string, ...words: string[]) => {
        const { status, stdout, complaints } = await product.run(as, ['review', ...words], {
          wrap: ['env', '-C', folder],
        });
        expect([status, stdout]).toEqual([2, '']);
        return complaints;
      };
      expect(await refused(product.folder)).toEqual([
        `ebuild-audit: ${product.folder} cannot be reviewed, because git finds no working tree there (not a git repository (or any of the parent directories): .git): run the review in a git clone of the repository of ebuilds.`,
      ]);
      expect(await refused(repository.top, 'nowhere..')).toEqual([
        'ebuild-audit: git knows no commit nowhere: name a range of commits as in main..HEAD, or a branch, a tag or a commit ("git log" lists commits).',
      ]);
      if (!isRoot) return;
      const stranger = await product.run('user', ['review'], { wrap: ['env', '-C', repository.top] });
      expect(stranger.complaints).toEqual([
        `ebuild-audit: ${repository.top} belongs to another user, so git does not read it: run the review as its owner, or trust it with "git config --global --add safe.directory FOLDER".`,
      ]);
    },
  );
});
