import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGithub } from '../../server/src/cli/report/github-report.ts';
import { isSeen, showText } from '../../server/src/errors/visible-text.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  makeSide,
  PATH,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';

/** A line as the runner of GitHub reads it: the first `::` ends the properties, commas part them, and then escapes are undone. */
function readCommand(line: string) {
  const [, command = '', written = '', message = ''] = /^::([a-z]+) (.*?)::(.*)$/.exec(line) ?? [];
  const properties = written.split(',').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [name, undo(value.join('='))];
  });
  return { command, properties: Object.fromEntries(properties), message: undo(message) };
}

const undo = (text: string) =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');

describe('the commands for GitHub Actions', () => {
  test('name each new finding at its line, the most severe first, and then what else a review says', () => {
    const after = makeSide(TEXT, {
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'a.c:1: 100%, no' },
    });
    const lines = { ...UNUSED, range: { start: 0, end: TEXT.length } };
    const review = makeReview(
      [makeEbuild({ added: [lines, MISSING], fixed: [MISSING], after, isJudged: false })],
      { removed: 1 },
    );
    expect(formatGithub(review, SETTING).split('\n')).toEqual([
      `::error file=${PATH},line=2,endLine=2,col=10,endColumn=16,title=missing-depend::Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.%0Asrc_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)%0Afix: Add media-libs/libpng to DEPEND`,
      `::notice file=${PATH},line=1,endLine=5,title=unused::Remove sys-libs/zlib from DEPEND if nothing else needs it: the build without it installs the same image.`,
      `::warning file=${PATH},title=not judged::No missing dependency explains the failure: the compile phase failed: a.c:1: 100%25, no`,
      '::notice title=Ebuild Audit::2 new, 1 fixed, 0 unchanged, 1 ebuild not judged – 1 package, 1 USE state, 1.0 s',
      '::notice title=Ebuild Audit::1 removed ebuild was not looked at.',
    ]);
  });

  test('are as many as they should be, with the values that were given, whatever an ebuild is called', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        const text = formatGithub(review, SETTING);
        expect(isSeen(text)).toBe(true);
        const [ebuild] = review.ebuilds;
        const commands = text.split('\n').map(readCommand);
        const notes = ebuild?.isJudged ? 5 : 6;
        expect(commands.map(({ command }) => command)).toEqual([
          'error',
          ...Array.from({ length: notes }, () => expect.stringMatching(/^(warning|notice)$/) as unknown),
          'notice',
          'notice',
          'notice',
        ]);
        for (const { properties } of commands.slice(0, 1 + notes))
          expect(properties.file).toBe(showText(ebuild?.path ?? ''));
        expect(
          Object.keys(commands[0]?.properties ?? {}).filter((name) => !/^(col|endColumn)$/.test(name)),
        ).toEqual(['file', 'line', 'endLine', 'title']);
        expect(commands[0]?.properties.title).toBe('missing-depend');
      }),
    );
  });
});
