import { NOTHING_FOUND, type TrialRecord } from '../../server/src/audit/record.ts';
import { recordByVariable } from '../../server/src/pms/dependency-variable.ts';

export const NOTHING_DECLARED: TrialRecord['evaluated'] = recordByVariable(() => '');
export const NOTHING_INHERITED: TrialRecord['inherited'] = recordByVariable(() => []);

/** The record of a trial that passed without findings, with the changes of a test. */
export function makeRecord(text: string, change: Partial<TrialRecord> = {}): TrialRecord {
  return {
    format: 1,
    category: 'media-gfx',
    packageAndVersion: 'foo-1',
    packageManager: 'portage 3.0',
    text,
    bareText: text,
    evaluated: NOTHING_DECLARED,
    inherited: NOTHING_INHERITED,
    use: [],
    outcome: 'passed',
    iuse: [],
    ...NOTHING_FOUND,
    notInstalled: [],
    gaps: [],
    log: '/logs/media-gfx-foo-1.log',
    ...change,
  };
}
