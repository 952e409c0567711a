import type { PackageUse } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { mentionsHeaderOf, type SourceMentions } from '../reading/source-mentions.ts';
import type { TreeReader } from '../reading/tree-reader.ts';
import { findInstalledPackage } from './need.ts';
import type { OwnedNeed } from './owned-need.ts';

/** Limit in headers of the packages through which a library is visible. */
const MOST_HEADERS = 5_000;

/**
 * Names, for each library that is linked and only visible through other packages, the header of these that calls it. Where the sources
 * include a header of the library themselves, the call is theirs.
 */
export async function nameCallingHeaders(
  uses: readonly PackageUse[],
  owned: readonly OwnedNeed[],
  input: {
    readonly root: RootState;
    readonly reader: Pick<TreeReader, 'findCall'>;
    readonly readMentions: () => Promise<SourceMentions>;
  },
): Promise<PackageUse[]> {
  const named: PackageUse[] = [];
  for (const use of uses) {
    const calledIn = await findHeader(use, owned, input);
    named.push(calledIn === undefined ? use : { ...use, calledIn });
  }
  return named;
}

async function findHeader(
  { licence, through = [], package: recorded }: PackageUse,
  owned: readonly OwnedNeed[],
  { root, reader, readMentions }: Parameters<typeof nameCallingHeaders>[2],
): Promise<string | undefined> {
  if (licence !== 'closure') return undefined;
  const installed = findInstalledPackage(root, recorded);
  const symbols = owned.flatMap(({ package: owner, need }) =>
    owner === installed ? (need.symbols ?? []) : [],
  );
  if (symbols.length === 0) return undefined;
  const mentions = await readMentions();
  if (mentionsHeaderOf(mentions, root.index.filesOf(installed))) return undefined;
  const headers = through
    .flatMap((name) => root.lookup.get(name) ?? [])
    .flatMap((bringing) => headersOf(bringing, root))
    .slice(0, MOST_HEADERS);
  const files = headers.map((path) => locateOnMachine(root.layout, root.resolver.resolve(path).path) ?? '');
  const place = await reader.findCall(files, symbols);
  return place === undefined ? undefined : headers[place];
}

const headersOf = (installed: InstalledPackage, { index }: RootState): string[] =>
  [...index.filesOf(installed)].map(({ path }) => path).filter((path) => path.includes('/include/'));
