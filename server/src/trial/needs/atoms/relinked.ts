import type { InstalledPackage } from '../../../installed/vdb.ts';
import type { Evidence, RecordedPackage } from '../../../trace/evidence.ts';
import { mentionsHeader, type SourceMentions } from '../../reading/source-mentions.ts';
import { isCompiledModule, listLinked, type OwnedNeed } from '../owned-need.ts';

/** A package with the accesses by which the build used it. */
export interface TracedUse {
  readonly package: Pick<RecordedPackage, 'category' | 'name'>;
  readonly evidence: readonly Evidence[];
}

export interface RelinkedInput {
  readonly owned: readonly OwnedNeed[];
  /** Everything that the build used, also what is visible only for the package manager. */
  readonly traced: readonly TracedUse[];
  /** See `createPrebuiltTest`. */
  isPrebuilt(installedPath: string): boolean;
  /** The files of a package. */
  filesOf(installed: InstalledPackage): Iterable<{ readonly path: string }>;
  /** Called only if the sources decide something. */
  readMentions(): Promise<SourceMentions>;
}

/**
 * The packages whose libraries another build of the ebuild would link anew, so that `:=` (PMS 8.3.3) has an effect. A rebuild changes nothing
 * if the files that link the library were built elsewhere. It is not needed if the subslot is that of the private interface, and no private
 * header is used.
 */
export async function listRelinked(input: RelinkedInput): Promise<Set<InstalledPackage>> {
  const { owned, traced, isPrebuilt } = input;
  if (!traced.some(makesMachineCode)) return new Set();
  const own = owned.filter(({ need }) => !isPrebuilt(need.user));
  const relinked = listLinked(own);
  for (const owner of own) if (isCompiledModule(owner)) relinked.add(owner.package);
  for (const installed of relinked) {
    if (!hasPrivateSubslot(installed, owned)) continue;
    if (!(await usesPrivateHeaders(installed, input))) relinked.delete(installed);
  }
  return relinked;
}

/** Compilers, assemblers and linkers, with a target before the name or a version behind it. */
const TOOLCHAIN = new RegExp(
  [
    '/(?:[\\w.+]+-)*(?:ld(?:\\.[a-z]+)?|(?:cc|c\\+\\+|gcc|g\\+\\+|c89|c99|clang|clang\\+\\+|cc1|cc1plus|cc1obj|cc1objplus|as|collect2',
    '|lto1|lto-wrapper|gold|lld|mold|wild|gfortran|f951|gnat\\w*|gdc|d21|go|gccgo|rustc|cargo|ghc|ocamlopt|ocamlfind|fpc|ppcx64',
    '|ldc2|dmd|dub|nim|zig|crystal|swiftc|tcc|nvcc|hipcc|icx|nasm|yasm|fasm|sbcl|ecl|mlton|csc)(?:[-.]?\\d[\\w.]*)?)$',
  ].join(''),
);

/** Languages whose programs are run without being compiled. Any other program of dev-lang may be a compiler. */
const INTERPRETED = /^(?:perl|python|python-exec.*|pypy.*|ruby|lua|luajit|tcl|tk|php)$/;

/** Whether a use shows that the build made machine code itself. */
function makesMachineCode({ package: { category, name }, evidence }: TracedUse): boolean {
  return evidence.some(({ operation, path, program, chain }) => {
    if (operation === 'execute' && category === 'dev-lang' && !INTERPRETED.test(name)) return true;
    // The names in a chain have no folder.
    const names = [program, ...(operation === 'execute' ? [path] : []), ...chain.map((link) => `/${link}`)];
    return names.some((tool) => TOOLCHAIN.test(tool));
  });
}

/**
 * Whether the subslot changes with each version although the library keeps its name: slot 6, subslot 6.8.0 and libQt6Core.so.6. It is then for
 * packages that use the private interface, as in dev-qt and kde-frameworks.
 */
function hasPrivateSubslot(installed: InstalledPackage, owned: readonly OwnedNeed[]): boolean {
  const { slot, subslot, version } = installed;
  const isVersion = subslot.includes('.') && `${version.replace(/-r\d+$/, '')}.`.startsWith(`${subslot}.`);
  if (!isVersion || !(installed.category === 'dev-qt' || subslot.startsWith(`${slot}.`))) return false;
  const linked = owned.filter(({ package: owner, need }) => owner === installed && need.kind === 'library');
  return linked.every(({ need }) => !need.wanted.includes(subslot));
}

/** Whether a header of the private interface is read or included: one in a folder `private` or `qpa`, or in one named for the version. */
async function usesPrivateHeaders(
  installed: InstalledPackage,
  { traced, filesOf, readMentions }: RelinkedInput,
): Promise<boolean> {
  const folders = ['private', 'qpa', installed.version.replace(/-r\d+$/, '')];
  const isPrivate = (path: string) =>
    path.includes('/include/') && folders.some((folder) => path.includes(`/${folder}/`));
  const isRead = traced.some(
    ({ package: { category, name }, evidence }) =>
      category === installed.category &&
      name === installed.name &&
      evidence.some(({ path }) => isPrivate(path)),
  );
  if (isRead) return true;
  const headers = [...filesOf(installed)].filter(({ path }) => isPrivate(path));
  if (headers.length === 0) return false;
  const mentions = await readMentions();
  return headers.some(({ path }) => mentionsHeader(mentions, path));
}
