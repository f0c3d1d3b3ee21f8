/** `@lsmkit/selinux/android`: Android's context files, and its tools around a policy, as data. */
export {
  attributeMembers, booleanNames, differingTypes, duplicateRules, equivalentTypes, permissiveTypes,
} from './analyze.ts'
export { checkContexts, checkTestData, compareContexts } from './checkfc.ts'
export type { CheckfcMode, CheckfcProblem, ContextsComparison } from './checkfc.ts'
export { AndroidError } from './errors.ts'
export type { AndroidErrorCode, ContextText } from './errors.ts'
export { checkMapping, combineMappings, identityMapping, parseMapping } from './mapping.ts'
export type { MappingProblems, TypeMapping } from './mapping.ts'
export { checkNeverallows, parseNeverallows } from './neverallow.ts'
export type { Numbers } from './allowed-xperms.ts'
export type { NeverallowReport, NeverallowRule, SetText, Violation } from './neverallow.ts'
export { isPropertyValue, PropertyContexts } from './property-contexts.ts'
export type { PropertyEntry, PropertyInfo } from './property-contexts.ts'
export { SeappContexts } from './seapp-contexts.ts'
export type { LevelFrom, SeappAnswer, SeappEntry, SeappQuestion } from './seapp-contexts.ts'
export { ServiceContexts } from './service-contexts.ts'
export type { ServiceEntry } from './service-contexts.ts'
