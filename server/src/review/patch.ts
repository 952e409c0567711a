import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { readText } from '../files/regular-file.ts';

/** Runs git with more variables in its environment, and with a text as its input. */
export type RunGit = (
  words: readonly string[],
  more?: Readonly<Record<string, string>>,
  input?: string,
) => Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;

/** A tree of git that is not in the repository, and the variables with which git finds it. */
export interface PatchedTree {
  readonly tree: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A mailbox (mbox(5)), as `git format-patch` writes it, or one mail. A patch may begin with the name of a file and a colon as well. */
const MAIL = /^(?:From |(?:From|Subject|Date|Message-I[Dd]|Received|Return-Path|Delivered-To|MIME-Version):)/;
/** A mail without one has no patch, such as a cover letter. */
const PATCH = /^(?:diff |--- )/m;

/**
 * Applies a patch, or each mail of a mailbox, to a commit. Index and objects are kept in a folder of their own, so nothing is written into the
 * repository or its working tree.
 *
 * @param file absolute
 * @param scratch an existing folder for what is made
 * @throws UserError if the file is no patch, or does not apply
 */
export async function applyPatch(
  file: string,
  base: string,
  scratch: string,
  run: RunGit,
): Promise<PatchedTree> {
  const objects = await run(['rev-parse', '--path-format=absolute', '--git-path', 'objects']);
  const own = join(scratch, 'objects');
  mkdirSync(own);
  const environment = {
    GIT_OBJECT_DIRECTORY: own,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quotePath(objects.stdout.replace(/\n$/, '')),
    GIT_INDEX_FILE: join(scratch, 'patched.index'),
  };
  const demand = async (words: readonly string[], input?: string): Promise<string> => {
    const { status, stdout, stderr } = await run(words, environment, input);
    if (status === 0) return stdout;
    const [reason = 'git gives no reason'] = stderr.split('\n').filter((line) => line !== '');
    throw new UserError(
      `${file} does not apply to HEAD (${reason.replace(/^(?:error|fatal): /, '')}): check out the commit that it was made for.`,
    );
  };
  const patches = (await readPatches(file, scratch, demand)).filter((text) => PATCH.test(text));
  if (patches.length === 0)
    throw new UserError(`${file} has no patch: name a patch, a mailbox of patches or a range of commits.`);
  await demand(['read-tree', base]);
  for (const patch of patches) await demand(['apply', '--cached', '--whitespace=nowarn', '-'], patch);
  const tree = (await demand(['write-tree'])).trim();
  const { GIT_INDEX_FILE: _, ...found } = environment;
  return { tree, environment: found };
}

/** The patches of a file, without mail headers and encodings. */
async function readPatches(
  file: string,
  scratch: string,
  demand: (words: readonly string[], input?: string) => Promise<string>,
): Promise<string[]> {
  // The user has named it, so it may be anywhere.
  const text = readText(file, ['/'], (problem) => {
    throw new UserError(problem);
  });
  if (text === undefined || !MAIL.test(text)) return [text ?? ''];
  const folder = join(scratch, 'mails');
  mkdirSync(folder);
  await demand(['mailsplit', '-b', `-o${folder}`, file]);
  const patches: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    const mail = join(folder, name);
    const patch = `${mail}.patch`;
    await demand(['mailinfo', `${mail}.text`, patch], read(mail));
    patches.push(read(patch));
  }
  return patches;
}

const read = (path: string) => readText(path, ['/'], () => {}) ?? '';

/** A path in a list that is separated by colons (git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES). */
function quotePath(path: string): string {
  return `"${path.replace(/["\\]/g, '\\$&')}"`;
}
