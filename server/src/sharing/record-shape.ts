/**
 * The shape of a foreign record. Names of it become edits of an ebuild, so none can be more than a name. The types are those of the room
 * `audit`: a key that is added there and not here is an error of the compiler.
 */
import type {
  BuildOption,
  FailedPhase,
  ImageDifference,
  InstalledImage,
  MissingAtom,
  NamedPackage,
  Naming,
  Need,
  PackageUse,
  Probe,
  RecordedLayer,
  Removal,
  TrialRecord,
  UnresolvedNeed,
} from '../audit/record.ts';
import { parseAtom } from '../pms/atom.ts';
import {
  BUILD_VARIABLES,
  DEPENDENCY_VARIABLES,
  type DependencyVariable,
} from '../pms/dependency-variable.ts';
import type { Evidence, Incident, RecordedPackage, VersionBound } from '../trace/evidence.ts';
import { USE_KINDS } from '../trace/use-kind.ts';
import {
  checked,
  count,
  flag,
  list,
  map,
  object,
  oneOf,
  type Shape,
  ShapeError,
  shape,
  text,
  word,
} from './shape.ts';

/** Limits for the lists of a record. */
const MANY = 20_000;
const FEW = 1000;
const MOST_STATES = 5000;

export const CATEGORY = word(/^\w[\w+.-]*$/, 'a category', 100);
export const PACKAGE_NAME = word(/^[\w+][\w+-]*$/, 'the name of a package', 200);
export const PACKAGE_AND_VERSION = word(/^[\w+][\w+.-]*$/, 'a package with its version', 255);
export const PACKAGE_ID = word(/^\w[\w+.-]*\/[\w+][\w+.-]*$/, 'a package', 400);
const QUALIFIED_NAME = word(/^\w[\w+.-]*\/[\w+][\w+-]*$/, 'the name of a package', 300);
export const VERSION = word(/^\w[\w.+-]*$/, 'a version', 200);
export const SLOT = word(/^\w[\w+.-]*$/, 'a slot', 100);
export const FLAG = word(/^[\w+][\w+@.-]*$/, 'a USE flag', 200);
export const ECLASS = word(/^[A-Za-z_][\w.-]*$/, 'the name of an eclass', 200);
export const DIGEST = word(/^[0-9a-f]{64}$/, 'a SHA-256', 64);
const FUNCTION = word(/^[A-Za-z_][\w.-]*$/, 'the name of a function', 200);
/** No quote, blank or character that means something to a shell, apart from those of atoms. */
export const ATOM = checked(
  word(/^[\w+.:=<>~!*/@[\](),?-]+$/, 'an atom', 1000),
  (found) => parseAtom(found).atom !== undefined,
  'an atom',
);
const PATH = checked(text(4096), (found) => !found.includes('\0'), 'a path');
/** Atoms of eclasses may be invalid, and are only compared. */
const INHERITED = word(/^[^\s"'`$\\;&|]+$/, 'an atom', 1000);
const LINE = text(10_000);
const VARIABLE = oneOf(...DEPENDENCY_VARIABLES);

export const byVariable = <T>(shape: Shape<T>): Shape<Readonly<Record<DependencyVariable, T>>> =>
  object<Readonly<Record<DependencyVariable, T>>>(
    { RDEPEND: shape, DEPEND: shape, BDEPEND: shape, IDEPEND: shape, PDEPEND: shape } as never,
    {} as never,
  );

const TRUE = oneOf(true);
const FLAGS = list(FLAG, MANY);

const RECORDED = object<RecordedPackage>(
  { category: CATEGORY, name: PACKAGE_NAME, version: VERSION, slot: SLOT, subslot: SLOT, use: FLAGS },
  {},
);
const EVIDENCE = object<Evidence>(
  {
    phase: text(200),
    program: PATH,
    chain: list(LINE, FEW),
    operation: oneOf('execute', 'read', 'look-up', 'link', 'name'),
    path: PATH,
    result: oneOf('denied', 'seen'),
    count: count(),
  },
  {},
);
const EVIDENCES = list(EVIDENCE, MANY);
const BOUND = object<VersionBound>(
  { operator: oneOf('>=', '>', '=', '<=', '<'), version: VERSION, statedBy: LINE },
  {},
);
const BOUNDS = list(BOUND, FEW);
const INCIDENT = object<Incident>(
  { kind: oneOf('network-access', 'plain-tool', 'unowned-file'), evidence: EVIDENCE },
  {},
);
const NAMED_KIND = oneOf(
  'soname',
  'dlopen-note',
  'typelib',
  'python',
  'perl',
  'ruby',
  'command',
  'qml',
  'python-metadata',
  'perl-metadata',
);
const NAMING = object<Naming>(
  { kind: NAMED_KIND, wanted: PATH },
  { ground: oneOf('headers', 'test', 'run', 'declared'), purpose: LINE, stated: LINE, isForVersion: TRUE },
);
const LICENCE = oneOf('declared', 'system', 'closure');
const NAMED_PACKAGE = object<NamedPackage>(
  { package: RECORDED, atom: ATOM, named: NAMING, isOptional: flag(), evidence: EVIDENCES },
  { licence: LICENCE },
);
const UNRESOLVED = object<UnresolvedNeed>(
  {
    kind: shape<UnresolvedNeed['kind']>(
      (value, path) => (value === 'library' ? value : NAMED_KIND(value, path)),
      { enum: ['library', ...(NAMED_KIND.schema.enum as string[])] },
    ),
    wanted: PATH,
    user: PATH,
  },
  { ownPath: PATH },
);
const NEED = object<Need>(
  {
    variable: VARIABLE,
    package: RECORDED,
    atom: ATOM,
    certainty: oneOf('proven', 'denied'),
    evidence: EVIDENCES,
  },
  {
    named: NAMING,
    bounds: BOUNDS,
    instead: list(RECORDED, FEW),
    calledBy: object({ eclass: ECLASS, function: FUNCTION }, {}),
    others: list(QUALIFIED_NAME, FEW),
    deprecated: TRUE,
    eclasses: list(ECLASS, FEW),
    languageEclass: ECLASS,
  },
);
const DIFFERENCES = list(
  object<ImageDifference>(
    {
      aspect: oneOf('file', 'linked-library', 'interpreter', 'symbol', 'content', 'mode', 'link-target'),
      change: oneOf('added', 'removed', 'changed'),
      path: PATH,
    },
    { name: PATH, imported: TRUE },
  ),
);
const FAILURE = object<FailedPhase>({ phase: text(200), firstError: LINE }, {});
const PROBE = object<Probe>(
  {
    package: RECORDED,
    atom: ATOM,
    variables: list(VARIABLE, 5),
    effect: oneOf('none', 'changes', 'breaks', 'untried'),
    differences: DIFFERENCES,
    evidence: EVIDENCES,
  },
  { beside: list(RECORDED, FEW), asksOnlyVariables: TRUE, bounds: BOUNDS, failure: FAILURE },
);
const USE = object<PackageUse>(
  {
    package: RECORDED,
    atom: ATOM,
    licence: LICENCE,
    kinds: list(object({ kind: oneOf(...USE_KINDS), evidence: EVIDENCES }, {}), USE_KINDS.length),
    bounds: BOUNDS,
  },
  {
    through: list(QUALIFIED_NAME, MANY),
    calledIn: PATH,
    flags: FLAGS,
    deprecated: TRUE,
    relinked: oneOf(false),
    requirement: LINE,
    lacksIn: oneOf(...BUILD_VARIABLES),
  },
);
const REMOVAL = object<Removal>(
  {
    variable: VARIABLE,
    atom: ATOM,
    outcome: oneOf('same', 'differs', 'fails', 'untried'),
    tested: flag(),
    differences: DIFFERENCES,
  },
  {},
);
const OPTION = object<BuildOption>(
  {
    system: oneOf('cmake', 'configure', 'meson'),
    name: word(/^[\w.+:/-]+$/, 'the name of an option', 200),
    values: oneOf('with', 'enable', 'feature', 'boolean'),
  },
  {},
);
const IMAGE = object<InstalledImage>(
  {
    files: list(PATH),
    elf: list(object({ path: PATH, needed: list(PATH, FEW) }, { soname: PATH })),
  },
  {},
);
const INSTEAD = object<NonNullable<TrialRecord['suffixedPrograms']>[number]>(
  { wanted: PATH, path: PATH, package: RECORDED },
  {},
);
const MISSING_ATOM = object<MissingAtom>(
  { variable: VARIABLE, atom: ATOM },
  { why: LINE, offered: oneOf('visible', 'masked', 'none') },
);
const LAYER = object<RecordedLayer>({ id: PACKAGE_ID, binhost: text(200), digest: DIGEST }, {});

/** What names this machine or its time is in no record that travels. */
type Travelling = Omit<TrialRecord, 'log' | 'storedAt' | 'time' | 'view' | 'sharedBy' | 'disputes'>;

const ofRecord = (variants: Shape<TrialRecord['variants']>): Shape<Travelling> =>
  object<Travelling>(
    {
      format: oneOf(1),
      category: CATEGORY,
      packageAndVersion: PACKAGE_AND_VERSION,
      packageManager: text(200),
      text: text(),
      bareText: text(),
      evaluated: byVariable(text()),
      inherited: byVariable(list(INHERITED, MANY)),
      use: FLAGS,
      iuse: FLAGS,
      // A running trial is not stored.
      outcome: oneOf('passed', 'failed'),
      needs: list(NEED, MANY),
      probes: list(PROBE, MANY),
      uses: list(USE, MANY),
      named: list(NAMED_PACKAGE, MANY),
      unresolved: list(UNRESOLVED, MANY),
      removals: list(REMOVAL, MANY),
      incidents: list(INCIDENT, MANY),
      variants,
      notInstalled: list(MISSING_ATOM, MANY),
      gaps: list(LINE, FEW),
    },
    {
      failure: FAILURE,
      options: list(OPTION, MANY),
      untested: oneOf('left-out', 'restricted'),
      suffixedPrograms: list(INSTEAD, FEW),
      cycles: list(QUALIFIED_NAME, MANY),
      environment: map(/^[A-Za-z][\w -]*$/, text(1000), 100),
      image: DIGEST,
      installed: IMAGE,
      layers: list(LAYER, MANY),
    },
  );

/** A record has a path of its log, if only an empty one. */
const asRecord = (read: Shape<Travelling>): Shape<TrialRecord> =>
  shape((value, path) => ({ ...read(value, path), log: '' }), read.schema);

const NO_VARIANTS: Shape<TrialRecord['variants']> = list<TrialRecord>(
  shape((_, path) => {
    throw new ShapeError(`${path.replace(/^\./, '')} is a state of a state`);
  }, {}),
  0,
);

const STATE = asRecord(ofRecord(NO_VARIANTS));

/** A record as it travels: without the path of its log and the time of its trial. */
export const RECORD: Shape<TrialRecord> = asRecord(ofRecord(list(STATE, MOST_STATES)));

/** The parts that have names in the schema. */
export const RECORD_PARTS: Readonly<Record<string, Shape<unknown>>> = {
  atom: ATOM,
  bound: BOUND,
  buildOption: OPTION,
  digest: DIGEST,
  eclass: ECLASS,
  evidence: EVIDENCE,
  failure: FAILURE,
  flag: FLAG,
  imageDifferences: DIFFERENCES,
  installedImage: IMAGE,
  namedPackage: NAMED_PACKAGE,
  naming: NAMING,
  need: NEED,
  package: RECORDED,
  path: PATH,
  probe: PROBE,
  removal: REMOVAL,
  state: STATE,
  unresolvedNeed: UNRESOLVED,
  use: USE,
};
