import { readFileSync, realpathSync } from 'node:fs';
import * as z from 'zod';
import { UserError } from '../errors/user-error.ts';
import { escapeJson } from '../errors/visible-text.ts';
import type { KnownFinding } from '../review/baseline.ts';
import { writeOutput } from './output-file.ts';

/** Raised when a key changes its meaning. */
const FORMAT = 1;

const baselineSchema = z.strictObject({
  format: z.literal(FORMAT),
  findings: z.array(
    z.strictObject({
      file: z.string(),
      code: z.string(),
      level: z.enum(['fault', 'advice']),
      about: z.string(),
      count: z.int().positive(),
      matrix: z.literal(true).optional(),
    }),
  ),
});

/**
 * Reads a file of known findings. It may be a pipe, such as that of `<(git show main:FILE)`.
 *
 * @throws UserError if there is none, or if it is damaged or something else
 */
export function readBaseline(path: string): readonly KnownFinding[] {
  const known = findBaseline(path);
  if (known !== undefined) return known;
  throw new UserError(
    `The baseline ${path} does not exist: name another file, or write it with --write-baseline ${path}.`,
  );
}

/** Like {@link readBaseline}; undefined if there is no such file. */
export function findBaseline(path: string): readonly KnownFinding[] | undefined {
  const text = readIfThere(path);
  return text === undefined ? undefined : parseBaseline(path, text);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UserError(`The baseline ${path} cannot be read (${code}): make it a readable file.`, {
      cause: error,
    });
  }
}

function parseBaseline(path: string, text: string): readonly KnownFinding[] {
  const advice = `restore it, or remove it and write it again with --write-baseline ${path}`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`The baseline ${path} is not JSON: ${advice}.`, { cause: error });
  }
  const parsed = baselineSchema.safeParse(json);
  if (parsed.success) return parsed.data.findings;
  const format = z.object({ format: z.int().gt(FORMAT) }).safeParse(json);
  if (format.success)
    throw new UserError(
      `The baseline ${path} has format ${format.data.format} and not ${FORMAT}: update Ebuild Audit.`,
    );
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new UserError(
    `The file ${path} is not a baseline${where === '' ? '' : ` (see ${where})`}: ${advice}.`,
    {
      cause: parsed.error,
    },
  );
}

/** Writes a baseline in one step. @throws UserError */
export function writeBaseline(path: string, findings: readonly KnownFinding[]): void {
  // One finding a line, so that a change of the file shows which ones come and go.
  const lines = findings.map(
    ({ file, code, level, about, count, matrix }) =>
      `    ${JSON.stringify({ file, code, level, about, count, matrix })}`,
  );
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n  ]`;
  writeOutput(realPathOf(path), `${escapeJson(`{\n  "format": ${FORMAT},\n  "findings": ${list}\n}`)}\n`);
}

/** A link stays a link. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
