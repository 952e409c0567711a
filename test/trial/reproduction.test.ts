/** `ebuild-audit reproduce` on tiny ebuilds whose files show the environment of the build. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { ReproductionOutcome } from '../../server/src/trial/reproduction/reproduce.ts';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { writeRepository } from '../support/ebuild-files.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { who } from '../support/user.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 300_000;

const SHOWS = {
  time: 'date +%Y',
  'time-zone': 'date -d @0 +%H',
  locale: 'locale | grep LC_CTYPE',
  environment: 'echo "${EBUILD_AUDIT_VARIATION}"',
  host: 'uname -n',
  kernel: 'uname -r',
  'build-folder': 'pwd',
  jobs: 'echo "${MAKEOPTS}"',
  processors: 'nproc',
};

const WITH_ALL = `src_compile() {
	${Object.entries(SHOWS)
    .map(([name, command]) => `${command} > ${name}`)
    .join('\n\t')}
	echo same > same
	echo "${'${RANDOM}${RANDOM}${RANDOM}'}" > chance
}
src_install() {
	insinto /usr/share/shows
	doins ${Object.keys(SHOWS).join(' ')} same chance
}`;

const STEADY = `src_compile() { date -u -d "@\${SOURCE_DATE_EPOCH}" > stamp; }
src_install() { insinto /usr/share/steady; doins stamp; }`;

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = join(product.folder, 'varied');
  mkdirSync(repository);
  writeRepository(repository, {
    'dev-test/shows/shows-1.ebuild': tinyEbuild(WITH_ALL),
    'dev-test/steady/steady-1.ebuild': tinyEbuild(STEADY),
    'dev-test/broken/broken-1.ebuild': tinyEbuild('src_compile() { die "as always"; }'),
  });
});
afterAll(() => product?.remove());

const [as = 'root'] = who;
const reproduce = (name: string, ...options: string[]) =>
  product.start(as, ['reproduce', join(repository, `dev-test/${name}/${name}-1.ebuild`), ...options]).done;

can(
  'every variation shows in an image, and nothing else differs but what is random',
  async () => {
    // Which variation changes which file is tested with made-up builds.
    const { status, stdout } = await reproduce('shows', '--format', 'json', '--quick');
    expect(status).toBe(1);
    const outcome = JSON.parse(stdout) as ReproductionOutcome;
    expect([outcome.failing, outcome.gaps, outcome.impossible, outcome.builds]).toEqual([[], [], [], 2]);
    const found = outcome.differences.map(({ path }) => path.replace('/usr/share/shows/', ''));
    expect(found).toEqual([...Object.keys(SHOWS), 'chance'].sort());
    expect(outcome.differences.find(({ path }) => path.endsWith('/host'))?.detail).toBe(
      'line 1 is "ebuild-audit" and "another-host"',
    );
  },
  TIMEOUT,
);

can(
  'an image that is the same takes two builds',
  async () => {
    const { status, stdout } = await reproduce('steady');
    expect(stdout).toContain(
      'steady-1.ebuild: reproducible: the image is the same byte for byte (after 2 builds).',
    );
    expect(status).toBe(0);
  },
  TIMEOUT,
);

can(
  'an ebuild that does not build is refused',
  async () => {
    const { status, complaints } = await reproduce('broken');
    expect(status).toBe(2);
    expect(complaints.join('\n')).toContain(
      'dev-test/broken-1 does not build with only the declared packages visible',
    );
  },
  TIMEOUT,
);
