import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../../audit/evidence-sentence.ts';
import type { Finding } from '../../audit/finding.ts';
import { chainOf } from '../../audit/finding-chain.ts';
import type { Probe } from '../../audit/record.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import { showLine } from '../../errors/visible-text.ts';
import { placeAt } from '../../page/line-index.ts';
import { formatDiff } from '../../page/text-diff.ts';
import { packageId } from '../../pms/package-id.ts';

/** The style of a report. */
export interface ReportStyle {
  readonly colors: Colors;
  /** Whether to print the rest of each finding's chain: owner, rule, trials. */
  readonly why: boolean;
  /** The texts after the edits whose diff has been printed; those of each finding are added. */
  readonly shown: Set<string>;
}

/** More evidence is only printed with the whole chain. */
const MAX_EVIDENCE = 5;

/** The label of each kind of link in the chain. */
export const LINK_LABELS = { seen: '', owner: 'owner: ', rule: 'rule: ', trial: 'trial: ' } as const;

/**
 * Formats a finding: a line as compilers print it, the accesses with their processes and phases, the edit as a diff,
 * and the alternatives.
 */
export function formatFinding(
  file: string,
  text: string,
  finding: Finding,
  { colors, why, shown }: ReportStyle,
): string {
  const { line, column } = placeAt(text, finding.range.start);
  const paint = {
    error: colors.red,
    warning: colors.yellow,
    information: colors.blue,
    hint: colors.cyan,
  }[finding.severity];
  const chain = chainOf(finding);
  const seen = chain.filter(({ kind }) => kind === 'seen').slice(0, MAX_EVIDENCE);
  const lines = [
    `${colors.bold(`${showLine(file)}:${line}:${column}:`)} ${colors.bold(paint(`${finding.severity}[${finding.code}]`))}: ${showLine(finding.message)}`,
    ...(why ? chain : seen).map((link) => `  ${LINK_LABELS[link.kind]}${showLine(link.text)}`),
  ];
  if (finding.fix !== undefined) {
    const after = applyEdits(text, finding.fix.edits);
    const title = `  ${colors.bold('fix')}: ${showLine(finding.fix.title)}`;
    // One edit often fixes two findings; if it were printed twice, a reader would look for the difference.
    if (shown.has(after)) lines.push(`${title} (the edit above)`);
    else lines.push(title, ...formatDiff(file, text, after, colors).map((line) => `  ${line}`));
    shown.add(after);
  }
  for (const { title } of finding.alternatives ?? [])
    lines.push(`  ${colors.bold('or')}: ${showLine(title)}`);
  return lines.join('\n');
}

const EFFECTS: Readonly<Record<Probe['effect'], string>> = {
  none: 'it changes nothing in the image',
  changes: 'it changes the image',
  breaks: 'it makes the build fail',
  untried: 'its effect was not tried',
};

/** Formats the probes of a build: the effect of showing each package, and the accesses that looked for it. */
export function formatProbes(file: string, probes: readonly Probe[]): string {
  if (probes.length === 0) return `${showLine(file)}: the build looked for no undeclared package.`;
  const lines = probes.flatMap(({ package: probed, effect, evidence }) => [
    `  ${packageId(probed)}: ${EFFECTS[effect]}`,
    ...evidence.map((access) => `    ${describeEvidence(access)}`),
  ]);
  return [`${showLine(file)}: undeclared packages that the build looked for:`, ...lines.map(showLine)].join(
    '\n',
  );
}
