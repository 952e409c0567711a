/** The pages of the findings, docs/findings/CODE.md: the one place that says what a code means. */

/** The beginning of a page: a heading `# CODE (SEVERITY)` and a summary of one sentence on one line. */
export interface PageHead {
  readonly code: string;
  /** As the page has it, e.g. `error; warning for blockers`. */
  readonly severity: string;
  /** One sentence with a full stop, without the marks of Markdown. */
  readonly summary: string;
}

const HEAD = /^# (\S+) \(([^\n]+)\)\n\n([^\n]+)\n(?:\n|$)/;

/**
 * Reads the beginning of a page.
 *
 * @returns undefined for a text that does not begin like a page
 */
export function readPageHead(page: string): PageHead | undefined {
  const [, code, severity, summary] = HEAD.exec(page) ?? [];
  if (code === undefined || severity === undefined || summary === undefined) return undefined;
  return { code, severity, summary: withoutLinks(summary) };
}

/** The first word of a page's severity, for a list: `error` of `error; warning for blockers`. */
export function mainSeverity({ severity }: PageHead): string {
  return /^\w*/.exec(severity)?.[0] ?? '';
}

/** Markdown with each link replaced by its words. */
export function withoutLinks(markdown: string): string {
  return markdown.replace(/\[([^\]\n]+)\]\([^)\n]+\)/g, '$1');
}
