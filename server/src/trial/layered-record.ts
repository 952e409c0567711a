import type { MissingAtom, TrialRecord } from '../audit/record.ts';
import type { Layering } from '../layers/add-layers.ts';
import { isFileOf } from '../layers/choose-packages.ts';
import type { LackingPackage, UnreadablePackage } from '../package-manager/package-reader.ts';
import { nameInAtom } from '../pms/package-name.ts';

/** Notes in a record which binary packages lie on the root, or why none could stand in for what the root lacks. */
export function noteLayers(record: TrialRecord, layering: Layering | undefined): TrialRecord {
  if (layering === undefined) return record;
  const { layers, notes, problems, unreadable } = layering;
  const explained = record.notInstalled.map((missing) => explain(missing, layering));
  return {
    ...record,
    notInstalled: explained,
    ...(layers.length > 0 && { layers }),
    gaps: [...record.gaps, ...problems, ...notes, ...unreadable.map(describeUnreadable)],
  };
}

function explain(missing: MissingAtom, { lacking, hasSources, problems, unreadable }: Layering): MissingAtom {
  const name = nameInAtom(missing.atom);
  const own = lacking.find(({ atom, neededBy }) => neededBy === null && nameInAtom(atom) === name);
  const { offered } = own ?? {};
  if (!hasSources) return { ...missing, ...(offered !== undefined && { offered }) };
  const other = lacking.find(({ neededBy }) => neededBy !== null) ?? lacking[0];
  const reason = own === undefined ? describeOther(other) : describe(own);
  const asked = nameInAtom((own ?? other)?.atom ?? missing.atom);
  const passedOver = unreadable.filter(({ file }) => asked !== undefined && isFileOf(file, asked));
  // A binhost or a file that cannot be read may have it.
  const why =
    reason === undefined
      ? undefined
      : [reason, ...passedOver.map(describeUnreadable), ...problems].join(', and ');
  return { ...missing, ...(why !== undefined && { why }), ...(offered !== undefined && { offered }) };
}

function describeUnreadable({ file, reason }: UnreadablePackage): string {
  return `${file} cannot be read and is passed over${reason === '' ? '' : ` (${reason})`}`;
}

/** Says why no binary package satisfies an atom. */
function describe({ kind, reasons }: LackingPackage): string {
  switch (kind) {
    case 'absent':
      return 'there is no binary package of it';
    case 'version':
      return `of binary packages there is only ${reasons.join(', ')}`;
    case 'use':
    case 'masked':
      return `the binary package ${reasons.join(', and ')}`;
  }
}

/** Says that a binary package is there, but not all that it or the ebuild needs. */
function describeOther(other: LackingPackage | undefined): string | undefined {
  if (other === undefined) return undefined;
  const { atom, neededBy } = other;
  return neededBy === null
    ? `its binary package alone is of no use, because ${atom} is lacking too`
    : `${neededBy} needs ${atom}, and ${describe(other)}`;
}
