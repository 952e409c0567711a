import { describeFailure } from '../host/failure-sentence.ts';

/** The result of looking at one thing that Ebuild Audit needs. */
export interface Check {
  readonly name: string;
  /** `problem`: without it no ebuild can be tried. `warning`: something is not checked, or will soon not work. */
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found: a sentence without its full stop, or a version. */
  readonly found: string;
  /** The command or the setting that mends it, as an imperative without its capital. */
  readonly remedy?: string;
}

export type Answer = Omit<Check, 'name'>;

export const ok = (found: string): Answer => ({ state: 'ok', found });
export const warning = (found: string, remedy: string): Answer => ({ state: 'warning', found, remedy });
export const problem = (found: string, remedy: string): Answer => ({ state: 'problem', found, remedy });

/** In milliseconds. A doctor must answer while something else hangs. */
const PATIENCE = 20_000;

/** Asks one question. An error and an endless wait are answers too, so that one broken thing hides no other. Never rejects. */
export async function isolate(
  name: string,
  ask: () => Answer | Promise<Answer>,
  patience = PATIENCE,
): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(
      () =>
        resolve(
          warning(
            `There was no answer within ${patience / 1000} s`,
            'try again when the machine is less busy',
          ),
        ),
      patience,
    );
  });
  try {
    return { name, ...(await Promise.race([Promise.resolve().then(ask), late])) };
  } catch (error) {
    return { name, ...fromSentence(describeFailure(error)) };
  } finally {
    clearTimeout(timer);
  }
}

/** Takes a sentence such as `There is no X: install it.` apart. */
function fromSentence(sentence: string): Answer {
  const [, found, remedy] = /^(.*): ([a-z].*)\.$/s.exec(sentence) ?? [];
  if (found === undefined || remedy === undefined)
    return { state: 'problem', found: sentence.replace(/\.$/, '') };
  return problem(found, remedy);
}
