import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { Evidence } from '../trace/evidence.ts';
import { classifyPath } from '../trace/path-class.ts';
import { type UseKind, variableFor } from '../trace/use-kind.ts';

/** The reason why each kind of use points to the variable that `variableFor` gives. */
const USE_REASONS: Readonly<Record<UseKind, string>> = {
  program: 'A program that the build runs must be installed on the machine that builds',
  'build-module': 'A module or macro that a build tool loads must be installed on the machine that builds',
  header: 'A header must be installed for the machine that the package will run on',
  library: 'A library that the linker uses must be installed for the machine that the package will run on',
  'pkg-config': 'A .pc file says how to build against its package',
  cmake: 'A package configuration of CMake says how to build against its package',
  description: 'A .gir or .vapi file describes a library that is built against',
  data: 'A package whose files the build needs must be installed during the build',
  linked: 'A library that an installed file links (DT_NEEDED) must be installed when the package runs',
  interpreter: 'The interpreter of an installed file must be installed when the package runs',
  named: 'What an installed file loads or runs by its name must be installed when the package runs',
};

/** The rule by which a kind of use points to a dependency variable, as one sentence. */
function useRule(kind: UseKind): string {
  const variable = variableFor(kind);
  return `${USE_REASONS[kind]}${variable === undefined ? '' : `: ${variable}`} (PMS 8.1).`;
}

/** The rules of findings that do not follow from a single kind of use. */
export const RULES = {
  automagic:
    'A package that the build picks up by itself makes the result differ between machines: declare it or switch it off.',
  transitive:
    'Declare a package that is used directly, because the package that brings it may stop needing it (PMS 8.1).',
  misplacedProgram:
    'Programs that run during the build belong in BDEPEND; DEPEND is for packages that are built against (PMS 8.1).',
  misplacedLibrary:
    'Packages that are built against belong in DEPEND; BDEPEND is for programs that run during the build (PMS 8.1).',
  unused: 'A build that gives the same result without a package does not depend on it (PMS 8.1).',
  'missing-slot-operator':
    "With `:=`, a package that links a library is rebuilt when the library's subslot changes (PMS 8.3.3).",
  'prefer-virtual': 'A virtual lets users choose among the packages that provide the same files.',
  'missing-use-conditional': 'Declare a package that only a USE flag needs under that flag (PMS 8.2.2).',
  'missing-use-dependency':
    'A package that must have been built with a flag is declared with a USE dependency (PMS 8.3.4).',
  declaredTooNarrowly:
    'Declare a package that is needed with the flag off outside its USE conditional (PMS 8.2.2).',
  'failing-use-state': 'Every USE state that REQUIRED_USE allows must build (PMS 7.3.4).',
  'ineffective-flag':
    'A USE flag chooses something that is installed or needed; a flag that chooses nothing makes users rebuild in vain (PMS 7.3).',
  'network-access':
    'The src_ phases use only files that SRC_URI names, so that every build gives the same result without a network (PMS 9).',
  'refused-version': 'An atom asks for the versions that the build accepts (PMS 8.3.1).',
  'optional-rdepend':
    'A package that an installed file can do without is no dependency: pkg_postinst names it with optfeature (optfeature.eclass).',
  'unresolved-need':
    'What an installed file needs when it runs must come from a package that RDEPEND brings (PMS 8.1).',
  'suffixed-program':
    'A package whose versions are installed side by side has no program of the plain name (PMS 7.1, SLOT).',
  'plain-tool':
    'Packages are built with the tools of CHOST, whose names begin with it, so that they can be built for another machine (toolchain-funcs.eclass).',
  'unowned-file': 'A dependency variable can only bring files that a package owns (PMS 8.1).',
} as const;

/** The rule that leads from an access to a package's file to the variable. */
export function ruleOf(evidence: Evidence | undefined, variable: DependencyVariable): string {
  if (evidence?.operation === 'name') return useRule('named');
  if (variable === 'RDEPEND') return useRule(evidence?.operation === 'execute' ? 'interpreter' : 'linked');
  const kind = evidence === undefined ? 'data' : classifyPath(evidence.path);
  // The first access may show another kind of use than the one that points to the variable.
  if (kind === 'data' || variableFor(kind) === variable) return useRule(kind);
  return useRule(variable === 'BDEPEND' ? 'program' : 'data');
}
