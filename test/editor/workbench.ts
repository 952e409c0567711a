/** The workbench in a headless browser, for both ways of testing it with code-server. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-bin',
];

/** The browser of the tests: `EBUILD_AUDIT_CHROMIUM`, or one that the distribution installs. */
export function findBrowser(): string | undefined {
  return [process.env.EBUILD_AUDIT_CHROMIUM, ...BROWSERS].find(
    (path) => path !== undefined && existsSync(path),
  );
}

export async function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      // Chromium's own sandbox does not run as root or in most containers, and Chromium opens only this server.
      '--no-sandbox',
      '--disable-gpu',
      // The workbench would contact its extension gallery, and the test must not contact other hosts.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  return context.newPage();
}

/** The address of a workbench with a folder open. The workbench reads `payload` as its command line. */
export function workbenchAddress(
  address: string,
  folder: string,
  payload: readonly (readonly [string, string])[],
): string {
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://${address}/?${query}`;
}

/** The workbench's address of a path on the server's machine. */
export function remote(address: string, path: string): string {
  return `vscode-remote://${address}${path}`;
}
