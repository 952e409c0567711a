/**
 * Installs code-server, a real VS Code workbench in a browser, from the npm registry, and starts it. It is for machines on which VS Code
 * itself cannot be downloaded.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stateFolder } from '../../server/src/package-manager/home.ts';

/** The last release whose npm package runs on Node 20. */
const CODE_SERVER_VERSION = '4.100.3';

/** Native add-ons of the workbench's server that must be compiled. Those for the terminal and the password are loaded at start-up too. */
const NATIVE_ADD_ONS = ['native-watchdog', '@vscode/spdlog', 'node-pty'];

/** The folder of everything that outlives one run. */
const homeOfAudit = () => stateFolder(process.env, process.getuid?.() ?? 0);

/** The prefix whose `include/node` has Node's headers. Without it, npm would download them. */
export function findNodeHeaders(): string | undefined {
  const prefixes = [dirname(dirname(process.execPath)), '/usr', '/usr/local'];
  return prefixes.find((prefix) => existsSync(join(prefix, 'include', 'node', 'node.h')));
}

/** Runs a program to its end; rejects with its last output if it fails. */
async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const status = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  if (status !== 0)
    throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${output.slice(-3000)}`);
}

/** The environment without the variables of an enclosing `npm run`: a nested npm would take its workspace from them. */
function childEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(?!config_(registry|cafile|proxy|https_proxy|noproxy|cache|userconfig|globalconfig)$)/i.test(
        name,
      ),
  );
  return Object.fromEntries(kept);
}

/**
 * Installs code-server once; later calls return at once.
 *
 * @returns path of code-server's entry point
 * @throws an Error that says what to install if the compiler or Node's headers are missing, or with npm's output
 */
export async function installCodeServer(say: (line: string) => void): Promise<string> {
  const folder = join(homeOfAudit(), 'code-server');
  const entry = join(folder, 'node_modules', 'code-server', 'out', 'node', 'entry.js');
  const marker = join(folder, `installed-${CODE_SERVER_VERSION}-node-${process.versions.modules}`);
  if (existsSync(marker) && existsSync(entry)) return entry;

  const headers = findNodeHeaders();
  if (headers === undefined) {
    throw new Error(
      "Node's headers are missing: install them (Debian and Ubuntu: apt-get install libnode-dev)",
    );
  }
  say(`installing code-server ${CODE_SERVER_VERSION} into ${folder} (about 30 seconds, 320 MB)`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"name":"code-server-host","private":true}\n');
  const npm = (args: readonly string[], cwd: string) =>
    run('npm', [...args, '--no-fund', '--no-audit', `--nodedir=${headers}`, '--loglevel=error'], cwd);

  await npm(['install', '--no-save', '--ignore-scripts', `code-server@${CODE_SERVER_VERSION}`], folder);
  const workbench = join(folder, 'node_modules', 'code-server', 'lib', 'vscode');
  // code-server's own install script does these two, and also downloads headers and binaries.
  await npm(['install', '--omit=dev', '--ignore-scripts'], workbench);
  await npm(['install', '--omit=dev', '--ignore-scripts'], join(workbench, 'extensions'));
  await symlink('node_modules', join(workbench, 'node_modules.asar')).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  const gyp = await findNodeGyp();
  for (const addOn of NATIVE_ADD_ONS) {
    await run(
      process.execPath,
      [gyp, 'rebuild', `--nodedir=${headers}`],
      join(workbench, 'node_modules', addOn),
    );
  }
  // argon2's own script would first try to download a binary. These are the variables that it would pass.
  const argon2 = join(folder, 'node_modules', 'argon2');
  const variables = {
    module_name: 'argon2',
    module_path: join(argon2, 'lib', 'binding', 'napi-v3'),
    napi_build_version: 3,
  };
  const gypVariables = Object.entries(variables).map(([name, value]) => `--${name}=${value}`);
  await run(process.execPath, [gyp, 'rebuild', `--nodedir=${headers}`, ...gypVariables], argon2);
  await run(process.execPath, [entry, '--version'], folder);
  await writeFile(marker, '');
  return entry;
}

/** npm contains node-gyp. Running it directly skips the install scripts of the add-ons. */
async function findNodeGyp(): Promise<string> {
  const root = await new Promise<string>((resolve, reject) => {
    const child = spawn('npm', ['root', '-g'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: childEnvironment(),
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', () => resolve(output.trim()));
  });
  const candidates = [
    join(root, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js'),
    join(root, 'node-gyp', 'bin', 'node-gyp.js'),
    // Debian installs node-gyp for its npm in a folder beside it.
    '/usr/share/nodejs/node-gyp/bin/node-gyp.js',
  ];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined)
    throw new Error('node-gyp is missing: it comes with npm (Debian and Ubuntu: node-gyp)');
  return found;
}

export interface CodeServer {
  readonly address: string;
  /** The output of the server so far. */
  log(): string;
  stop(): Promise<void>;
}

const SETTINGS = {
  // Otherwise a terminal may be a picture, which a test cannot read.
  'terminal.integrated.gpuAcceleration': 'off',
  // A page that opens by itself takes the focus from what a test types into.
  'workbench.startupEditor': 'none',
};

/** Arguments that keep all files of one run inside `home`. */
function ownFolders(home: string): string[] {
  return [
    ...['--config', join(home, 'config.yaml'), '--user-data-dir', join(home, 'user-data')],
    ...['--extensions-dir', join(home, 'extensions'), '--disable-telemetry', '--disable-update-check'],
  ];
}

/** Installs a packaged extension as a user does: `code-server --install-extension FILE`. */
export async function installExtension(entry: string, home: string, vsix: string): Promise<void> {
  await writeFile(join(home, 'config.yaml'), 'auth: none\n');
  await run(process.execPath, [entry, ...ownFolders(home), '--install-extension', vsix], home);
}

/**
 * Starts a server on a port that the kernel chooses; resolves when it listens.
 *
 * @param trust whether every workspace is trusted; otherwise the workbench asks
 */
export async function startCodeServer(
  entry: string,
  home: string,
  trust: boolean,
  environment: Readonly<Record<string, string>> = {},
): Promise<CodeServer> {
  await writeFile(join(home, 'config.yaml'), 'auth: none\n');
  await mkdir(join(home, 'user-data/User'), { recursive: true });
  await writeFile(join(home, 'user-data/User/settings.json'), JSON.stringify(SETTINGS));
  const options = ['--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-getting-started-override'];
  const args = [entry, ...ownFolders(home), ...options, ...(trust ? ['--disable-workspace-trust'] : [])];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: home,
    env: {
      ...process.env,
      ...environment,
      HOME: home,
      // Outside the test's HOME, so that the results of the set-up are reused.
      EBUILD_AUDIT_HOME: homeOfAudit(),
      VSCODE_IPC_HOOK_CLI: undefined,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  let exited = false;
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => {
      exited = true;
      resolve();
    });
  });
  const address = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`code-server does not listen:\n${output}`)), 30_000);
    const look = (chunk: Buffer) => {
      output += chunk;
      const found = /HTTP server listening on http:\/\/([\d.]+:\d+)/.exec(output)?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(found);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.on('error', reject);
    child.on('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`code-server ended with ${code}:\n${output.slice(-2000)}`));
    });
  });
  return {
    address,
    log: () => output,
    async stop() {
      if (!exited && child.pid !== undefined) {
        // The whole group is killed, because code-server starts the workbench's server, which starts the extension host.
        killGroup(child.pid, 'SIGTERM');
        const slow = setTimeout(() => child.pid !== undefined && killGroup(child.pid, 'SIGKILL'), 5000);
        await ended;
        clearTimeout(slow);
      }
    },
  };
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The process has ended already.
  }
}
