import { describe, expect, test } from 'vitest';
import { EDITORS, formatEditorConfig } from '../../server/src/cli/editor-config.ts';

describe('the configuration of an editor', () => {
  test.each(EDITORS)('%s begins with where it belongs, in a comment', (name) => {
    const [first = '', ...rest] = formatEditorConfig(name).split('\n');
    expect(first).toMatch(/^(--|"|;;|#|\/\/) [A-Z]/);
    if (name !== 'vscode') expect(rest.join('\n')).toMatch(/ebuild-audit"?'?[, ]*(\nargs = \[)?.?.?lsp/);
  });

  test('of Kate and VS Code is JSON below the comment', () => {
    for (const name of ['kate', 'vscode'])
      expect(() => JSON.parse(formatEditorConfig(name).split('\n').slice(1).join('\n'))).not.toThrow();
  });

  test('of an unknown editor is refused with the names of the others', () => {
    expect(() => formatEditorConfig('toString')).toThrow(/name one of neovim, vim, emacs/);
  });
});
