import { type ExtensionContext, workspace } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import type { InitializationOptions } from '../../server/src/protocol.ts';
import { LENS_COMMANDS } from './commands.ts';
import { currentSettings, SECTION } from './settings.ts';
import { SHELL_COMMAND } from './trial/failing-view.ts';

/** Creates the language client without starting it. The editor's own Node runs the server. */
export function createClient(context: ExtensionContext): LanguageClient {
  const module = context.asAbsolutePath('dist/server/main.mjs');
  return new LanguageClient(
    SECTION,
    'Ebuild Audit',
    { module, transport: TransportKind.stdio },
    {
      documentSelector: [
        { language: 'ebuild', scheme: 'file', pattern: '**/*.ebuild' },
        // For users who associate ebuilds with shell scripts, so that ShellCheck and its like work on them.
        { language: 'shellscript', scheme: 'file', pattern: '**/*.ebuild' },
        { language: 'ebuild', scheme: 'untitled' },
        { language: 'ebuild', scheme: 'file', pattern: '**/*.eclass' },
        { language: 'shellscript', scheme: 'file', pattern: '**/*.eclass' },
        { language: 'gentoo-profile', scheme: 'file' },
        { language: 'gentoo-manifest', scheme: 'file' },
        { language: 'gentoo-cache', scheme: 'file' },
        // It stays XML, for the extensions that know its schema.
        { scheme: 'file', pattern: '**/{*-*,virtual}/*/metadata.xml' },
      ],
      initializationOptions: (): InitializationOptions => ({
        settings: currentSettings(),
        trusted: workspace.isTrusted,
        lensCommands: LENS_COMMANDS,
        terminalCommand: SHELL_COMMAND,
        diagnosticsInHover: true,
      }),
      // Hovers quote what a build has said, escaped. Even if that failed, no other command could be run.
      markdown: { isTrusted: { enabledCommands: [SHELL_COMMAND] } },
      synchronize: { configurationSection: SECTION },
    },
  );
}
