import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import { distfileFolders } from '../../evaluation/distfile-folders.ts';
import { findDistfiles } from '../../evaluation/work-folder.ts';
import type { RootState } from '../../host/root-state.ts';
import type { TrialWorld } from '../../host/world.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { type EbuildLocation, ebuildFile } from '../../repository/ebuild-location.ts';
import { digestBytes } from '../merkle/digest.ts';
import type { FileDigests } from '../merkle/file-digests.ts';
import { createInputTree, type InputFile, type MerkleTree } from '../merkle/input-tree.ts';
import { ENTRY_PLACE, ORDER_PLACE, type TrialOrder } from '../order.ts';
import { createMachineTree, type MachineTree } from './machine-tree.ts';
import { addPrograms, helperIn, type Programs } from './program-part.ts';
import { addRepositories } from './repository-part.ts';
import { addRoot } from './root-part.ts';

/** The folders that a worker makes itself. */
const OWN_PLACES = ['/tmp', '/proc', '/dev', '/sys', '/run'];

/** A trial, and what of this machine it needs. */
export interface InputRootInput {
  readonly world: TrialWorld;
  readonly root: RootState;
  readonly location: EbuildLocation;
  readonly text: string;
  readonly order: TrialOrder;
  /** The installed packages whose files travel. */
  readonly provided: ReadonlySet<InstalledPackage>;
  /** File names. */
  readonly distfiles: readonly string[];
  readonly programs: Programs;
  readonly digests: FileDigests;
  /** Whether links may have absolute targets. */
  readonly absoluteLinks: boolean;
}

/** The input root of a remote trial. */
export interface InputRoot {
  readonly tree: MerkleTree;
  /** What is otherwise than on this machine: clauses for the record. */
  readonly gaps: readonly string[];
}

/**
 * Describes everything that the worker of a trial sees, at the paths that it has on this machine: of the root only what the provided packages own
 * and what nobody owns.
 *
 * @throws UserError if a distfile is missing or a program cannot be used, and errors of the file system
 */
export function describeInputRoot(input: InputRootInput): InputRoot {
  const { world, root, location, programs } = input;
  const tree = createInputTree();
  const machine = createMachineTree(tree, input.digests, input.absoluteLinks);
  const { repository } = location;
  const repositories = root.repositories
    .map((path) => locateOnMachine(root.layout, path) ?? path)
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));

  // The text may not be saved, and the helper may be in a cache.
  tree.addFile(ebuildFile(location), fileOf(input.text));
  tree.addFile(ORDER_PLACE, fileOf(JSON.stringify(input.order)));
  machine.addAs(programs.helper, helperIn(programs));
  machine.addAs(programs.helper, ENTRY_PLACE);

  addPrograms(machine, programs);
  const { binds, programs: ownPrograms } = world.packageManager.files;
  // The Python of a virtual environment is a link to that of this machine.
  const pythons = binds.map((folder) => join(folder, 'bin/python3'));
  for (const path of [...binds, ...ownPrograms, ...pythons]) if (existsSync(path)) machine.add(path);
  addRoot(machine, {
    root,
    provided: input.provided,
    except: new Set([...repositories, repository, realpathSync(world.home)]),
  });
  // Their content is chosen already: all of it is for this ebuild.
  for (const layer of input.order.layering?.stack.layers ?? []) machine.add(layer);
  for (const path of root.repositories) machine.addLinks(locateOnMachine(root.layout, path) ?? path);
  addRepositories(machine, repositories, location);
  const folders = distfileFolders(root.layout, world.home);
  for (const { source } of findDistfiles(input.distfiles, folders)) machine.add(source);
  for (const place of OWN_PLACES)
    if (tree.find(place) === 'folder')
      throw new UserError(
        `Something that the trial needs is below ${place}, where a worker has a folder of its own: keep the repository, the root, the state folder and Ebuild Audit elsewhere.`,
      );
  input.digests.save();
  return { tree: tree.encode(), gaps: listGaps(machine) };
}

function listGaps({ unnamed, turned }: MachineTree): readonly string[] {
  return [
    ...(unnamed === 0
      ? []
      : [`${unnamed} files of this system were missing on the worker, because their names are not UTF-8`]),
    ...(turned === 0
      ? []
      : [`${turned} links had relative targets on the worker, because its server refuses absolute ones`]),
  ];
}

/** A small file that is only in the input root. */
function fileOf(text: string): InputFile {
  const content = Buffer.from(text);
  return { blob: { digest: digestBytes(content), content }, isExecutable: false };
}
