import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { Evidence } from '../trace/evidence.ts';
import { classifyPath } from '../trace/path-class.ts';
import { type UseKind, variableFor } from '../trace/use-kind.ts';

/** Why each kind of use points to its variable; `variableFor` says to which. */
const USE_REASONS: Readonly<Record<UseKind, string>> = {
  program: 'A program that the build runs must be there on the machine that builds',
  'build-module': 'A module or macro that a build tool loads must be there on the machine that builds',
  header: 'A header is built against, for the machine that the package will run on',
  library: 'A library is what the linker builds against, for the machine that the package will run on',
  'pkg-config': 'A .pc file says how to build against its package',
  cmake: 'A package configuration of CMake says how to build against its package',
  description: 'A .gir or .vapi file describes a library that is built against',
  data: 'What the build needs the file of must be there while it builds',
  linked: 'A library that an installed file links (DT_NEEDED) must be there when the package runs',
  interpreter: 'A program that an installed file is run by must be there when the package runs',
};

/** The rule by which a kind of use points to a dependency variable, as one sentence. */
function useRule(kind: UseKind): string {
  const variable = variableFor(kind);
  return `${USE_REASONS[kind]}${variable === undefined ? '' : `: ${variable}`} (PMS 8.1).`;
}

/** The rule of each finding that no single kind of use leads to. */
export const RULES = {
  automagic:
    'What the build picks up by itself changes what is installed from machine to machine, so it is declared or switched off.',
  transitive:
    'A package that is used directly is declared directly, because what brings it now may stop needing it (PMS 8.1).',
  misplacedProgram:
    'DEPEND is for what is built against; what runs while the package builds is in BDEPEND (PMS 8.1).',
  misplacedLibrary:
    'BDEPEND is for what runs while the package builds; what is built against is in DEPEND (PMS 8.1).',
  unused: 'What is built without a package in just the same way does not depend on it to be built (PMS 8.1).',
  'missing-slot-operator':
    'What links a library has to be rebuilt when the subslot of its package changes, and `:=` says so (PMS 8.3.3).',
  'missing-use-conditional':
    'What is needed under a USE flag only is declared under that flag only (PMS 8.2.2).',
  declaredTooNarrowly:
    'What is needed with a flag off too is declared outside its USE conditional (PMS 8.2.2).',
  'network-access':
    'The src_ phases build from what SRC_URI names, so that everybody builds the same and can do so without a network (PMS 9).',
  'unowned-file': 'A dependency variable can only bring files that a package owns (PMS 8.1).',
} as const;

/** The rule that leads from a traced access to a package's file to the variable. */
export function ruleOf(evidence: Evidence | undefined, variable: DependencyVariable): string {
  if (variable === 'RDEPEND') return useRule(evidence?.operation === 'execute' ? 'interpreter' : 'linked');
  const kind = evidence === undefined ? 'data' : classifyPath(evidence.path);
  // A package may be needed in one way and have its first access in another.
  if (kind === 'data' || variableFor(kind) === variable) return useRule(kind);
  return useRule(variable === 'BDEPEND' ? 'program' : 'data');
}
