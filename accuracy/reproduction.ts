import { readFileSync } from 'node:fs';
import type { ReproductionOutcome } from '../server/src/trial/reproduction/reproduce.ts';
import type { RunReproduction } from '../server/src/trial/reproduction/reproduction-runner.ts';
import type { Project } from './project.ts';

/** Whether two builds of a project in different surroundings install the same. */
export interface Reproduction {
  readonly name: string;
  readonly outcome: ReproductionOutcome | { readonly refusal: string };
}

/** Builds the right ebuild of a project again with everything varied; see `reproduce`. */
export async function measureReproduction(
  project: Project,
  file: string,
  run: RunReproduction,
  quick: boolean,
): Promise<Reproduction> {
  try {
    return {
      name: project.name,
      outcome: await run({ file, text: readFileSync(file, 'utf8'), quick }, () => {}),
    };
  } catch (error) {
    return { name: project.name, outcome: { refusal: (error as Error).message } };
  }
}

type Verdict = 'same byte for byte' | 'same digest' | 'another image' | 'failing' | 'refused';

function judgeReproduction({ outcome }: Reproduction): Verdict {
  if ('refusal' in outcome) return 'refused';
  if (outcome.failing.length > 0) return 'failing';
  if (outcome.differences.length === 0) return 'same byte for byte';
  return outcome.differences.every(({ isNoise }) => isNoise === true) ? 'same digest' : 'another image';
}

/** Says what became of the image of a project, and what changes it. */
export function describeReproduction(result: Reproduction): string {
  const { outcome, name } = result;
  const verdict = judgeReproduction(result);
  if ('refusal' in outcome) return `${name}: ${verdict}: ${outcome.refusal}`;
  const causes = outcome.differences.flatMap(({ causes: names, byChance }): readonly string[] =>
    byChance ? ['chance'] : names,
  );
  const failing = outcome.failing.map(({ varied }) => `fails with ${varied} varied`);
  const reasons = [...new Set([...failing, ...causes])];
  const count = outcome.differences.length;
  const files = count === 0 ? '' : `, ${count} ${count === 1 ? 'file' : 'files'}`;
  return `${name}: ${verdict}${files}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`;
}

/** A line for each project, and the totals. */
export function formatReproductions(results: readonly Reproduction[]): string {
  const counts = new Map<Verdict, number>();
  for (const verdict of results.map(judgeReproduction)) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  const totals = [...counts].map(([verdict, count]) => `${count} of ${results.length} ${verdict}`);
  return [...results.map(describeReproduction), '', ...totals].join('\n');
}
