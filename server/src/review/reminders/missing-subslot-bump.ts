import type { Finding } from '../../audit/finding.ts';
import type { InstalledImage } from '../../audit/record.ts';
import { lineOf } from '../../ebuild/line-scan.ts';
import { packageVariables } from '../../ebuild/package-variables.ts';
import { staticMetadata } from '../../ebuild/static-metadata.ts';
import { effectiveAssignments } from '../../ebuild/variable-value.ts';
import { compareInstalled } from '../image-changes.ts';
import type { ReviewedChange } from './reviewed-change.ts';

/** The folders in which the linker and the loader look for libraries (ld.so(8)); a module of a program is elsewhere. */
const LIBRARY = /^\/(?:usr\/)?lib[^/]*\/(?:[^/]*-linux-[^/]*\/)?[^/]+$/;

/**
 * `missing-subslot-bump`: a library has another soname than before, and SLOT keeps its subslot, so package managers do not rebuild the packages
 * that link the old one and ask for that with `:=` (PMS 7.2, devmanual "Slotting").
 */
export function findMissingSubslotBump({ before, after }: ReviewedChange): Finding[] {
  const [old, now] = [before?.side.trial, after.side.trial];
  if (before === undefined || old?.kind !== 'done' || now.kind !== 'done') return [];
  const changed = compareInstalled(old.record, now.record)?.sonames ?? [];
  const libraries = new Set(listLibraries(old.record.installed));
  const sonames = changed.filter((pair) => libraries.has(pair.before));
  const [first] = sonames;
  const [was, is] = [before, after].map(({ facts, identity }) =>
    staticMetadata(facts, packageVariables(identity.category, identity.packageAndVersion)),
  );
  if (first === undefined || was?.slot === undefined || is?.slot === undefined) return [];
  if (was.slot !== is.slot || was.subslot !== is.subslot) return [];
  const isWritten = is.subslot !== is.slot;
  const names = sonames.map((pair) => `${pair.before} is now ${pair.after}`).join(', ');
  const assignment = effectiveAssignments(after.facts, 'SLOT', Number.POSITIVE_INFINITY).at(-1);
  return [
    {
      code: 'missing-subslot-bump',
      severity: isWritten ? 'warning' : 'information',
      message: isWritten
        ? `${names}, and SLOT keeps the subslot ${is.subslot}, so packages that link it are not rebuilt: write another subslot.`
        : `${names}, and SLOT has no subslot that could tell package managers to rebuild what links it: write one, such as SLOT="${is.slot}/${versionOf(first.after)}".`,
      range: assignment?.nameRange ?? lineOf(after.facts.text, 0),
      evidence: [],
      about: [],
    },
  ];
}

function listLibraries(installed: InstalledImage | undefined): string[] {
  return (installed?.elf ?? []).flatMap(({ path, soname }) =>
    soname !== undefined && LIBRARY.test(path) ? [soname] : [],
  );
}

/** `2` of `libfoo.so.2`, `1.4` of `libfoo-1.4.so`. */
function versionOf(soname: string): string {
  return /(\d[\d.]*)$/.exec(soname.replace(/\.so$/, ''))?.[1] ?? '1';
}
