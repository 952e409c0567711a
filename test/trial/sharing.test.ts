/** Records of real trials that travel from one state folder and overlay to others. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { createRepository, missingGit, PROFILE } from '../review/git-repository.ts';
import { makeHome, missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, who } from '../support/user.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 240_000;
const FILE = 'dev-test/foo/foo-1.ebuild';
/** Names that stand in no other text. */
const [OVERLAY, HOME, HOST, USER] = ['overlay-of-xyzzyjane', 'home-of-xyzzyjane', 'xyzzyhost', 'xyzzyjane'];
const PHASES = `src_compile() {
	printf '#include <zlib.h>\\nint main(void) { return zlibVersion()[0] == 0; }\\n' > foo.c || die
	cc foo.c -o foo -lz || die
}
src_install() { dobin foo; }`;
/** Needs zlib, and then fails with an error that tells all that it knows of the machine. */
const TELLING = `${PHASES.replace(/src_install.*/, '')}
src_install() {
	echo "foo.c:1: error: not on $(uname -n) for \${USER} in \${HOME} from \${EBUILD}" >&2
	die
}`;
const DECLARED = 'RDEPEND="sys-libs/zlib:="\nDEPEND="${RDEPEND}"';
const [as = 'root'] = who;

let product: Product;
let jane: string;
let joe: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  const files = { 'profiles/repo_name': 'toys\n', [FILE]: tinyEbuild(PHASES, { head: DECLARED }) };
  const others = {
    'dev-test/bar/bar-1.ebuild': tinyEbuild(PHASES),
    'dev-test/told/told-1.ebuild': tinyEbuild(TELLING),
  };
  product.repository(OVERLAY, { ...files, ...others });
  cpSync(join(product.folder, OVERLAY), join(product.folder, 'elsewhere'), { recursive: true });
  [jane, joe] = [makeHome(join(product.folder, HOME), as), makeHome(join(product.folder, 'home-of-joe'), as)];
  const policy = { format: 1, level: 2, keys: [addKey('alice'), addKey('bob'), addKey('carol')] };
  writeFileSync(place('policy.json'), JSON.stringify(policy));
  writeFileSync(place('any.json'), JSON.stringify({ ...policy, level: 'any' }));
});
afterAll(() => product?.remove());

const place = (name: string) => join(product.folder, name);
function addKey(name: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const write = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ format: 'pem', type }).toString();
  writeFileSync(place(`${name}.key`), write(privateKey, 'pkcs8'), { mode: 0o644 });
  return { name, key: write(publicKey, 'spki') };
}

/** Runs a command on the machine of Jane; only root can give it a name. */
const onJanes = (...words: string[]) =>
  product.run(as, words, {
    environment: { EBUILD_AUDIT_HOME: jane, HOME: jane, USER, LOGNAME: USER, HOSTNAME: HOST },
    ...(isRoot && {
      outerWrap: [
        'unshare',
        '--uts',
        'sh',
        '-c',
        `echo ${HOST} > /proc/sys/kernel/hostname; exec "$@"`,
        'sh',
      ],
    }),
  });
const onJoes = (...words: string[]) =>
  product.run(as, words, { environment: { EBUILD_AUDIT_HOME: joe, HOME: joe } });
const ebuildOf = (overlay: string, file = FILE) => join(product.folder, overlay, file);
const records = (home: string) =>
  existsSync(join(home, 'records')) ? readdirSync(join(home, 'records')) : [];
const payloadOf = (path: string) =>
  Buffer.from(JSON.parse(readFileSync(path, 'utf8')).payload, 'base64').toString();

