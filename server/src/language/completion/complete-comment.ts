import { OWN_CODES } from '../../audit/finding.ts';
import { type Completions, offer, type Request } from './completion.ts';

/** Completes `# audit: ignore CODE`, which silences a finding. */
export function completeComment(request: Request, lineStart: number): Completions {
  const { facts, offset } = request;
  const line = facts.text.slice(lineStart, offset);
  const hash = lineStart + line.search(/#[^#]*$/);
  const written = facts.text.slice(hash, offset);
  const code = /^#[ \t]*audit:[ \t]*ignore[ \t]+([\w-]*)$/.exec(written)?.[1];
  if (code !== undefined)
    return offer(
      OWN_CODES.map((text) => ({ text })),
      'comment',
      request,
      { start: offset - code.length, end: offset },
    );
  const range = { start: hash, end: offset };
  const text = '# audit: ignore ';
  return offer([{ text, detail: 'Silences a finding of Ebuild Audit' }], 'comment', request, range);
}
