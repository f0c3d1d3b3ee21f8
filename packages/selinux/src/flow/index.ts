/** `@lsmkit/selinux/flow`: where a policy lets information and processes go. */
export { defaultPermissionMap } from './default-map.ts'
export { DomainTransitions } from './domain-transitions.ts'
export type { DomainTransition, DomainTransitionOptions } from './domain-transitions.ts'
export { InformationFlows } from './information-flow.ts'
export type { InformationFlow, InformationFlowOptions } from './information-flow.ts'
export { parsePermissionMap, PermissionMapError, permissionMapText } from './permission-map.ts'
export type { FlowDirection, PermissionFlow, PermissionMap } from './permission-map.ts'
export type { BooleanStates } from './rule-tables.ts'
