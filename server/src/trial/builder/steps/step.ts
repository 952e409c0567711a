import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { Phase } from '../../../package-manager/port.ts';
import { phaseFunction } from '../../../trace/phase-function.ts';

/** Phases that one run of the sandbox carries out one after another (PMS 9.2). */
export type Step = readonly Phase[];

/**
 * The steps of a build. The result of each step can be kept as a snapshot. Each step costs the start of a sandbox and a package manager, so
 * there are only steps that save more than that: docs/architecture.md has the measurements.
 */
const STEPS: readonly Step[] = [
  ['setup', 'unpack', 'prepare'],
  ['configure'],
  ['compile'],
  ['test', 'install'],
];

/** The definition of a function that does nothing. */
const IDLE = /^(?:function\s+)?\w+\s*\(\)\s*\{\s*(?::|true)?\s*;?\s*\}$/;
/** The definition of one that does what the package manager does without it (PMS 9.1). */
const DEFAULT = /^(?:function\s+)?\w+\s*\(\)\s*\{\s*(?:default|eapply_user)\s*;?\s*\}$/;

type Facts = Pick<EbuildFacts, 'text' | 'functions' | 'assignments' | 'inherits' | 'unknownInherits'>;

/**
 * Lists the steps of a build of an ebuild. Phases that do nothing, as in most `-bin` packages and in a metapackage, belong to the step after
 * them: to run them again takes less time than another start.
 */
export function listSteps(facts: Facts): readonly Step[] {
  const isIdle = findIdle(facts);
  const steps: Step[] = [];
  let before: Step = [];
  for (const step of STEPS) {
    const joined: Step = [...before, ...step];
    if (step !== STEPS.at(-1) && step.every((phase) => isIdle.has(phase))) before = joined;
    else {
      steps.push(joined);
      before = [];
    }
  }
  return steps;
}

/** Splits the step that has a phase, so that a step begins with it. */
export function splitBefore(steps: readonly Step[], phase: Phase): readonly Step[] {
  return steps.flatMap((step): Step[] => {
    const at = step.indexOf(phase);
    return at > 0 ? [step.slice(0, at), step.slice(at)] : [step];
  });
}

/** The phases that do nothing. The defaults do nothing as long as no file is there that they could work on. */
function findIdle({ text, functions, assignments, inherits, unknownInherits }: Facts): ReadonlySet<Phase> {
  const idle = new Set<Phase>();
  let hasFiles =
    inherits.length + unknownInherits.length > 0 || assignments.some(({ name }) => name === 'SRC_URI');
  for (const phase of STEPS.flat()) {
    const bodies = functions
      .filter(({ name }) => name === phaseFunction(phase))
      .map(({ start, end }) => text.slice(start, end));
    const doesNothing = (body: string) => IDLE.test(body) || (!hasFiles && DEFAULT.test(body));
    if (bodies.length === 0 ? !hasFiles : bodies.every(doesNothing)) idle.add(phase);
    else hasFiles = true;
  }
  return idle;
}
