/** The dependency variables of PMS 8.1, in the order in which ebuilds mostly write them. */
export const DEPENDENCY_VARIABLES = ['RDEPEND', 'DEPEND', 'BDEPEND', 'IDEPEND', 'PDEPEND'] as const;
export type DependencyVariable = (typeof DEPENDENCY_VARIABLES)[number];

/** Those whose packages are there while an ebuild is built (PMS 8.1, table of dependency classes). */
export const BUILD_VARIABLES = ['DEPEND', 'BDEPEND'] as const;
export type BuildVariable = (typeof BUILD_VARIABLES)[number];

/** Whether the packages of a variable are there while an ebuild is built. */
export function isBuildVariable(variable: DependencyVariable): variable is BuildVariable {
  return (BUILD_VARIABLES as readonly string[]).includes(variable);
}

/** Those that a library is in which is built against and linked: for the host that the package will run on (PMS 8.1). */
export const LIBRARY_VARIABLES = ['DEPEND', 'RDEPEND'] as const;

/** Those whose packages are there while it runs, or is installed. */
export const RUNTIME_VARIABLES = ['RDEPEND', 'PDEPEND', 'IDEPEND'] as const;

/** What is to be there for a build and for what it installs: a trial tells of these. */
export const TRIAL_VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

/** A value for each of them. */
export function recordByVariable<Value>(
  valueFor: (variable: DependencyVariable) => Value,
): Readonly<Record<DependencyVariable, Value>> {
  return {
    RDEPEND: valueFor('RDEPEND'),
    DEPEND: valueFor('DEPEND'),
    BDEPEND: valueFor('BDEPEND'),
    IDEPEND: valueFor('IDEPEND'),
    PDEPEND: valueFor('PDEPEND'),
  };
}

/** Whether the text names one of them. */
export function isDependencyVariable(name: string): name is DependencyVariable {
  return (DEPENDENCY_VARIABLES as readonly string[]).includes(name);
}

/**
 * The variable that does this one's work in an EAPI (PMS 8.1): before EAPI 7 there is no BDEPEND and DEPEND stands for both;
 * before EAPI 8 there is no IDEPEND and RDEPEND stands for it. EAPIs that are not numbers are taken to have all of them.
 */
export function variableInEapi(variable: DependencyVariable, eapi: string): DependencyVariable {
  const number = /^\d+$/.test(eapi) ? Number(eapi) : Number.POSITIVE_INFINITY;
  if (variable === 'BDEPEND' && number < 7) return 'DEPEND';
  if (variable === 'IDEPEND' && number < 8) return 'RDEPEND';
  return variable;
}
