/**
 * Everything that one trial saw, as plain data. A record is written once and judged again against every later text of
 * the ebuild.
 */

import type { BuildVariable, DependencyVariable } from '../pms/dependency-variable.ts';
import type { Evidence, Incident, RecordedPackage, VersionBound } from '../trace/evidence.ts';
import type { UseKind } from '../trace/use-kind.ts';

/** One way in which two installed images differ, seen from the one in which more was visible. */
export interface ImageDifference {
  readonly aspect: 'file' | 'linked-library' | 'interpreter' | 'symbol' | 'content' | 'mode' | 'link-target';
  readonly change: 'added' | 'removed' | 'changed';
  /** Path of the installed file as it will be on the system. */
  readonly path: string;
  /** The soname, symbol, interpreter or target of a link; absent for the other aspects. */
  readonly name?: string;
  /** Only for a symbol: the file looks for it in libraries and does not define it. */
  readonly imported?: true;
}

/** What a build saw, as an image that is the same wherever the same is visible. */
export interface ExportedView {
  /** The SHA-256 of the EROFS image, as 64 hexadecimal digits. */
  readonly image: string;
  /** Of its dm-verity hashes, as 64 hexadecimal digits. */
  readonly rootHash: string;
}

/** What a build installs, by which another version's image is compared. */
export interface InstalledImage {
  /** Paths of files and links as they will be on the system, sorted; folders are left out. */
  readonly files: readonly string[];
  /** The ELF files that have a DT_SONAME or a DT_NEEDED, in the order of their paths. */
  readonly elf: readonly {
    readonly path: string;
    readonly soname?: string;
    readonly needed: readonly string[];
  }[];
}

/** A function of an eclass that the ebuild inherits. */
export interface EclassCall {
  readonly eclass: string;
  readonly function: string;
}

/**
 * How an installed file names what it finds only when it runs:
 *
 * - `soname`: a string of an ELF file that is a soname, as dlopen(3) takes it.
 * - `dlopen-note`: an entry of `.note.dlopen` (ELF Dlopen Metadata specification of the UAPI group).
 * - `typelib`: a namespace and version of GObject introspection, such as `Gtk-3.0`.
 * - `python`, `perl`, `ruby`: a module, such as `yaml`, `JSON::XS` or `nokogiri`.
 * - `command`: a program that a shell script runs.
 * - `qml`: a QML module, perhaps with its version, such as `QtQuick.Controls 2.15`.
 * - `python-metadata`: a distribution of Python that another one requires, in its normal form (PEP 503), such as `markupsafe`.
 * - `perl-metadata`: a module that MYMETA.json requires at run time (CPAN::Meta::Spec).
 */
export type NamedKind =
  | 'soname'
  | 'dlopen-note'
  | 'typelib'
  | 'python'
  | 'perl'
  | 'ruby'
  | 'command'
  | 'qml'
  | 'python-metadata'
  | 'perl-metadata';

/** A name in an installed file, and what shows that it is meant. */
export interface Naming {
  readonly kind: NamedKind;
  readonly wanted: string;
  /**
   * For a soname or a command, what shows that the package is the business of the ebuild: it used the package's headers, src_test loaded the
   * library, the build ran the program, or the ebuild declares the package for its build. Absent if nothing does.
   */
  readonly ground?: 'headers' | 'test' | 'run' | 'declared';
  /** For a note, what it is for, as the file says it. */
  readonly purpose?: string;
  /** For metadata, the requirement as upstream writes it, e.g. `MarkupSafe (>=2.0)`. */
  readonly stated?: string;
  /** For metadata, whether only some versions of the interpreter require it. */
  readonly isForVersion?: true;
}

/** A package that an installed file names and does not surely need, or that RDEPEND, its closure or @system brings. */
export interface NamedPackage {
  readonly package: RecordedPackage;
  readonly atom: string;
  readonly named: Naming;
  /** Whether the file says or shows that it can do without. */
  readonly isOptional: boolean;
  /** Why the package is there when the ebuild's own one runs; absent if it need not be. */
  readonly licence?: PackageUse['licence'];
  readonly evidence: readonly Evidence[];
}

/** Something that an installed file needs and that no other package of the root has. */
export interface UnresolvedNeed {
  /** `library`: linked by its soname (DT_NEEDED). */
  readonly kind: 'library' | NamedKind;
  readonly wanted: string;
  /** Path of the installed file. */
  readonly user: string;
  /** The file of the package's own installed version that has it, if there is one. */
  readonly ownPath?: string;
}

