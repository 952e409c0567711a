import type { Colors } from 'picocolors/types';
import { showLine, showText } from '../../errors/visible-text.ts';
import type { ReproducedDifference } from '../../trial/reproduction/reproduce.ts';
import type { Reproduction } from './report.ts';

/** The number of files that are named; JSON has all. */
const NAMED = 40;

/** Formats, for people, what differs between builds of the same thing. */
export function formatReproduction({ file, outcome }: Reproduction, colors: Colors): string {
  const { differences, failing, impossible, varied, gaps, image, builds } = outcome;
  const isQuick = builds <= 2;
  const lines = [
    ...failing.map(({ varied: what, error }) => `The build fails with ${what} varied: ${showLine(error)}`),
    ...differences.slice(0, NAMED).flatMap((difference) => formatDifference(difference, isQuick, colors)),
  ];
  if (differences.length > NAMED)
    lines.push(`… and ${differences.length - NAMED} more (--format json has all)`);
  lines.push(
    `${showLine(file)}: ${colors.bold(conclude(outcome))}`,
    `Varied: ${varied.map(({ name, what }) => `${name} (${what})`).join(', ')}.`,
    ...impossible.map(({ name, reason }) => `Not varied: ${name}, because ${showLine(reason)}.`),
    'Not varied: the order of folders, the file system, the processor, and the packages that the build uses.',
    ...(image === undefined ? [] : [`Digest of the image without what differs in every build: ${image}`]),
    ...gaps.map((gap) => `Not observed: ${showLine(gap)}.`),
  );
  return lines.join('\n');
}

const KINDS: Readonly<Record<ReproducedDifference['kind'], string>> = {
  'only-in-first': 'is installed only without variations',
  'only-in-second': 'is installed only with variations',
  type: 'is another kind of file',
  mode: 'has other permissions',
  'link-target': 'leads elsewhere',
  bytes: 'has other content',
};

function formatDifference(difference: ReproducedDifference, isQuick: boolean, colors: Colors): string[] {
  const { path, kind, detail, isNoise, explanation } = difference;
  const noise = isNoise === true ? ' (dates, identifiers and the like only)' : '';
  return [
    `${colors.bold(showLine(path))} ${KINDS[kind]}${noise}${isQuick ? '' : `: ${describeCause(difference)}`}`,
    ...(detail === undefined ? [] : [`  ${showLine(detail)}`]),
    ...(explanation === undefined ? [] : explanation.split('\n').map((line) => `  | ${showText(line)}`)),
  ];
}

function describeCause({ causes, byChance }: ReproducedDifference): string {
  if (byChance) return 'it differs in every build';
  if (causes.length === 0) return 'only several variations together change it';
  return `changed by ${causes.join(', ')}`;
}

function conclude({ differences, failing, builds }: Reproduction['outcome']): string {
  const after = `after ${builds} builds`;
  if (failing.length > 0) return `not reproducible, and it does not build in every environment (${after}).`;
  if (differences.length === 0) return `reproducible: the image is the same byte for byte (${after}).`;
  const files = `${differences.length} difference${differences.length === 1 ? '' : 's'}`;
  return differences.every(({ isNoise }) => isNoise === true)
    ? `not reproducible byte for byte: ${files}, all of them dates, identifiers and the like (${after}).`
    : `not reproducible: ${files} (${after}).`;
}
