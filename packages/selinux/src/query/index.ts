/**
 * Questions about policies: rules (sesearch), what there is (seinfo), what changed (sediff), why access is or is not.
 */
export { explainAccess } from './access.ts'
export type { AccessAnswer, DenialReason, PermissionAnswer } from './access.ts'
export { conditionalText } from './conditional-text.ts'
export { explainContext } from './context.ts'
export type { ContextAnswer } from './context.ts'
export { diffPolicies } from './diff.ts'
export type { PolicyDiff } from './diff.ts'
export { QueryError } from './errors.ts'
export type { QueryErrorCode } from './errors.ts'
export { policyInfo } from './info.ts'
export type { PolicyInfo } from './info.ts'
export { nameKinds, policyNames } from './names.ts'
export type { NameKind } from './names.ts'
export { teRuleKinds, TeRules, teRuleText } from './te-rules.ts'
export type { TeRule, TeRuleKind, TeRuleQuery } from './te-rules.ts'
export { PolicyView } from './view.ts'
