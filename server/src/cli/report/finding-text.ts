import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../../audit/evidence-sentence.ts';
import type { Finding } from '../../audit/finding.ts';
import { chainOf } from '../../audit/finding-chain.ts';
import type { Probe } from '../../audit/record.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import { stripEscapes } from '../../host/output-text.ts';
import { packageId } from '../../pms/package-id.ts';
import { placeAt } from './line-index.ts';
import { printable } from './printable.ts';

/** How a report is written. */
export interface ReportStyle {
  readonly colors: Colors;
  /** Whether to print the rest of each finding's chain: owner, rule, trials. */
  readonly why: boolean;
  /** The edits whose diff has been printed; those of each finding are added. */
  readonly shown: Set<string>;
}

/** More evidence than this is told only where the whole chain is asked for. */
const MAX_EVIDENCE = 5;

/** What a line of the chain begins with. */
const LABELS = { seen: '', owner: 'owner: ', rule: 'rule: ', trial: 'trial: ' } as const;

/** How a finding reads: like a compiler's line, then who touched what in which phase, then the edit as a diff, then what else could be done. */
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
    `${colors.bold(`${printable(file)}:${line}:${column}:`)} ${colors.bold(paint(`${finding.severity}[${finding.code}]`))}: ${printable(finding.message)}`,
    ...(why ? chain : seen).map((link) => `  ${LABELS[link.kind]}${printable(link.text)}`),
  ];
  if (finding.fix !== undefined) {
    const after = applyEdits(text, finding.fix.edits);
    const title = `  ${colors.bold('fix')}: ${printable(finding.fix.title)}`;
    // Two findings are often fixed by one edit; a reader who sees it twice would look for the difference.
    if (shown.has(after)) lines.push(`${title} (the edit above)`);
    else lines.push(title, ...formatDiff(file, text, after, colors).map((line) => `  ${line}`));
    shown.add(after);
  }
  for (const { title } of finding.alternatives ?? [])
    lines.push(`  ${colors.bold('or')}: ${printable(title)}`);
  return lines.join('\n');
}

const EFFECTS: Readonly<Record<Probe['effect'], string>> = {
  none: 'it changes nothing in the image',
  changes: 'it changes the image',
  breaks: 'it makes the build fail',
  untried: 'its effect was not tried',
};

/** What a build looked for and did without: for each package what showing it did, and who looked. */
export function formatProbes(file: string, probes: readonly Probe[]): string {
  if (probes.length === 0) return `${printable(file)}: the build looked for no undeclared package.`;
  const lines = probes.flatMap(({ package: probed, effect, evidence }) => [
    `  ${packageId(probed)}: ${EFFECTS[effect]}`,
    ...evidence.map((access) => `    ${describeEvidence(access)}`),
  ]);
  return [`${printable(file)}: undeclared packages that the build looked for:`, ...lines.map(printable)].join(
    '\n',
  );
}

/** A unified diff without the lines that only repeat the file's name. */
export function formatDiff(file: string, before: string, after: string, colors: Colors): string[] {
  const name = file.replace(/^\/+/, '');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 2,
  });
  return stripEscapes(patch)
    .split('\n')
    .filter((line) => !line.startsWith('====') && line !== '')
    .map((line) => {
      if (line.startsWith('+')) return colors.green(line);
      return line.startsWith('-') ? colors.red(line) : line;
    });
}
