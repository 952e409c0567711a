import { describe, expect, test } from 'vitest';
import { OWN_CODES } from '../../server/src/audit/finding.ts';
import { runExplainCommand } from '../../server/src/cli/explain-command.ts';
import { colors } from './fakes.ts';

const PAGES = 'docs/findings';
const CODES = [...OWN_CODES].sort();

async function explain(code?: string) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const status = await runExplainCommand(code, {
    folder: PAGES,
    print: (text) => void printed.push(text),
    complain: (sentence) => void complaints.push(sentence),
    colors,
  });
  return { status, printed, complaints };
}

describe('explain', () => {
  test('a code prints its page without the marks of Markdown', async () => {
    const { status, printed } = await explain('missing-rdepend');
    expect(status).toBe(0);
    expect(printed.join('\n')).toMatch(
      /^missing-rdepend \(error\)\n\nThe installed files need a package that RDEPEND does not bring\.\n\nWhat it means\n\n.+\n/,
    );
    expect(printed.join('\n')).not.toMatch(/\*\*|\]\(|^#/m);
    expect(printed.at(-1)).toMatch(
      /\nHow to silence it\n\n {4}# audit: ignore missing-rdepend CATEGORY\/PACKAGE – the reason\n/,
    );
  });

  test('without a code each code has one line: the summary of its page', async () => {
    const { status, printed } = await explain();
    expect(status).toBe(0);
    expect(printed.map((line) => line.split(' ')[0])).toEqual(CODES);
    expect(printed.find((line) => line.startsWith('not-installed '))).toMatch(
      /^not-installed {2,}warning {2,}An atom that is declared and active for the current USE flags is satisfied by no installed package, and by no binary package\.$/,
    );
    for (const line of printed) expect(line).toMatch(/^\S+ +(error|warning|information|hint) +[A-Z].*\.$/);
  });

  test.each([
    [
      'missing-dpend',
      'No finding has the code missing-dpend: perhaps you mean missing-depend or missing-bdepend or missing-rdepend.',
    ],
    ['nonsense', 'No finding has the code nonsense: "ebuild-audit explain" lists the codes.'],
    ['../README', 'No finding has the code ../README: "ebuild-audit explain" lists the codes.'],
    [
      'pkgcheck:RedundantVersion',
      'pkgcheck:RedundantVersion is a finding of pkgcheck: "pkgcheck show --keywords --verbose" explains RedundantVersion.',
    ],
  ])('%s is no code of ours', async (code, sentence) => {
    expect(await explain(code)).toEqual({ status: 2, printed: [], complaints: [sentence] });
  });
});
