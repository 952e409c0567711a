/** The dependency variables of PMS 8.1, in the order in which ebuilds mostly write them. */
export const DEPENDENCY_VARIABLES = ['RDEPEND', 'DEPEND', 'BDEPEND', 'IDEPEND', 'PDEPEND'] as const;
export type DependencyVariableName = (typeof DEPENDENCY_VARIABLES)[number];

/** Whether the text names one of them. */
export function isDependencyVariable(name: string): name is DependencyVariableName {
  return (DEPENDENCY_VARIABLES as readonly string[]).includes(name);
}

/**
 * The variable that does this one's work in an EAPI (PMS 8.1): before EAPI 7 there is no BDEPEND and DEPEND stands for both;
 * before EAPI 8 there is no IDEPEND and RDEPEND stands for it. EAPIs that are not numbers are taken to have all of them.
 */
export function variableInEapi(variable: DependencyVariableName, eapi: string): DependencyVariableName {
  const number = /^\d+$/.test(eapi) ? Number(eapi) : Number.POSITIVE_INFINITY;
  if (variable === 'BDEPEND' && number < 7) return 'DEPEND';
  if (variable === 'IDEPEND' && number < 8) return 'RDEPEND';
  return variable;
}
