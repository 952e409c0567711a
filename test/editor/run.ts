/**
 * Tests the packaged extension in a real workbench. Usage: node scripts/run.mjs ../test/editor/run [--no-build] [--keep]
 *
 * The workbench is code-server from the npm registry in headless Chromium. If EBUILD_AUDIT_VSCODE is set, the suite also runs in VS Code:
 * `download` fetches it with @vscode/test-electron, other values are its path. Otherwise only npm's registry is accessed. Missing programs
 * are a failure under CI and a visible skip elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { installCodeServer, installExtension, startCodeServer } from './code-server.ts';
import { drive, driveUntrusted } from './drive.ts';
import { driveFirstUse } from './drive-first-use.ts';
import { driveReview, makeClone } from './drive-review.ts';
import { createResults } from './results.ts';
import { runSuiteInVsCode } from './vs-code.ts';
import { findBrowser, launchBrowser, newPage, remote, workbenchAddress } from './workbench.ts';

const VSIX = resolve('out/ebuild-audit.vsix');
const OUTPUT = resolve('out/test-editor');
const EBUILD = 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild';
const ATOM = 'media-libs/libpng';
const SUITE_TIMEOUT = 900_000;

const results = createResults(console.log);
await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });

/** The reason why the tests cannot run here, in one sentence. */
function missing(): string | undefined {
  if (findBrowser() === undefined) {
    return 'Chromium is missing (Debian: apt-get install chromium; Gentoo: emerge www-client/chromium)';
  }
  return undefined;
}

function runScript(name: string): void {
  const { status } = spawnSync(process.execPath, ['scripts/run.mjs', name], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`scripts/${name}.ts failed`);
}

/** Bundles the suite as an extension of its own, so that the tested extension is the installed one and not a folder. */
async function bundleSuite(): Promise<{ folder: string; index: string }> {
  const folder = join(OUTPUT, 'suite');
  const index = join(folder, 'index.cjs');
  await build({
    entryPoints: ['test/editor/suite/index.ts'],
    outfile: index,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode'],
  });
  const manifest = { name: 'suite', publisher: 'ebuild-audit', version: '0.0.0', engines: { vscode: '*' } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  return { folder, index };
}

/** Copies the example overlay, because the tests change it. */
async function copyExamples(home: string, name: string): Promise<{ folder: string; ebuild: string }> {
  const folder = join(home, name);
  await cp('examples', folder, { recursive: true });
  return { folder, ebuild: join(folder, EBUILD) };
}

async function readSuiteResults(file: string, where: string): Promise<void> {
  const lines = existsSync(file) ? (await readFile(file, 'utf8')).trim().split('\n') : [];
  for (const line of lines) {
    const { name, problem, milliseconds } = JSON.parse(line);
    results.add(`${where}: ${name}`, problem, milliseconds);
  }
  if (lines.length === 0) results.add(`${where}: the suite`, 'it came to no result at all', 0);
}

async function testInCodeServer(entry: string, browserPath: string, home: string): Promise<void> {
  const suite = await bundleSuite();
  const forSuite = await copyExamples(home, 'suite-workspace');
  const forDrive = await copyExamples(home, 'drive-workspace');
  const repository = makeClone(forDrive.folder);
  const suiteResults = join(OUTPUT, 'code-server.jsonl');
  await installExtension(entry, home, VSIX);
  const server = await startCodeServer(entry, home, true, {
    EBUILD_AUDIT_SUITE_EBUILD: forSuite.ebuild,
    EBUILD_AUDIT_SUITE_RESULTS: suiteResults,
    EBUILD_AUDIT_SUITE_ATOM: ATOM,
  });
  const browser = await launchBrowser(browserPath);
  try {
    const { address } = server;
    const page = await newPage(browser);
    await drive({ page, address, ...forDrive, atom: ATOM, output: OUTPUT }, results);
    await driveReview({ page, repository, output: OUTPUT }, results);
    await page.close();
    results.startOver();

    const firstPage = await newPage(browser);
    await driveFirstUse({ page: firstPage, address, folder: forDrive.folder, output: OUTPUT }, results);
    await firstPage.close();
    results.startOver();

    const suitePage = await newPage(browser);
    const ended = new Promise<number>((resolve) => {
      void suitePage.exposeFunction('codeAutomationExit', resolve);
    });
    await suitePage.exposeFunction('codeAutomationLog', () => {});
    const payload = [
      ['extensionDevelopmentPath', remote(address, suite.folder)],
      ['extensionTestsPath', remote(address, suite.index)],
    ] as const;
    await suitePage.goto(workbenchAddress(address, forSuite.folder, payload));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), SUITE_TIMEOUT);
    });
    const code = await Promise.race([ended, late]);
    clearTimeout(timer);
    await suitePage.screenshot({ path: join(OUTPUT, 'suite.png') });
    await readSuiteResults(suiteResults, 'code-server');
    if (code === undefined) results.add('code-server: the suite', 'it did not end', SUITE_TIMEOUT);
  } finally {
    await browser.close();
    await server.stop();
    await writeFile(join(OUTPUT, 'code-server.log'), server.log());
  }
}

async function testUntrusted(entry: string, browserPath: string, home: string): Promise<void> {
  const workspace = await copyExamples(home, 'untrusted-workspace');
  const server = await startCodeServer(entry, home, false);
  const browser = await launchBrowser(browserPath);
  try {
    const page = await newPage(browser);
    const { address } = server;
    await driveUntrusted({ page, address, ...workspace, atom: ATOM, output: OUTPUT }, results);
  } finally {
    await browser.close();
    await server.stop();
  }
}

if (!process.argv.includes('--no-build')) {
  runScript('build');
}
runScript('package');
const home = await mkdtemp(join(tmpdir(), 'ebuild-audit-editor-'));
try {
  const problem = missing();
  const browser = findBrowser();
  let entry: string | undefined;
  let reason = problem;
  if (problem === undefined) {
    try {
      entry = await installCodeServer(console.log);
    } catch (error) {
      reason = `code-server could not be installed: ${error instanceof Error ? error.message : error}`;
    }
  }
  if (entry !== undefined && browser !== undefined) {
    await testInCodeServer(entry, browser, home);
    await testUntrusted(entry, browser, home);
  } else if (process.env.CI === 'true') results.add('code-server', `cannot run under CI: ${reason}`, 0);
  else results.skip('code-server', reason ?? '');

  const vsCode = process.env.EBUILD_AUDIT_VSCODE;
  if (vsCode === undefined) {
    console.log('  VS Code itself was not tried: set EBUILD_AUDIT_VSCODE to its path or to `download`');
  } else {
    const suite = await bundleSuite();
    const { folder, ebuild } = await copyExamples(home, 'vs-code-workspace');
    const file = join(OUTPUT, 'vs-code.jsonl');
    await runSuiteInVsCode(vsCode, {
      home,
      suite,
      folder,
      vsix: VSIX,
      environment: {
        EBUILD_AUDIT_SUITE_EBUILD: ebuild,
        EBUILD_AUDIT_SUITE_RESULTS: file,
        EBUILD_AUDIT_SUITE_ATOM: ATOM,
      },
    }).catch((error: Error) => console.log(`  VS Code: ${error.message}`));
    await readSuiteResults(file, 'VS Code');
  }
} catch (error) {
  results.add('the editor test', error instanceof Error ? (error.stack ?? error.message) : String(error), 0);
} finally {
  if (process.argv.includes('--keep')) console.log(`kept: ${home}`);
  else await rm(home, { recursive: true, force: true });
}
console.log(`screenshots and logs: ${OUTPUT}`);
process.exitCode = results.summarize() ? 0 : 1;