describe('the record of a trial', () => {
  can(
    'has no name of the machine, of its user, and no path, whether the build passes or fails',
    async () => {
      for (const [file, findings] of [
        [FILE, 0],
        ['dev-test/bar/bar-1.ebuild', 2],
        ['dev-test/told/told-1.ebuild', 1],
      ] as const) {
        const ebuild = ebuildOf(OVERLAY, file);
        await onJanes('trial', ebuild, '--use-matrix');
        const exported = await onJanes(
          'record',
          'export',
          ebuild,
          '--key',
          place('alice.key'),
          '--output',
          place('a.json'),
        );
        expect([exported.status, exported.stderr, exported.stdout]).toEqual([0, '', '']);
        const payload = payloadOf(place('a.json'));
        const { predicate } = JSON.parse(payload);
        expect(predicate.result.findings).toHaveLength(findings);
        // The error is there, and the name of the machine, if a build sees it at all, is not.
        if (file.includes('told'))
          expect(predicate.record.failure.firstError).toMatch(
            /error: not on ebuild-audit for \w* in \S+ from \/var\/db\/repos\/toys\/dev-test\/told\/told-1\.ebuild/,
          );
        expect(payload.toLowerCase()).not.toMatch(/xyzzy|ebuild-audit-product|home-of|\/tmp\/|records\//);
      }
    },
    TIMEOUT,
  );

  can(
    'answers on another machine when two builders agree, and a trial there confirms it',
    async () => {
      const store = ['--records', place('store')];
      const [ofJane, ofJoe] = [ebuildOf(OVERLAY), ebuildOf('elsewhere')];
      await onJanes('trial', ofJane);
      const pushed = await onJanes('record', 'push', ofJane, '--key', place('alice.key'), ...store);
      expect([pushed.status, pushed.stderr]).toEqual([0, '']);
      const trust = ['--trust', place('policy.json'), ...store];

      // One is not enough.
      const first = await onJoes('trial', ofJoe, ...trust);
      expect(first.complaints).toEqual([
        'ebuild-audit: The record by alice for dev-test/foo-1 does not answer, because the policy asks for 2 keys.',
        'ebuild-audit: The trial of dev-test/foo-1 confirms the record by alice.',
      ]);
      expect(records(joe)).toHaveLength(1);
      await onJoes('record', 'push', ofJoe, '--key', place('bob.key'), ...store);
      await onJoes('prune', '--all');

      const second = await onJoes('trial', ofJoe, '--format', 'json', ...trust);
      expect([second.status, second.stderr]).toEqual([0, '']);
      expect(JSON.parse(second.stdout)).toMatchObject({
        outcome: 'passed',
        sharedBy: ['alice', 'bob'],
        storedAt: null,
        log: '',
      });
      expect(records(joe)).toEqual([]);
      const shown = await onJoes('trial', ofJoe, ...trust);
      expect(shown.stdout).toContain('(Result of a record by alice and bob.)');

      const checked = await onJoes('trial', ofJoe, ...trust, '--spot-check', '100%');
      expect(checked.complaints).toEqual([
        'ebuild-audit: dev-test/foo-1 is built as a spot check of the record by alice and bob.',
        'ebuild-audit: The trial of dev-test/foo-1 confirms the record by alice and bob.',
      ]);
    },
    TIMEOUT,
  );

  can(
    'is verified and pulled, and is refused for a changed ebuild',
    async () => {
      const [ofJane, ofJoe] = [ebuildOf(OVERLAY), ebuildOf('elsewhere')];
      const store = ['--records', place('other-store')];
      await onJanes('trial', ofJane);
      await onJanes('record', 'push', ofJane, '--key', place('carol.key'), ...store);
      const pulled = await onJoes('record', 'pull', ofJoe, ...store, '--output', product.folder);
      expect([pulled.status, pulled.stderr]).toEqual([0, '']);
      const file = pulled.stdout.trim();
      const verified = await onJoes('record', 'verify', file, '--trust', place('any.json'));
      expect([verified.status, verified.stderr]).toEqual([0, '']);
      expect(verified.stdout.replace(/[0-9a-f]{12}/g, 'DIGEST').replaceAll(product.folder, '')).toBe(
        [
          '/foo-1-DIGEST.json: dev-test/foo-1::toys by carol: passed, no finding, image DIGEST',
          'dev-test/foo-1::toys, inputs DIGEST: answers, signed by carol',
          '',
        ].join('\n'),
      );
      expect((await onJoes('record', 'verify', file, '--trust', place('policy.json'))).status).toBe(1);

      writeFileSync(ofJoe, `${readFileSync(ofJoe, 'utf8')}\n: changed\n`);
      const none = await onJoes('record', 'pull', ofJoe, ...store, '--output', product.folder);
      expect(none.status).toBe(2);
      expect(none.complaints).toEqual([
        expect.stringMatching(/has no record for .* and this version of Ebuild Audit and portage\.$/),
      ]);
      const unsigned = await onJoes('record', 'export', ofJane);
      expect(unsigned.complaints[0]).toMatch(
        /There is no record of .* that another could use: run "ebuild-audit trial/,
      );
    },
    TIMEOUT,
  );

  requireOrSkip(missingForTrials ?? missingGit)(
    'answers a review of a clone, for an ebuild that is in no working tree',
    async () => {
      const store = ['--records', place('review-store')];
      const ofJane = ebuildOf(OVERLAY);
      await onJanes('trial', ofJane);
      await onJanes('record', 'push', ofJane, '--key', place('alice.key'), ...store);
      const repository = createRepository(place('clone'));
      repository.commit({ ...PROFILE, 'profiles/repo_name': 'toys\n' });
      repository.commit({ [FILE]: readFileSync(ofJane, 'utf8') });
      // The head is checked out elsewhere.
      repository.git('checkout', '--quiet', 'HEAD~1');
      const { status, stdout, stderr } = await product.run(
        as,
        ['review', 'main~1..main', '--format', 'json', '--trust', place('any.json'), ...store],
        { environment: { EBUILD_AUDIT_HOME: joe, HOME: joe }, wrap: ['env', '-C', repository.top] },
      );
      expect([status, stderr.includes('trial:')]).toEqual([0, false]);
      const review = JSON.parse(stdout);
      expect(review.fromRecords).toBe(1);
      expect(review.ebuilds[0].head).toMatchObject({ outcome: 'passed', sharedBy: ['alice'] });
    },
    TIMEOUT,
  );
});
