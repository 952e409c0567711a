import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Colors } from 'picocolors/types';
import { nearestCodes } from '../audit/silencing/ignore-rule.ts';
import { showLine } from '../errors/visible-text.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import { mainSeverity, type PageHead, readPageHead, withoutLinks } from './finding-page.ts';

export interface ExplainWorld {
  /** The folder of the pages, `CODE.md` each: docs/findings/, or its copy beside the command line's bundle. */
  readonly folder: string;
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly colors: Colors;
}

/**
 * Prints the page of a finding's code, or one line for each code if no code is given.
 *
 * @returns the exit code: 0, or 2 if no finding has that code; the nearest codes are then named
 * @throws the error of the file system if the pages are missing
 */
export async function runExplainCommand(code: string | undefined, world: ExplainWorld): Promise<number> {
  const names = (await readdir(world.folder)).filter((name) => name.endsWith('.md')).sort();
  const codes = names.map((name) => name.slice(0, -'.md'.length));
  const read = (name: string) => readFile(join(world.folder, `${name}.md`), 'utf8');
  if (code === undefined) {
    const heads: PageHead[] = [];
    // One after another, because all at once need as many descriptors.
    for (const name of codes) {
      const head = readPageHead(await read(name));
      if (head !== undefined) heads.push(head);
    }
    for (const line of formatList(heads, world.colors)) world.print(line);
    return CLEAN;
  }
  if (codes.includes(code)) {
    world.print(formatPage(await read(code), world.colors));
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
  return `No finding has the code ${showLine(code)}: ${hint}.`;
}

function formatList(heads: readonly PageHead[], colors: Colors): string[] {
  const width = Math.max(...heads.map(({ code }) => code.length));
  const severityWidth = Math.max(...heads.map((head) => mainSeverity(head).length));
  return heads.map(
    (head) =>
      `${colors.bold(head.code.padEnd(width))}  ${mainSeverity(head).padEnd(severityWidth)}  ${head.summary}`,
  );
}

/** Formats Markdown for a terminal: headings and emphasis in bold, links as their words. */
function formatPage(page: string, colors: Colors): string {
  return withoutLinks(page.trimEnd())
    .replace(/^#+ (.*)$/gm, (_, heading: string) => colors.bold(heading))
    .replace(/\*\*(.+?)\*\*/gs, (_, words: string) => colors.bold(words));
}
