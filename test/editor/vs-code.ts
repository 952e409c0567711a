/** Runs the suite in VS Code itself, if it is installed or may be downloaded. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  downloadAndUnzipVSCode,
  resolveCliArgsFromVSCodeExecutablePath,
  runTests,
} from '@vscode/test-electron';

export interface VsCodeRun {
  readonly home: string;
  readonly suite: { readonly folder: string; readonly index: string };
  /** The workspace. */
  readonly folder: string;
  readonly vsix: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * @param vsCode `download`, or the path of VS Code's executable
 * @throws an Error if VS Code is not available or the suite failed
 */
export async function runSuiteInVsCode(vsCode: string, run: VsCodeRun): Promise<void> {
  const executable = vsCode === 'download' ? await downloadAndUnzipVSCode('stable') : vsCode;
  const folders = [
    `--user-data-dir=${join(run.home, 'vs-code-data')}`,
    `--extensions-dir=${join(run.home, 'vs-code-extensions')}`,
  ];
  const [program = executable, ...args] = resolveCliArgsFromVSCodeExecutablePath(executable, {
    reuseMachineInstall: true,
  });
  const installation = spawnSync(program, [...args, ...folders, '--install-extension', run.vsix], {
    encoding: 'utf8',
  });
  if (installation.status !== 0) {
    throw new Error(`the extension could not be installed into ${executable}: ${installation.stderr}`);
  }
  await runTests({
    vscodeExecutablePath: executable,
    reuseMachineInstall: true,
    extensionDevelopmentPath: run.suite.folder,
    extensionTestsPath: run.suite.index,
    extensionTestsEnv: { ...run.environment },
    launchArgs: [
      run.folder,
      ...folders,
      '--disable-workspace-trust',
      // Needed by root and by machines without a graphics device.
      '--no-sandbox',
      '--disable-gpu',
    ],
  });
}
