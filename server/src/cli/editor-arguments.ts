/** The commands that prepare a machine and its editors: `set-up`, `lsp` and `editor-config`. */
import type { Command } from 'commander';
import { EDITORS } from './editor-config.ts';

/** The implementation of each command; each resolves to its exit code. */
export interface EditorCommands {
  /** @param packages Debian packages for a second practice root; empty: none is made */
  setUp(packages: readonly string[]): Promise<number>;
  /** Serves until the editor ends the connection. */
  lsp(): Promise<number>;
  editorConfig(name: string): Promise<number>;
}

export function addEditorCommands(program: Command, commands: EditorCommands): void {
  program
    .command('set-up')
    .description('install what trials need, and make the practice root on a machine that is not Gentoo')
    .option(
      '--with <name...>',
      'also make a second practice root that has these Debian packages, which are installed',
    )
    .addHelpText(
      'after',
      '\nExit status: 0 ready, 1 something failed, 2 packages must be installed first; the command is printed.',
    )
    .action(async (flags: { readonly with?: readonly string[] }) => {
      process.exitCode = await commands.setUp(flags.with ?? []);
    });
  program
    .command('lsp')
    .description('run the language server, which an editor starts and talks to on standard input and output')
    // Editors add it to the command of every server.
    .option('--stdio', 'talk on standard input and output, which it always does')
    .action(async () => {
      process.exitCode = await commands.lsp();
    });
  program
    .command('editor-config')
    .description('print the configuration with which an editor starts the language server for ebuilds')
    .argument('<editor>', EDITORS.join(', '))
    .action(async (name: string) => {
      process.exitCode = await commands.editorConfig(name);
    });
}
