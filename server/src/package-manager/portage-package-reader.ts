import type * as z from 'zod';
import { UserError } from '../errors/user-error.ts';
import type { Command } from './command.ts';
import { findMarkedObject } from './metadata.ts';
import {
  type PackageReader,
  resolutionSchema,
  settledSchema,
  sourcesSchema,
  unpackedSchema,
} from './package-reader.ts';
import {
  PACKAGES_MARK,
  PRINT_SOURCES,
  RESOLVE_PACKAGES,
  SETTLE_PACKAGES,
  UNPACK_PACKAGE,
} from './portage-reader-scripts.ts';
import { useEnvironment } from './use-environment.ts';

/**
 * The binary packages of Portage.
 *
 * @param environment that of Portage where nothing is built
 */
export function createPortagePackageReader(
  python: string,
  environment: Readonly<Record<string, string>>,
): PackageReader {
  const command = (
    script: string,
    request: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Command => ({
    argv: [python, '-c', script, JSON.stringify(request)],
    environment: { ...environment, ...more },
  });
  return {
    sources: (binhosts) => command(PRINT_SOURCES, {}, binhostEnvironment(binhosts)),
    readSources: (output) => readAnswer(output, sourcesSchema),
    resolve: (request, use) =>
      command(RESOLVE_PACKAGES, request, {
        ...useEnvironment(use),
        ...binhostEnvironment(request.binhosts),
        PKGDIR: request.folder,
        PORTDIR_OVERLAY: request.repository,
      }),
    readResolution: (output) => readAnswer(output, resolutionSchema),
    unpack: (request) => command(UNPACK_PACKAGE, request),
    readUnpacked: (output) => readAnswer(output, unpackedSchema).error,
    settle: (packages) => command(SETTLE_PACKAGES, { packages }),
    readSettled: (output) => readAnswer(output, settledSchema).failed,
  };
}

function readAnswer<Output>(output: string, schema: z.ZodType<Output>): Output {
  const answer = schema.safeParse(findMarkedObject(output, PACKAGES_MARK).value);
  if (answer.success) return answer.data;
  const last = output.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  throw new UserError(
    `Portage cannot say which binary packages there are (${last || 'no output'}): see whether "emerge --pretend --usepkgonly" works, and install the dependencies if it does not.`,
  );
}

/** PORTAGE_BINHOST (make.conf(5)); binhosts of binrepos.conf stay. */
function binhostEnvironment(binhosts: readonly string[]): Readonly<Record<string, string>> {
  return binhosts.length === 0 ? {} : { PORTAGE_BINHOST: binhosts.join(' ') };
}
