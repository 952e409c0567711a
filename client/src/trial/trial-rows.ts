/** The rows of the view of a trial, and what each says. Nothing here knows the editor, so that it can be tested without one. */
import type { TrialAccessesResult, TrialDependency, TrialUsesResult } from '../../../server/src/protocol.ts';

type Owner = TrialAccessesResult['owners'][number];
type Phase = Owner['phases'][number];
type Program = Phase['programs'][number];
type File = Program['files'][number];
type Severity = TrialDependency['findings'][number]['severity'];

/** A row. Its id is the same as long as it means the same, so that what the user has opened stays open. */
export type TrialRow = { readonly id: string } & (
  | {
      readonly kind: 'group';
      readonly group: TrialDependency['group'];
      readonly dependencies: readonly TrialDependency[];
    }
  | { readonly kind: 'dependency'; readonly dependency: TrialDependency }
  | { readonly kind: 'owner'; readonly owner: Owner; readonly isOnly: boolean }
  | { readonly kind: 'phase'; readonly phase: Phase; readonly isOnly: boolean }
  | { readonly kind: 'program'; readonly program: Program; readonly isOnly: boolean }
  | { readonly kind: 'file'; readonly file: File }
  /** Stands for rows that are too many to be shown at once. */
  | { readonly kind: 'more'; readonly rows: readonly TrialRow[] }
  | { readonly kind: 'limit'; readonly text: string }
);

/** How a row looks and sounds. */
export interface RowLook {
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** The name of a codicon. */
  readonly icon: string;
  /** That of the worst finding, which gives the icon its colour. */
  readonly severity?: Severity;
  /** `none`: no row is below it. */
  readonly state: 'none' | 'collapsed' | 'expanded';
  /** What a reader of the screen says. */
  readonly spoken: string;
}

/** The rows that are shown at once below another one. */
const MOST_ROWS = 200;

/** The topmost rows: the groups that have dependencies, then what the view leaves out. */
export function topRows({
  dependencies,
  limits,
}: Pick<TrialUsesResult, 'dependencies' | 'limits'>): TrialRow[] {
  const groups = new Map<TrialDependency['group'], TrialDependency[]>();
  for (const dependency of dependencies) {
    const known = groups.get(dependency.group);
    if (known === undefined) groups.set(dependency.group, [dependency]);
    else known.push(dependency);
  }
  return [
    ...[...groups].map(([group, own]): TrialRow => ({ kind: 'group', id: group, group, dependencies: own })),
    ...limits.map((text, at): TrialRow => ({ kind: 'limit', id: `limit ${at}`, text })),
  ];
}

/** The rows below a row. Those below a dependency come from the server: {@link ownerRows}. */
export function rowsBelow(row: TrialRow): readonly TrialRow[] {
  switch (row.kind) {
    case 'group':
      return inPages(
        row.id,
        row.dependencies.map((dependency) => ({
          kind: 'dependency',
          id: `${row.id}/${dependency.id}`,
          dependency,
        })),
      );
    case 'owner': {
      const { phases } = row.owner;
      const isOnly = phases.length === 1;
      return phases.map((phase) => ({ kind: 'phase', id: `${row.id}/${phase.phase}`, phase, isOnly }));
    }
    case 'phase': {
      const { programs } = row.phase;
      const isOnly = programs.length === 1;
      return inPages(
        row.id,
        programs.map((program) => ({ kind: 'program', id: `${row.id}/${program.program}`, program, isOnly })),
      );
    }
    case 'program':
      return inPages(
        row.id,
        row.program.files.map((file, at) => ({ kind: 'file', id: `${row.id}/${at} ${file.path}`, file })),
      );
    case 'more':
      return inPages(row.id, row.rows);
    default:
      return [];
  }
}

/** The rows below a dependency. */
export function ownerRows(id: string, { owners }: TrialAccessesResult): TrialRow[] {
  const isOnly = owners.length === 1;
  return owners.map((owner, at) => ({ kind: 'owner', id: `${id}/${at} ${owner.package}`, owner, isOnly }));
}

/** The first rows, and one for all others. */
function inPages(id: string, rows: readonly TrialRow[]): readonly TrialRow[] {
  if (rows.length <= MOST_ROWS) return rows;
  return [
    ...rows.slice(0, MOST_ROWS),
    { kind: 'more', id: `${id}/after ${rows[MOST_ROWS]?.id}`, rows: rows.slice(MOST_ROWS) },
  ];
}

const GROUP_NAMES: Partial<Record<TrialDependency['group'], string>> = {
  undeclared: 'Undeclared packages',
  closure: 'Brought by other packages',
  system: 'In @system',
};

