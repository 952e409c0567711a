import type { EclassKnowledge, Knowledge } from '../../server/src/audit/knowledge.ts';
import { readEclassDocumentation } from '../../server/src/ebuild/eclass-documentation.ts';
import type { Limit } from '../../server/src/errors/limit.ts';
import { parseAtom } from '../../server/src/pms/atom.ts';
import type { OfferedPackage } from '../../server/src/pms/offered-package.ts';
import { readBroughtAtoms } from '../../server/src/repository/eclass-atoms.ts';

/** A small world: `dev-libs/foo-1.2:0/3[a,b]`, with `::` if it is only installed. A slot or flags of `?` are unknown. */
export function makeKnowledge(
  packages: readonly string[],
  more: {
    readonly eclasses?: Readonly<
      Record<
        string,
        {
          names?: readonly string[];
          iuse?: readonly string[] | '?';
          restrictsTests?: boolean;
          text?: string;
          inherits?: readonly string[];
        }
      >
    >;
    /** Atoms of profiles/package.deprecated of the repository gentoo, one on each line. */
    readonly deprecated?: readonly string[];
    readonly moves?: Readonly<Record<string, string>>;
    readonly incomplete?: string;
    /** DESCRIPTION of packages. */
    readonly summaries?: Readonly<Record<string, string>>;
    /** Default: `reading`. */
    readonly incompleteKind?: Limit['kind'];
    readonly architectures?: readonly string[];
    readonly licenses?: readonly string[];
  } = {},
): Knowledge {
  const offered = new Map<string, OfferedPackage[]>();
  for (const written of packages) {
    const [, category = '', name = '', version = '', slot = '0', subslot, flags = '', installed] =
      /^([^/]+)\/(.+?)-(\d[^:[]*)(?::([^/[]+)(?:\/([^[]+))?)?(?:\[(.*)\])?(::)?$/.exec(written) ?? [];
    const known = slot === '?' ? undefined : slot;
    const entry: OfferedPackage = {
      category,
      name,
      version,
      repository: installed === undefined ? 'gentoo' : '',
      slot: known,
      subslot: known === undefined ? undefined : (subslot ?? known),
      iuse: flags === '?' ? undefined : flags.split(',').filter((flag) => flag !== ''),
    };
    offered.set(`${category}/${name}`, [...(offered.get(`${category}/${name}`) ?? []), entry]);
  }
  return {
    incomplete:
      more.incomplete === undefined
        ? undefined
        : { kind: more.incompleteKind ?? 'reading', text: more.incomplete },
    offered: (category, name) => offered.get(`${category}/${name}`) ?? [],
    installed: (category, name) =>
      (offered.get(`${category}/${name}`) ?? []).filter(({ repository }) => repository === ''),
    describePackage(category, name) {
      const summary = more.summaries?.[`${category}/${name}`];
      return summary === undefined ? undefined : { summary, homepages: [`https://${name}.example`] };
    },
    packageNames: () => offered.keys(),
    architectures: () => more.architectures && new Set(more.architectures),
    licenses: () => more.licenses && new Set(more.licenses),
    movedTo(category, name) {
      const [newCategory, newName] = more.moves?.[`${category}/${name}`]?.split('/') ?? [];
      return newCategory === undefined || newName === undefined
        ? undefined
        : { category: newCategory, name: newName };
    },
    deprecated: (category, name) =>
      (more.deprecated ?? []).flatMap((text, index) => {
        const { atom } = parseAtom(text);
        return atom?.category === category && atom.name === name
          ? [{ atom, repository: 'gentoo', line: index + 1 }]
          : [];
      }),
    eclass(name): EclassKnowledge | undefined {
      const found = more.eclasses?.[name];
      if (found === undefined) return undefined;
      return {
        names: new Set(found.names),
        iuse: found.iuse === '?' ? undefined : new Set(found.iuse),
        restrictsTests: found.restrictsTests === true,
        brings: readBroughtAtoms(found.text ?? ''),
      };
    },
    eclassDocumentation(name) {
      const found = more.eclasses?.[name];
      return found && readEclassDocumentation(found.text ?? '', found.inherits ?? []);
    },
    commonFlags: () =>
      new Map([
        ['nls', 'Add Native Language Support'],
        ['ssl', 'Add support for SSL'],
      ]),
    flagsOfGroup: (group) =>
      group === 'python_targets' ? ['python_targets_python3_12', 'python_targets_python3_13'] : undefined,
    eclassNames: () => Object.keys(more.eclasses ?? {}),
    isImplicitFlag: (flag) => flag.startsWith('elibc_') || flag === 'amd64',
    eclassSources: () => [],
    ebuildFile: () => undefined,
    packageFile: () => undefined,
    mirrors: () => new Map(),
    describeFlag: (_category, _name, flag) => (flag === 'ssl' ? 'Add support for SSL' : undefined),
  };
}
