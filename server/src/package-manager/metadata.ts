import type { EvaluatedMetadata, RootSettings } from './port.ts';

const TEXTS = [
  'eapi',
  'slot',
  'depend',
  'bdepend',
  'rdepend',
  'pdepend',
  'idepend',
  'requiredUse',
  'restrict',
] as const;
const LISTS = [
  'iuse',
  'fixedUse',
  'expandedUse',
  'use',
  'inherited',
  'definedPhases',
  'distfiles',
  'system',
  'approximations',
] as const;

/**
 * Finds the marked line of JSON in the output of a metadata script.
 * Throws an Error with a sentence for the user: what the package manager said when it could not evaluate the ebuild.
 */
export function readMarkedMetadata(output: string, mark: string, packageManager: string): EvaluatedMetadata {
  const { line, value } = findMarkedObject(output, mark);
  if (line === undefined) {
    throw new Error(
      `${packageManager} could not evaluate the ebuild: ${reasonIn(output) ?? 'it printed nothing.'}`,
    );
  }
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

const SETTING_TEXTS = ['profile', 'arch', 'distdir'] as const;
const SETTING_LISTS = [
  'use',
  'acceptKeywords',
  'useExpand',
  'useExpandHidden',
  'implicitUse',
  'system',
] as const;

/**
 * Finds the marked line of JSON in the output of a settings script.
 * Throws an Error with a sentence for the user: what the package manager said when it could not read its configuration.
 */
export function readMarkedSettings(output: string, mark: string, packageManager: string): RootSettings {
  const { line, value } = findMarkedObject(output, mark);
  if (line === undefined) {
    throw new Error(
      `${packageManager} could not read the settings of the root: ${reasonIn(output) ?? 'it printed nothing.'}`,
    );
  }
  if (
    value === undefined ||
    !SETTING_TEXTS.every((key) => typeof value[key] === 'string') ||
    !SETTING_LISTS.every((key) => isListOfStrings(value[key])) ||
    !isListOfRepositories(value.repositories)
  ) {
    throw new Error(
      `${packageManager} printed settings that Ebuild Audit does not understand: ${line.slice(0, 200)}`,
    );
  }
  return value as unknown as RootSettings;
}

function findMarkedObject(
  output: string,
  mark: string,
): { readonly line: string | undefined; readonly value: Record<string, unknown> | undefined } {
  const line = output.split('\n').findLast((candidate) => candidate.startsWith(mark));
  return { line, value: line === undefined ? undefined : parseObject(line.slice(mark.length)) };
}

/** Reads JSON that a program has printed; undefined where it is none, or no object. */
export function parseObject(text: string): Record<string, unknown> | undefined {
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

function isListOfRepositories(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (one) =>
        typeof one === 'object' &&
        one !== null &&
        typeof one.name === 'string' &&
        typeof one.location === 'string' &&
        isListOfStrings(one.masters),
    )
  );
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