/** A package that the ebuild needs and did not declare when the trial ran. */
export interface Need {
  readonly variable: DependencyVariable;
  readonly package: RecordedPackage;
  /** The atom to add: that of a virtual if one stands for the package, else category/name. */
  readonly atom: string;
  /**
   * `proven`: a phase failed without the package and passed with it, or the installed image links it.
   * `denied`: a phase failed after the package was denied, and no trial has confirmed it yet.
   */
  readonly certainty: 'proven' | 'denied';
  readonly evidence: readonly Evidence[];
  /** Present if an installed file only names it; the evidence is one file that does. */
  readonly named?: Naming;
  /** Versions that the build's own checks ask for. */
  readonly bounds?: readonly VersionBound[];
  /** Other packages with which, each alone, the build passed too. */
  readonly instead?: readonly RecordedPackage[];
  /** The function that runs its program, if that is an eclass's: then it is not the ebuild that lacks the atom. */
  readonly calledBy?: EclassCall;
  /** Other packages that may have the program that is needed, as category/name. Their files are not known unless they are installed. */
  readonly others?: readonly string[];
  /** `profiles/package.deprecated` lists the package, and no other one is known that has the files. */
  readonly deprecated?: true;
  /** Eclasses of the ebuild's repositories that would bring the atom, e.g. `cmake`. */
  readonly eclasses?: readonly string[];
  /** The eclass of the ebuild's repositories that makes the atoms of this interpreter, e.g. `python-any-r1`; see `language.ts`. */
  readonly languageEclass?: string;
}

/** An undeclared package that the build looked for and passed without. */
export interface Probe {
  readonly package: RecordedPackage;
  /** The atom to add if the package is wanted. */
  readonly atom: string;
  /**
   * The variables in which the atom would belong, by what the build looked for; also RDEPEND if the image of the
   * build with the package needs it to run.
   */
  readonly variables: readonly DependencyVariable[];
  /**
   * The effect of showing the package, found by building with it. `none`: the same image; `changes`: another image;
   * `breaks`: the build fails; `untried`: no build has tried it (yet).
   */
  readonly effect: 'none' | 'changes' | 'breaks' | 'untried';
  /** Other packages that also had to be visible for the effect, e.g. pkg-config, which finds the package. */
  readonly beside?: readonly RecordedPackage[];
  /** Present if the build uses nothing of it but a .pc file without flags for compiling and linking, such as that of a folder. */
  readonly asksOnlyVariables?: true;
  readonly differences: readonly ImageDifference[];
  readonly evidence: readonly Evidence[];
  readonly bounds?: readonly VersionBound[];
  /** The failure of the build with the package, if the effect is `breaks`. */
  readonly failure?: FailedPhase;
}

/** A visible package that the ebuild's own processes used, or that the image needs in order to run. */
export interface PackageUse {
  readonly package: RecordedPackage;
  /** The atom that an author would write for it. */
  readonly atom: string;
  /**
   * The reason why it was visible; see {@link Licence}. A package that only the package manager needs is a {@link
   * Need} instead.
   */
  readonly licence: 'declared' | 'system' | 'closure';
  /** If it is visible through others: the declared packages, as category/name, whose RDEPEND closure contains it. */
  readonly through?: readonly string[];
  /** A header of one of these whose inline functions or macros call the library that is linked. */
  readonly calledIn?: string;
  /** Each kind of use, with a few accesses that show it. */
  readonly kinds: readonly { readonly kind: UseKind; readonly evidence: readonly Evidence[] }[];
  readonly bounds: readonly VersionBound[];
  /** The flags of the package that installed what was used, as far as the names of the files show them. */
  readonly flags?: readonly string[];
  /** As in a {@link Need}. */
  readonly deprecated?: true;
  /**
   * Only for what the image links: another build would not link it anew, or need not. Its files were built elsewhere, or
   * the subslot is that of a private interface that is not used.
   */
  readonly relinked?: false;
  /** Only if metadata of the image requires it, and nothing else shows a use: the requirement as upstream writes it. */
  readonly requirement?: string;
  /**
   * Only for what the build both runs and builds against, or whose module requires what the other variable does not show: the variable that
   * would have to bring it, and does not.
   */
  readonly lacksIn?: BuildVariable;
}

/** The outcome of a build without one declared atom. */
export interface Removal {
  /** The variable in which the text or an eclass declares it. */
  readonly variable: DependencyVariable;
  /** As `printAtom` prints it. */
  readonly atom: string;
  /** `same`: the same image, and the tests passed or there are none; `untried`: no build has shown it. */
  readonly outcome: 'same' | 'differs' | 'fails' | 'untried';
  /** Whether src_test was run in both builds. */
  readonly tested: boolean;
  readonly differences: readonly ImageDifference[];
}

export interface FailedPhase {
  readonly phase: string;
  /** The first line of the log that looks like the reason, without terminal escapes. */
  readonly firstError: string;
}

/** What a trial spent its time on, in milliseconds. */
export interface TrialTime {
  readonly took: number;
  /** Its phases, as `TrialProgress` names them, in the order in which they began, each since the trial began. */
  readonly phases: readonly { readonly name: string; readonly began: number }[];
}

