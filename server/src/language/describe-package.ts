import type { Knowledge } from '../audit/knowledge.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';
import { type NamedPackage, nameOf } from '../pms/package-name.ts';
import type { Paragraph } from './description.ts';

/** More versions are not shown: the newest decide. */
const MOST_VERSIONS = 8;
/** More keywords are cut off. */
const LONGEST_KEYWORDS = 60;

/** Describes a package: what it is, its versions with slots and keywords, and what is installed. Undefined if nothing has this name. */
export function describePackage(named: NamedPackage, knowledge: Knowledge): readonly Paragraph[] | undefined {
  const { category, name } = named;
  const moved = knowledge.movedTo(category, name);
  const offered = knowledge.offered(category, name);
  const installed = knowledge.installed(category, name);
  if (offered.length === 0 && installed.length === 0 && moved === undefined) return undefined;
  const said = knowledge.describePackage(category, name);
  const rows: [string, string][] = [];
  if (moved !== undefined) rows.push(['Moved to', `${moved.category}/${moved.name}`]);
  for (const { version, slot, subslot, iuse } of installed)
    rows.push(['Installed', [versionWithSlot({ version, slot, subslot }), ...(iuse ?? [])].join(' ')]);
  const versions = offered
    .filter(({ repository }) => repository !== '')
    .slice(-MOST_VERSIONS)
    .reverse();
  for (const offer of versions) rows.push([versionWithSlot(offer), keywordsOf(offer)]);
  const flags = versions[0]?.iuse ?? [];
  if (flags.length > 0) rows.push(['USE', flags.join(' ')]);
  return [
    { kind: 'code', text: nameOf(named) },
    ...(said === undefined || said.summary === '' ? [] : [{ kind: 'quote', text: said.summary } as const]),
    { kind: 'facts', rows },
    ...(said?.homepages ?? []).slice(0, 3).map((uri) => ({ kind: 'link', uri }) as const),
  ];
}

function versionWithSlot({
  version,
  slot,
  subslot,
}: Pick<OfferedPackage, 'version' | 'slot' | 'subslot'>): string {
  if (slot === undefined) return version;
  const written = subslot === undefined || subslot === slot ? slot : `${slot}/${subslot}`;
  return written === '0' ? version : `${version}:${written}`;
}

function keywordsOf({ keywords, repository }: OfferedPackage): string {
  const joined = keywords?.join(' ') ?? '';
  const cut = joined.length > LONGEST_KEYWORDS ? `${joined.slice(0, LONGEST_KEYWORDS)}…` : joined;
  return [...(cut === '' ? [] : [cut]), `::${repository}`].join(' ');
}
