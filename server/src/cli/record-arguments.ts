/** The command `record`, and the options by which `trial` and `review` take the records of others. */
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The options of `trial` and `review` for records of others. */
export interface TrustFlags {
  /** The file of a policy. */
  readonly trust?: string;
  /** A folder or the address of a store. */
  readonly records?: string;
  /** A share from 0 to 1. */
  readonly spotCheck?: number;
  readonly spotCheckSeed?: string;
}

/** The options that name the system that a record is about. */
interface BuilderFlags {
  readonly root: string;
  readonly packageManager: 'auto' | 'portage' | 'pkgcore';
}

export interface ExportFlags extends BuilderFlags {
  readonly key?: string;
  readonly output?: string;
}

export interface VerifyFlags {
  readonly trust: string;
}

export interface PushFlags extends BuilderFlags {
  readonly key?: string;
  readonly records: string;
}

export interface PullFlags extends BuilderFlags {
  readonly records: string;
  readonly output: string;
}

/** The implementation of each command; each resolves to its exit code. */
export interface RecordCommands {
  exportRecord(file: string, flags: ExportFlags): Promise<number>;
  verifyRecords(files: readonly string[], flags: VerifyFlags): Promise<number>;
  pushRecords(files: readonly string[], flags: PushFlags): Promise<number>;
  pullRecords(file: string, flags: PullFlags): Promise<number>;
}

/** Adds the options that {@link TrustFlags} has. */
export function addTrustOptions(command: Command): Command {
  return command
    .option(
      '--trust <policy>',
      'take the records of others in place of trials, as this file says; needs --records',
    )
    .addOption(recordsOption())
    .addOption(
      new Option(
        '--spot-check <share>',
        'run this share of the trials that records would answer, e.g. 5%',
      ).argParser(readShare),
    )
    .option('--spot-check-seed <text>', 'choose them by this text, always the same ones');
}

function recordsOption(): Option {
  return new Option('--records <store>', 'a store of records: a folder, an address, or git:FOLDER#BRANCH');
}

/** @param addBuilder adds the options of {@link BuilderFlags} */
export function addRecord(
  program: Command,
  commands: RecordCommands,
  addBuilder: (command: Command) => Command,
): void {
  const record = program.command('record').description('export, verify and share the records of trials');
  const key = [
    '--key <file>',
    'sign with this private key: ed25519, PEM or OpenSSH without a passphrase',
  ] as const;
  addBuilder(
    record
      .command('export')
      .description('write the newest record of an ebuild that still holds, as a signed statement')
      .argument('<file>', 'the ebuild')
      .option(...key)
      .option('--output <file>', 'write to this file instead of standard output'),
  )
    .addHelpText('after', '\nExit status: 0, or 2 if there is no record, or it cannot be signed or written.')
    .action(async (file: string, flags: ExportFlags) => {
      process.exitCode = await commands.exportRecord(file, flags);
    });
  record
    .command('verify')
    .description('check who signed records, and whether they agree as a policy asks')
    .argument('<file...>', 'files that "record export" wrote')
    .requiredOption('--trust <policy>', 'the file that lists the keys')
    .addHelpText(
      'after',
      '\nExit status: 0 they satisfy the policy, 1 they do not, 2 the policy cannot be read.',
    )
    .action(async (files: string[], flags: VerifyFlags) => {
      process.exitCode = await commands.verifyRecords(files, flags);
    });
  addBuilder(
    record
      .command('push')
      .description('put the newest records of ebuilds that still hold into a store')
      .argument('<file...>', 'ebuilds')
      .option(...key)
      .addOption(recordsOption().makeOptionMandatory()),
  )
    .addHelpText('after', '\nExit status: 0, or 2 if a record is missing or cannot be stored.')
    .action(async (files: string[], flags: PushFlags) => {
      process.exitCode = await commands.pushRecords(files, flags);
    });
  addBuilder(
    record
      .command('pull')
      .description('write the records that a store has for an ebuild into a folder, to look at or verify')
      .argument('<file>', 'the ebuild')
      .addOption(recordsOption().makeOptionMandatory())
      .requiredOption('--output <folder>', 'an existing folder'),
  )
    .addHelpText('after', '\nExit status: 0, or 2 if there is none.')
    .action(async (file: string, flags: PullFlags) => {
      process.exitCode = await commands.pullRecords(file, flags);
    });
}

function readShare(text: string): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent === undefined || Number(percent) > 100)
    throw new InvalidArgumentError('give a share such as 5%.');
  return Number(percent) / 100;
}
