import type { EvaluatedMetadata } from './port.ts';

const TEXTS = ['eapi', 'slot', 'depend', 'bdepend', 'rdepend', 'pdepend', 'idepend'] as const;
const LISTS = ['iuse', 'use', 'inherited', 'distfiles', 'system', 'approximations'] as const;

/**
 * Finds the marked line of JSON in the output of a metadata script.
 * Throws an Error with a sentence for the user: what the package manager said when it could not evaluate the ebuild.
 */
export function readMarkedMetadata(output: string, mark: string, packageManager: string): EvaluatedMetadata {
  const line = output.split('\n').findLast((candidate) => candidate.startsWith(mark));
  if (line === undefined) {
    throw new Error(
      `${packageManager} could not evaluate the ebuild: ${reasonIn(output) ?? 'it printed nothing.'}`,
    );
  }
  const value = parseObject(line.slice(mark.length));
  if (
    value === undefined ||
    !TEXTS.every((key) => typeof value[key] === 'string') ||
    !LISTS.every((key) => isListOfStrings(value[key]))
  ) {
    throw new Error(
      `${packageManager} printed metadata that Ebuild Audit does not understand: ${line.slice(0, 200)}`,
    );
  }
  return value as unknown as EvaluatedMetadata;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The line that says most: Bash's own message, else the first of Portage's `ERROR:` block, else the last of Python's traceback. */
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
