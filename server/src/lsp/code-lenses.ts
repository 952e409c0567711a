import type { CodeLens, Command } from 'vscode-languageserver';
import { printAge } from '../audit/age.ts';
import type { Finding } from '../audit/finding.ts';
import { hasSafeFix } from '../audit/fix-all.ts';
import { DEPENDENCY_VARIABLES } from '../pms/dependency-variable.ts';
import type { LensCommands } from '../protocol.ts';
import type { OpenEbuild } from './open-ebuild.ts';
import { toRange } from './to-protocol.ts';

const DEPENDENCIES: ReadonlySet<string> = new Set(DEPENDENCY_VARIABLES);

/**
 * The lenses above the first dependency variable of an open ebuild: a trial, what the last one found, and the fixes.
 *
 * @param now milliseconds since the epoch
 */
export function toCodeLenses(ebuild: OpenEbuild, commands: LensCommands, now: number): CodeLens[] {
  const { document, uri } = ebuild;
  const place = ebuild
    .facts()
    .assignments.find(({ name, context }) => context === 'global' && DEPENDENCIES.has(name));
  if (document === undefined || place === undefined) return [];
  const range = toRange(document, place.nameRange);
  const lens = (title: string, command: string): CodeLens => {
    const shown: Command = { title, command, arguments: [uri] };
    return { range, command: shown };
  };
  const { trials, trial } = ebuild;
  if (trials.count > 0)
    return [
      lens(trials.isWaiting ? 'Trial build waits · Cancel' : 'Trial build runs · Cancel', commands.cancel),
    ];
  const lenses = [lens('Run trial build', commands.run)];
  const findings = ebuild.findings();
  if (trial.record !== undefined) {
    const { storedAt } = trial.record;
    const age = storedAt === undefined ? '' : ` · ${printAge(storedAt, now)}`;
    lenses.push(lens(`${countFindings(findings)}${age}`, commands.showLog));
  }
  if (hasSafeFix(findings)) lenses.push(lens('Fix all and verify', commands.fixAndVerify));
  return lenses;
}

/** Counts findings by their severity: `1 error, 2 hints`. */
function countFindings(findings: readonly Finding[]): string {
  const counts = (['error', 'warning', 'information', 'hint'] as const).flatMap((severity) => {
    const { length } = findings.filter((finding) => finding.severity === severity);
    if (length === 0) return [];
    return [length === 1 || severity === 'information' ? `${length} ${severity}` : `${length} ${severity}s`];
  });
  return counts.length === 0 ? 'No findings' : counts.join(', ');
}
