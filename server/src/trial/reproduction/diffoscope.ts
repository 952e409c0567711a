import { existsSync } from 'node:fs';
import { isForUser } from '../../errors/user-error.ts';
import type { ExactDifference } from '../../image/exact-differences.ts';
import type { Bind, Sandbox } from '../../sandbox/sandbox.ts';

/** The place of diffoscope(1) on every distribution; one in a virtual environment is not used. */
export const DIFFOSCOPE = '/usr/bin/diffoscope';

/** The files that are explained, the milliseconds for each, and the characters of each explanation that are kept. */
const MOST_FILES = 10;
const TIME = 60_000;
const MOST_CHARACTERS = 4000;

/** What diffoscope and the tools that it runs need of this machine. */
const SYSTEM = ['/usr', '/etc/alternatives', '/etc/ld.so.cache', '/etc/ld.so.conf', '/etc/python-exec'];
const LINKS = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].filter((name) => existsSync(`/usr/${name}`));

const PROGRAM = '/run/diffoscope';

export interface ExplainerInput {
  readonly sandbox: Sandbox;
  /** The program on this machine. */
  readonly program: string;
  /** See `SandboxSpec.staging`. */
  readonly staging: string;
  /** The images on this machine. */
  readonly images: readonly [string, string];
}

/**
 * Adds what diffoscope(1) says about the files whose bytes differ by more than dates. It runs in the sandbox, without a network and with nothing
 * of the user's, because it parses what the build has made with dozens of programs.
 *
 * @returns the same differences, some with an explanation
 */
export async function explainDifferences(
  differences: readonly ExactDifference[],
  input: ExplainerInput,
): Promise<ExactDifference[]> {
  const chosen = differences.filter(({ kind, isNoise }) => kind === 'bytes' && isNoise !== true);
  const explanations = new Map<string, string>();
  for (const { path } of chosen.slice(0, MOST_FILES)) {
    const explanation = await explainFile(path, input);
    if (explanation !== '') explanations.set(path, explanation);
  }
  return differences.map((difference) => {
    const explanation = difference.kind === 'bytes' ? explanations.get(difference.path) : undefined;
    return explanation === undefined ? difference : { ...difference, explanation };
  });
}

/** @returns an empty text if diffoscope says nothing, fails, or takes too long */
async function explainFile(
  path: string,
  { sandbox, program, staging, images: [first, second] }: ExplainerInput,
): Promise<string> {
  const readOnly = (source: string, target = source): Bind => ({ source, target, writable: false });
  const chunks: Uint8Array[] = [];
  const run = sandbox.run(
    {
      overlays: [],
      binds: [
        ...SYSTEM.filter((folder) => existsSync(folder)).map((folder) => readOnly(folder)),
        readOnly(program, PROGRAM),
        readOnly(first, '/first'),
        readOnly(second, '/second'),
      ],
      links: LINKS.map((name) => ({ path: `/${name}`, target: `usr/${name}` })),
      scratch: ['/tmp'],
      staging,
      environment: { PATH: '/usr/bin:/bin', HOME: '/tmp', TMPDIR: '/tmp', LC_ALL: 'C.UTF-8' },
      workingDirectory: '/tmp',
      command: [
        PROGRAM,
        '--no-progress',
        ...['--max-text-report-size', String(MOST_CHARACTERS)],
        ...['--text', '-'],
        ...[`/first${path}`, `/second${path}`],
      ],
      trace: false,
      time: TIME,
    },
    { event: () => {}, output: (chunk) => void chunks.push(chunk) },
  );
  // It ends with 1 if the files differ. It may exceed a limit.
  const { status } = await run.catch((error) => {
    if (isForUser(error)) return { status: -1 };
    throw error;
  });
  if (status !== 1) return '';
  return shorten(Buffer.concat(chunks).toString('utf8'));
}

/** Leaves out the lines that only name the two files. */
function shorten(report: string): string {
  const lines = report.trimEnd().split('\n');
  const from = lines.findIndex((line) => !/^(?:---|\+\+\+) \/(?:first|second)\//.test(line));
  const text = from === -1 ? '' : lines.slice(from).join('\n');
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}\n…` : text;
}
