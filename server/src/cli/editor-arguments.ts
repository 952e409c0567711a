/** The commands for editors: `lsp` and `editor-config`. */
import type { Command } from 'commander';
import { EDITORS } from './editor-config.ts';

/** The implementation of each command; each resolves to its exit code. */
export interface EditorCommands {
  /** Serves until the editor ends the connection. */
  lsp(): Promise<number>;
  editorConfig(name: string): number;
}

export function addEditorCommands(program: Command, commands: EditorCommands): void {
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
    .action((name: string) => {
      process.exitCode = commands.editorConfig(name);
    });
}
