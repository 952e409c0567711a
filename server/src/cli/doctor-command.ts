import { resolve } from 'node:path';
import type { Check } from '../doctor/check.ts';
import { countProblems, printChecks, showCheck } from '../doctor/printed-checks.ts';
import { escapeJson } from '../errors/visible-text.ts';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import type { MetadataFlags } from './arguments.ts';
import { CLEAN, FINDINGS } from './exit-status.ts';

export interface DoctorCommandWorld {
  /** Looks at the machine, and at the repository of an ebuild if one is given. Never rejects. */
  examine(settings: Omit<MetadataFlags, 'format'>, file: string | undefined): Promise<readonly Check[]>;
  print(text: string): void;
}

/**
 * Prints what Ebuild Audit needs and what of it is there.
 *
 * @returns the exit code: 1 if there is a problem, without which no ebuild can be tried
 */
export async function runDoctorCommand(
  file: string | undefined,
  { format, ...settings }: MetadataFlags,
  { examine, print }: DoctorCommandWorld,
): Promise<number> {
  const checks = await examine(settings, file === undefined ? undefined : resolve(file));
  if (format === 'json') print(formatChecks(checks));
  else for (const line of printChecks(checks)) print(line);
  return countProblems(checks) === 0 ? CLEAN : FINDINGS;
}

function formatChecks(checks: readonly Check[]): string {
  const report = { format: 1, version: PRODUCT_VERSION, checks: checks.map(showCheck) };
  return escapeJson(JSON.stringify(report, null, 2));
}