/** An option of upstream's build that is on or off. */
export interface BuildOption {
  readonly system: 'cmake' | 'configure' | 'meson';
  /** As the build files have it: `introspection`, `WITH_PNG`. */
  readonly name: string;
  /** `with`: `--with-NAME`; `enable`: `--enable-NAME`; `feature`: `enabled` or `disabled`; `boolean`: true or false. */
  readonly values: 'with' | 'enable' | 'feature' | 'boolean';
}

/** A declared and active atom that no installed package satisfies. */
export interface MissingAtom {
  readonly variable: DependencyVariable;
  readonly atom: string;
  /** A clause that says why no binary package could stand in, e.g. `no binary package has that version`; absent: nothing was looked for. */
  readonly why?: string;
  /** Whether repositories offer an ebuild for it, or only a masked one; absent: it is not known. */
  readonly offered?: 'visible' | 'masked' | 'none';
}

/** A binary package that a trial put on the root. */
export interface RecordedLayer {
  /** `category/PF` */
  readonly id: string;
  /** The name of the binhost that it came from; empty for a package folder. */
  readonly binhost: string;
  /** The SHA-256 of what it holds. */
  readonly digest: string;
}

export interface TrialRecord {
  readonly format: 1;
  readonly category: string;
  /** `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
  readonly packageManager: string;
  /** The text that was built. */
  readonly text: string;
  /** That text without the comments that ignore findings. */
  readonly bareText: string;
  /** The dependency variables as the package manager evaluated them for that text. */
  readonly evaluated: Readonly<Record<DependencyVariable, string>>;
  /**
   * The evaluated atoms that are not known to be in the text, because eclasses bring them. They hold for later texts
   * too.
   */
  readonly inherited: Readonly<Record<DependencyVariable, readonly string[]>>;
  /** The flags that were enabled, also implicit ones such as `elibc_glibc`. */
  readonly use: readonly string[];
  /** IUSE without `+` and `-`. */
  readonly iuse: readonly string[];
  /** `running` while findings still arrive; the other two are final. */
  readonly outcome: 'running' | 'passed' | 'failed';
  readonly failure?: FailedPhase;
  readonly needs: readonly Need[];
  readonly probes: readonly Probe[];
  readonly uses: readonly PackageUse[];
  readonly named: readonly NamedPackage[];
  readonly unresolved: readonly UnresolvedNeed[];
  readonly removals: readonly Removal[];
  /** The options of the build files; present only if there are any, and a probe has an effect, which they may avoid. */
  readonly options?: readonly BuildOption[];
  readonly incidents: readonly Incident[];
  /** Trials of the same text in other USE states, if they were asked for. A variant has no variants. */
  readonly variants: readonly TrialRecord[];
  /** Declared and active atoms that no installed package satisfies. */
  readonly notInstalled: readonly MissingAtom[];
  /** The binary packages that the trial put on the root, because it lacks what the ebuild declares; absent: none. */
  readonly layers?: readonly RecordedLayer[];
  /** Clauses about what the trial could not observe. */
  readonly gaps: readonly string[];
  /**
   * Present if no build of this record has run src_test: `left-out` if the sources have tests, or the ebuild says so; `restricted` if the user
   * has asked for it and RESTRICT forbids it.
   */
  readonly untested?: 'left-out' | 'restricted';
  /** Programs that a failed build looked for in vain, with a program of a declared package that has the name and a version; absent if none. */
  readonly suffixedPrograms?: readonly {
    readonly wanted: string;
    readonly path: string;
    readonly package: RecordedPackage;
  }[];
  /** Packages, as `category/name`, that an edit may add although they need this package to be built; absent if there are none. */
  readonly cycles?: readonly string[];
  /** The settings that every build of the trial had, and that may show in its image, by their names. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A digest of the installed image: the same only if the images are. Absent if not everything could be read, or nothing asked for it. */
  readonly image?: string;
  /** Absent if no build has an image, or it has more files than a record holds. */
  readonly installed?: InstalledImage;
  /** Path of the whole build log; empty if it is no longer kept. */
  readonly log: string;
  /**
   * When the trial ended, in milliseconds since the epoch, if the record was stored; absent if the trial has just
   * been run.
   */
  readonly storedAt?: number;
  /** Absent while the trial runs, in a record of another builder, and in a variant. */
  readonly time?: TrialTime;
  /** What the first build saw, as it was last exported; absent if it was not, in a record of another builder, and in a variant. */
  readonly view?: ExportedView;
  /** The names of the keys that signed the record of another builder; absent if the trial was run on this machine. */
  readonly sharedBy?: readonly string[];
  /** Sentences about records of other builders that contradict each other or this trial; absent if none do. Not stored. */
  readonly disputes?: readonly string[];
}

/** What a trial has found before its first build. */
export const NOTHING_FOUND = {
  needs: [],
  probes: [],
  uses: [],
  named: [],
  unresolved: [],
  removals: [],
  incidents: [],
  variants: [],
} as const satisfies Partial<TrialRecord>;
