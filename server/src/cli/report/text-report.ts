import { conclude, countSilenced } from '../../audit/conclusion.ts';
import { joinVerdict } from '../../audit/join-findings.ts';
import { showLine } from '../../errors/visible-text.ts';
import { formatFinding, formatProbes } from './finding-text.ts';
import { formatMetadata } from './metadata-text.ts';
import type { CheckEnd, Report, ReportSetting, TrialReport } from './report.ts';
import { formatReproduction } from './reproduction-text.ts';
import { formatReview } from './review-text.ts';
import { formatRun } from './run-text.ts';

/** The report for people, printed as results arrive. */
export function createTextReport(setting: ReportSetting): Report {
  const { print, colors } = setting;
  const counts = { files: 0, findings: 0, silenced: 0 };
  return {
    openTrial: (file) => createTrialText(file, setting),
    trialsEnded: () => {},
    reviewed: (review) => print(formatReview(review, setting)),
    checked({ file, text, findings, silenced, isFixed }) {
      counts.files += 1;
      counts.findings += findings.length;
      counts.silenced += silenced.length;
      if (isFixed) print(`${showLine(file)}: edits were applied.`);
      const style = { colors, why: false, shown: new Set<string>() };
      for (const finding of findings) print(`${formatFinding(file, text, finding, style)}\n`);
    },
    checkEnded({ hasFailed }: CheckEnd) {
      // If no file could be checked, there is nothing to sum up.
      if (counts.files > 0 || !hasFailed) print(summarize(counts));
    },
    ran: (result) => print(formatRun(result, colors)),
    reproduced: (result) => print(formatReproduction(result, colors)),
    metadata: ({ text, traced }) => print(formatMetadata(text, traced)),
  };
}

function createTrialText(file: string, setting: ReportSetting): TrialReport {
  const { print, colors, why, probes, isConcurrent, now } = setting;
  const held: string[] = [];
  let trials = 0;
  const say = (text: string): void => {
    if (isConcurrent) held.push(text);
    else print(text);
  };
  return {
    trial({ text, record, verdict }) {
      if (trials > 0) say('');
      trials += 1;
      const style = { colors, why, shown: new Set<string>() };
      const joined = joinVerdict(verdict);
      for (const finding of joined.findings) say(`${formatFinding(file, text, finding, style)}\n`);
      if (probes) say(`${formatProbes(file, record.probes)}\n`);
      const { state, message } = conclude(record, joined, { now: now() });
      const paint = state === 'clean' ? colors.green : colors.red;
      const word = state === 'findings' ? '' : `${colors.bold(paint(state))}: `;
      say(`${showLine(file)}: ${word}${showLine(message)}`);
      if (record.log !== '') say(`Build log: ${showLine(record.log)}`);
    },
    fixed: () => say(`${showLine(file)}: the edits above were applied.`),
    packed: (path) => say(`Binary package: ${showLine(path)}`),
    problem: () => {},
    end() {
      if (held.length > 0) print(`${held.join('\n')}\n`);
    },
  };
}

function summarize(counts: {
  readonly files: number;
  readonly findings: number;
  readonly silenced: number;
}): string {
  const ebuilds = counts.files === 1 ? '1 ebuild' : `${counts.files} ebuilds`;
  const findings =
    counts.findings === 0
      ? 'no findings'
      : counts.findings === 1
        ? '1 finding'
        : `${counts.findings} findings`;
  return `${ebuilds} checked, ${findings}${countSilenced(counts.silenced)}.`;
}
