/** Small ebuilds of one kind of mistake each, tried as a user tries them, with the whole text that comes out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Product } from '../../support/product.ts';

export interface Recipe {
  /** The name of the package. */
  readonly name: string;
  /** What is wrong, for the title of the test. */
  readonly what: string;
  readonly inherit?: string;
  /** The lines between KEYWORDS and the phases, as the author wrote them. */
  readonly before: string;
  /** The same lines after `--fix`. */
  readonly after: string;
  /** The phases; the files are in the working directory. */
  readonly phases: string;
  readonly files: Readonly<Record<string, string>>;
  /** The eclasses of the repository, by name. */
  readonly eclasses?: Readonly<Record<string, string>>;
  /** Each finding as `severity code: title of the edit`, in the order of the report. */
  readonly findings: readonly string[];
}

/** What a trial with `--fix` made of a recipe. */
export interface Outcome {
  readonly text: string;
  readonly findings: readonly string[];
  /** The codes that are left after the edits; undefined if there was no second trial. */
  readonly left: readonly string[] | undefined;
}

interface Report {
  readonly findings: readonly {
    readonly severity: string;
    readonly code: string;
    readonly fix: { readonly title: string } | null;
  }[];
  readonly verification?: {
    readonly outcome: string;
    readonly findings: readonly { readonly code: string }[];
  };
}

/** The text of a recipe's ebuild with the given lines of dependencies. */
export function ebuildOf({ inherit, phases }: Recipe, lines: string): string {
  return `EAPI=8
${inherit === undefined ? '' : `\ninherit ${inherit}\n`}
DESCRIPTION="A recipe"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
${lines}
src_unpack() {
	cp -r "\${FILESDIR}"/. . || die
}

${phases}`;
}

/** Tries recipes in one command, one trial after another, because other tests run beside it. */
export async function tryRecipes(
  product: Product,
  recipes: readonly Recipe[],
  options: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  const files = recipes.map((recipe) => {
    const { name, before, files: sources, eclasses = {} } = recipe;
    const folder = `dev-test/${name}`;
    const repository = product.repository(`recipe-${name}`, {
      [`${folder}/${name}-1.ebuild`]: ebuildOf(recipe, before),
      ...prefixed(`${folder}/files/`, sources, ''),
      ...prefixed('eclass/', eclasses, '.eclass'),
    });
    return join(repository, `${folder}/${name}-1.ebuild`);
  });
  const { stdout, complaints } = await product.run('root', [
    'trial',
    ...files,
    '--fix',
    '--format',
    'json',
    ...options,
  ]);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  const parsed = JSON.parse(stdout) as Report | readonly Report[];
  const reports = Array.isArray(parsed) ? (parsed as readonly Report[]) : [parsed as Report];
  return new Map(
    recipes.map(({ name }, index) => {
      const { findings = [], verification } = reports[index] ?? {};
      return [
        name,
        {
          text: readFileSync(files[index] ?? '', 'utf8'),
          findings: findings.map(
            ({ severity, code, fix }) => `${severity} ${code}${fix === null ? '' : `: ${fix.title}`}`,
          ),
          left: verification?.findings.map(({ code }) => code),
        },
      ];
    }),
  );
}

const prefixed = (before: string, files: Readonly<Record<string, string>>, after: string) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${before}${name}${after}`, text]));
