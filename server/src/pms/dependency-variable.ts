/** The dependency variables of PMS 8.1, in the order in which most ebuilds write them. */
export const DEPENDENCY_VARIABLES = ['RDEPEND', 'DEPEND', 'BDEPEND', 'IDEPEND', 'PDEPEND'] as const;
export type DependencyVariable = (typeof DEPENDENCY_VARIABLES)[number];

/** The variables whose packages are installed during the build (PMS 8.1, table of dependency classes). */
export const BUILD_VARIABLES = ['DEPEND', 'BDEPEND'] as const;
export type BuildVariable = (typeof BUILD_VARIABLES)[number];

/** Whether the packages of a variable are installed while an ebuild is built. */
export function isBuildVariable(variable: DependencyVariable): variable is BuildVariable {
  return (BUILD_VARIABLES as readonly string[]).includes(variable);
}

/** The variables for a library that is built against and linked: for the host that the package will run on (PMS 8.1). */
export const LIBRARY_VARIABLES = ['DEPEND', 'RDEPEND'] as const;

/** The variables whose packages are installed when the package runs or is merged. */
export const RUNTIME_VARIABLES = ['RDEPEND', 'PDEPEND', 'IDEPEND'] as const;

/** The variables that the findings of a trial are about. */
export const TRIAL_VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

/** Makes a record with a value for each dependency variable. */
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

/** Whether the text is the name of a dependency variable. */
export function isDependencyVariable(name: string): name is DependencyVariable {
  return (DEPENDENCY_VARIABLES as readonly string[]).includes(name);
}

/**
 * The variable that has the meaning of this one in an EAPI (PMS 8.1). Before EAPI 7, DEPEND is also BDEPEND; before EAPI 8,
 * RDEPEND is also IDEPEND. An EAPI that is not a number is assumed to have all variables.
 */
export function variableInEapi(variable: DependencyVariable, eapi: string): DependencyVariable {
  const number = /^\d+$/.test(eapi) ? Number(eapi) : Number.POSITIVE_INFINITY;
  if (variable === 'BDEPEND' && number < 7) return 'DEPEND';
  if (variable === 'IDEPEND' && number < 8) return 'RDEPEND';
  return variable;
}
