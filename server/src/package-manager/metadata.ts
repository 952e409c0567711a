import * as z from 'zod';
import { DEPENDENCY_VARIABLES } from '../pms/dependency-variable.ts';
import type { EvaluatedMetadata } from './port.ts';

const words = z.array(z.string()).readonly();

/** The output of a metadata script; other keys are dropped. */
export const metadataSchema: z.ZodType<EvaluatedMetadata> = z.object({
  eapi: z.string(),
  slot: z.string(),
  dependencies: z.record(z.enum(DEPENDENCY_VARIABLES), z.string()),
  requiredUse: z.string(),
  restrict: z.string(),
  iuse: words,
  fixedUse: words,
  expandedUse: words,
  use: words,
  inherited: words,
  definedPhases: words,
  distfiles: words,
  system: words,
  approximations: words,
});

/**
 * Reads the marked line of JSON in the output of a metadata script.
 *
 * @throws Error with a sentence for the user: what the package manager said when it could not evaluate the ebuild
 */
export function readMarkedMetadata(output: string, mark: string, packageManager: string): EvaluatedMetadata {
  const { line, value } = findMarkedObject(output, mark);
  if (line === undefined) {
    throw new Error(`${packageManager} could not evaluate the ebuild: ${reasonIn(output) ?? 'no output.'}`);
  }
  const metadata = metadataSchema.safeParse(value);
  if (!metadata.success) {
    throw new Error(
      `${packageManager} printed metadata that Ebuild Audit does not understand: ${line.slice(0, 200)}`,
    );
  }
  return metadata.data;
}

/** Finds the last line of a program's output that begins with a mark, and reads the JSON after it. */
export function findMarkedObject(
  output: string,
  mark: string,
): { readonly line: string | undefined; readonly value: Record<string, unknown> | undefined } {
  const line = output.split('\n').findLast((candidate) => candidate.startsWith(mark));
  return { line, value: line === undefined ? undefined : parseObject(line.slice(mark.length)) };
}

/** Reads JSON that a program has printed; undefined if it is not JSON, or not an object. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The most informative line: bash's own message, else the first of Portage's `ERROR:` block, else the last of
 * Python's traceback.
 */
function reasonIn(output: string): string | undefined {
  const lines = output
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal escapes start with ESC
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .map((line) => line.replace(/^[\s*!>]+/, '').trim())
    .filter((line) => line !== '');
  const bash = lines.find((line) => /\.(ebuild|eclass): line \d+: /.test(line));
  if (bash !== undefined) return bash;
  const error = lines.findIndex((line) => line.startsWith('ERROR:'));
  if (error >= 0) return lines[error + 1] ?? lines[error];
  return lines.at(-1);
}
