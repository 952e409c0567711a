/** The options for trials on other machines, and the command that a worker runs. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';

export interface RemoteFlags {
  /** The address of a server. */
  readonly remote?: string;
  readonly remoteProperty: Readonly<Record<string, string>>;
  /** Absolute paths of files. */
  readonly remoteToken?: string;
  readonly remoteCa?: string;
  readonly remoteCert?: string;
  readonly remoteKey?: string;
}

/** The command of workers. */
export interface WorkCommand {
  work(order: string, answer: string): Promise<number>;
}

/** Adds `--remote` and what belongs to it. */
export function addRemoteOptions(command: Command): Command {
  const file = (name: string, description: string) =>
    new Option(`--remote-${name} <file>`, `with --remote, ${description}`).argParser((path: string) =>
      resolve(path),
    );
  return command
    .addOption(
      new Option(
        '--remote <address>',
        'run the trials on a server of the Remote Execution API, such as grpcs://HOST:PORT/INSTANCE; see docs/remote.md',
      ),
    )
    .addOption(
      new Option('--remote-property <name=value>', 'with --remote, what a worker must have (repeatable)')
        .argParser(readProperty)
        .default({}, 'none'),
    )
    .addOption(file('token', 'a file with a bearer token'))
    .addOption(file('ca', 'certificates of authorities, PEM'))
    .addOption(file('cert', 'the certificate of this client, PEM'))
    .addOption(file('key', 'its key, PEM'));
}

function readProperty(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('give NAME=VALUE, such as OSFamily=linux.');
  return { ...before, [name]: value };
}

/** Adds the command of workers, which no user types. */
export function addWork(program: Command, commands: WorkCommand): void {
  program
    .command('work', { hidden: true })
    .description('run the trial that an order describes, on the worker of a server')
    .argument('<order>', 'the order')
    .argument('<answer>', 'the file that gets the answer')
    .action(async (order: string, answer: string) => {
      process.exitCode = await commands.work(order, answer);
    });
}
