/** The workbench in a headless browser: what both ways of testing it under code-server need. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-bin',
];

/** The browser to test in: `EBUILD_AUDIT_CHROMIUM`, or one that the distribution installs. */
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
      // Chromium's own sandbox refuses to work for root, and needs what containers do not give; it sees only our server.
      '--no-sandbox',
      '--disable-gpu',
      // The workbench would ask its gallery of extensions; the test needs no host but this one.
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

/** The address of a workbench with a folder open. `payload` is what the workbench reads as its command line. */
export function workbenchAddress(
  address: string,
  folder: string,
  payload: readonly (readonly [string, string])[],
): string {
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://${address}/?${query}`;
}

/** A path of the server's machine as the workbench names it. */
export function remote(address: string, path: string): string {
  return `vscode-remote://${address}${path}`;
}