const STATES: Readonly<Record<TrialDependency['state'], { readonly words: string; readonly icon: string }>> =
  {
    needed: { words: 'needed', icon: 'circle-filled' },
    used: { words: 'used', icon: 'pass' },
    named: { words: 'named by installed files', icon: 'tag' },
    'looked-for': { words: 'looked for, not needed', icon: 'search' },
    'not-used': { words: 'no use seen', icon: 'circle-outline' },
    'not-installed': { words: 'not installed', icon: 'circle-slash' },
  };

/** What a row says. */
export function describeRow(row: TrialRow): RowLook {
  switch (row.kind) {
    case 'group':
      return describeGroup(row);
    case 'dependency':
      return describeDependency(row.dependency);
    case 'owner': {
      const { owner } = row;
      const files = owner.phases.flatMap(({ programs }) => programs.flatMap((program) => program.files));
      return branch(row, owner.package, 'package', `Package ${owner.package}`, files);
    }
    case 'phase': {
      const { phase, programs } = row.phase;
      return branch(
        row,
        phase,
        'symbol-event',
        `Phase ${phase}`,
        programs.flatMap(({ files }) => files),
      );
    }
    case 'program': {
      const { program, files } = row.program;
      const name = program.slice(program.lastIndexOf('/') + 1) || program;
      return { ...branch(row, name, 'terminal', `Program ${name}`, files), tooltip: program };
    }
    case 'file':
      return describeFile(row.file);
    case 'more':
      return leaf(`${row.rows.length} more`, 'ellipsis', { state: 'collapsed' });
    case 'limit':
      return leaf(row.text, 'info', { spoken: `Note: ${row.text}` });
  }
}

function describeGroup({ group, dependencies }: Extract<TrialRow, { kind: 'group' }>): RowLook {
  const name = GROUP_NAMES[group] ?? group;
  const found = dependencies.filter(({ findings }) => findings.length > 0).length;
  const description = `${dependencies.length}${found === 0 ? '' : `, ${found} with findings`}`;
  return leaf(name, group === 'undeclared' ? 'question' : 'symbol-array', {
    description,
    state: group === 'closure' || group === 'system' ? 'collapsed' : 'expanded',
    spoken: `${name}: ${description}`,
  });
}

const SEVERITIES: readonly Severity[] = ['error', 'warning', 'information', 'hint'];
const FINDING_ICONS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'info',
  hint: 'lightbulb',
};

function describeDependency(dependency: TrialDependency): RowLook {
  const { atom, state, group, variables, owners, accesses, findings, range } = dependency;
  const severity = SEVERITIES.find((worst) => findings.some((finding) => finding.severity === worst));
  const codes = [...new Set(findings.map(({ code }) => code))];
  const isInherited = variables.includes(group) && range === undefined;
  const words = [
    ...codes,
    STATES[state].words,
    ...(group === 'undeclared' && variables.length > 0 ? [variables.join(', ')] : []),
    ...(isInherited ? ['from an eclass'] : []),
    ...(accesses > 0 ? [countAccesses(accesses)] : []),
  ];
  const description = words.join(' · ');
  const messages = findings.map(({ code, message }) => `${code}: ${message}`);
  return {
    label: atom,
    description,
    tooltip: [`${atom}: ${words.join(', ')}`, ...owners, ...messages].join('\n'),
    icon: severity === undefined ? STATES[state].icon : FINDING_ICONS[severity],
    ...(severity !== undefined && { severity }),
    state: owners.length === 0 ? 'none' : 'collapsed',
    spoken: `${atom}, ${words.join(', ')}`,
  };
}

function describeFile({ name, sentence, denied, count, kind }: File): RowLook {
  const words = [
    ...(kind === undefined ? [] : [kind.replaceAll('-', ' ')]),
    ...(denied ? ['hidden'] : []),
    ...(count > 1 ? [countAccesses(count)] : []),
  ];
  return leaf(name, denied ? 'eye-closed' : 'file', {
    description: words.join(' · '),
    tooltip: sentence,
    spoken: [name, ...words].join(', '),
  });
}

function branch(
  { isOnly }: { readonly isOnly: boolean },
  label: string,
  icon: string,
  spoken: string,
  files: readonly File[],
): RowLook {
  const description = countAccesses(files.reduce((sum, { count }) => sum + count, 0));
  return leaf(label, icon, {
    description,
    state: isOnly ? 'expanded' : 'collapsed',
    spoken: `${spoken}, ${description}`,
  });
}

function leaf(label: string, icon: string, more: Partial<RowLook> = {}): RowLook {
  return { label, icon, description: '', tooltip: label, state: 'none', spoken: label, ...more };
}

const countAccesses = (count: number): string => `${count} ${count === 1 ? 'access' : 'accesses'}`;
