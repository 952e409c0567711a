import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Colors } from 'picocolors/types';
import { nearestCodes } from '../audit/silencing/ignore-rule.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import { printable } from './printable.ts';

export interface ExplainWorld {
  /** The folder of the pages, `CODE.md` each: docs/findings/, or its copy beside the command line's bundle. */
  readonly folder: string;
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly colors: Colors;
}

/** What the beginning of a page says. */
interface Heading {
  readonly code: string;
  /** As the page has it, e.g. `error; warning for blockers`. */
  readonly severity: string;
  readonly firstSentence: string;
}

/**
 * Prints the page of a finding's code, or without one a line for each code.
 *
 * @returns the exit code: 0, or 2 where no finding has that code; then the nearest codes are named
 * @throws what the file system says where the pages are not there
 */
export async function runExplainCommand(code: string | undefined, world: ExplainWorld): Promise<number> {
  const names = (await readdir(world.folder)).filter((name) => name.endsWith('.md')).sort();
  const codes = names.map((name) => name.slice(0, -'.md'.length));
  const read = (name: string) => readFile(join(world.folder, `${name}.md`), 'utf8');
  if (code === undefined) {
    const headings = await Promise.all(codes.map(async (name) => readHeading(name, await read(name))));
    for (const line of formatList(headings, world.colors)) world.print(line);
    return CLEAN;
  }
  if (codes.includes(code)) {
    world.print(formatPage(await read(code), world.colors));
    if (code !== 'stale-ignore') world.print(`\n${silencing(code, world.colors)}`);
    return CLEAN;
  }
  world.complain(describeUnknown(code, codes));
  return COULD_NOT_RUN;
}

function describeUnknown(code: string, codes: readonly string[]): string {
  const keyword = /^pkgcheck:(\w+)$/.exec(code)?.[1];
  if (keyword !== undefined)
    return `${code} is a finding of pkgcheck: "pkgcheck show --keywords --verbose" explains ${keyword}.`;
  const near = nearestCodes(code, codes);
  const hint =
    near.length > 0 ? `perhaps you mean ${near.join(' or ')}` : '"ebuild-audit explain" lists the codes';
  return `No finding has the code ${printable(code)}: ${hint}.`;
}

function silencing(code: string, colors: Colors): string {
  return `${colors.bold('To silence it')}, write a comment into the ebuild: # audit: ignore ${code} [ATOM] – the reason`;
}

/** Reads `# CODE (SEVERITY)` and the paragraph after it. */
function readHeading(code: string, page: string): Heading {
  const [, severity = ''] = /^# \S+ \((.*)\)$/m.exec(page) ?? [];
  const paragraph = page.split(/\n{2,}/)[1] ?? '';
  const plain = withoutLinks(paragraph.replaceAll('\n', ' '));
  return { code, severity, firstSentence: /^.*?\.(?= |$)/.exec(plain)?.[0] ?? plain.replace(/:$/, '.') };
}

function formatList(headings: readonly Heading[], colors: Colors): string[] {
  const width = Math.max(...headings.map(({ code }) => code.length));
  // Of `error; warning for blockers` the first word is what a reader of a list wants.
  const words = headings.map(({ severity }) => /^\w*/.exec(severity)?.[0] ?? '');
  const severityWidth = Math.max(...words.map((word) => word.length));
  return headings.map(
    ({ code, firstSentence }, index) =>
      `${colors.bold(code.padEnd(width))}  ${(words[index] ?? '').padEnd(severityWidth)}  ${firstSentence}`,
  );
}

/** Markdown as a terminal shows it: what is to stand out in bold, and links as their words. */
function formatPage(page: string, colors: Colors): string {
  return withoutLinks(page.trimEnd())
    .replace(/^#+ (.*)$/gm, (_, heading: string) => colors.bold(heading))
    .replace(/\*\*(.+?)\*\*/gs, (_, words: string) => colors.bold(words));
}

function withoutLinks(text: string): string {
  return text.replace(/\[([^\]\n]+)\]\([^)\n]+\)/g, '$1');
}
