import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { UserError } from '../errors/user-error.ts';
import type { Evaluate } from '../evaluation/kept-evaluation.ts';
import { type EbuildLocation, locateEbuild } from '../repository/ebuild-location.ts';
import { createEclassLookup } from '../repository/eclass.ts';
import { type CachedMetadata, readCachedMetadata } from '../repository/md5-cache.ts';
import { findFamily } from '../repository/repository.ts';
import { type EbuildMetadata, readMetadata } from './metadata.ts';

/** Finds the metadata of an ebuild after its eclasses for a text of it, saved or not. */
export interface MetadataReader {
  /**
   * Rejects with one sentence if the file is not an ebuild in a repository, or if only bash can evaluate it and must
   * not run.
   */
  read(file: string, facts: EbuildFacts, signal?: AbortSignal): Promise<EbuildMetadata>;
}

/**
 * @param root its repos.conf gives the locations of masters
 * @param evaluate asks the package manager; undefined if code of the ebuild must not run, as in a workspace that is
 *   not trusted
 */
export function createMetadataReader(root: string, evaluate: Evaluate | undefined): MetadataReader {
  return {
    async read(file, facts, signal) {
      const location = locateEbuild(file);
      const predefined = packageVariables(location.category, location.packageAndVersion);
      return readMetadata(facts, predefined, {
        readCached: () => readValidEntry(location, facts.text, root),
        evaluate() {
          if (evaluate !== undefined) return evaluate(file, facts.text, signal);
          throw new UserError(
            `Only bash can evaluate the metadata of ${file}: trust the workspace to run it in the sandbox.`,
          );
        },
      });
    },
  };
}

/** The repository's own md5-cache entry, if it was made from this text and from the present eclasses. */
function readValidEntry(location: EbuildLocation, text: string, root: string): CachedMetadata | undefined {
  const { repository, category, packageAndVersion } = location;
  const silent = () => {};
  const places = findFamily(repository, root, silent).repositories.map((known) => known.location);
  const { md5 } = createEclassLookup(places, () => undefined, silent);
  return readCachedMetadata(repository, `${category}/${packageAndVersion}`, Buffer.from(text), md5, silent);
}
