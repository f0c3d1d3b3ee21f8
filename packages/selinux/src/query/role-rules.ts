/** sesearch: rules on roles, and on the ranges of processes and objects. */
import { checkOptions } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { ComponentName } from './components/index.ts'
import { classMatcher, roleMatcher, typeMatcher } from './match.ts'
import { queryRules } from './te-query.ts'
import type { TeRuleQuery } from './te-query.ts'
import type { PolicyView } from './view.ts'

export const roleRuleKinds = ['role_allow', 'role_transition', 'range_transition'] as const satisfies ComponentName[]

export type RoleRuleKind = (typeof roleRuleKinds)[number]

/** A source is a role, or the type of a range_transition; a target a type, or the role of a role_allow. */
export type RoleRuleQuery =
  Pick<TeRuleQuery, 'source' | 'sourceIndirect' | 'target' | 'targetIndirect' | 'classes' | 'result'>

const rules: OptionRules<RoleRuleQuery> = {
  source: queryRules.source,
  sourceIndirect: queryRules.sourceIndirect,
  target: queryRules.target,
  targetIndirect: queryRules.targetIndirect,
  classes: queryRules.classes,
  result: queryRules.result,
}

/** Sorted statements. Throws QueryError for a name that the policy does not have. */
export const roleRules = (view: PolicyView, kind: RoleRuleKind, query: RoleRuleQuery): string[] => {
  checkOptions(query, rules, 'roleRules')
  return searches[kind](view, query).sort()
}

const searches: Readonly<Record<RoleRuleKind, (view: PolicyView, query: RoleRuleQuery) => string[]>> = {
  role_allow: (view, { source, target, classes, result }) => {
    const [isSource, isTarget] = [roleMatcher(view, source), roleMatcher(view, target)]
    const { roles } = view.names
    return view.policy.roleAllows
      .filter(({ role, newRole }) => isSource(role) && isTarget(newRole) && (classes ?? result) === undefined)
      .map(({ role, newRole }) => `allow ${roles[role]} ${roles[newRole]};`)
  },
  role_transition: (view, { source, target, targetIndirect, classes, result }) => {
    const [isSource, isResult] = [roleMatcher(view, source), roleMatcher(view, result)]
    const [isTarget, isClass] = [typeMatcher(view, target, targetIndirect), classMatcher(view, classes)]
    const { roles, types, classes: tclasses } = view.names
    return view.policy.roleTransitions
      .filter((rule) => isSource(rule.role) && isTarget(rule.type) && isClass(rule.tclass) && isResult(rule.newRole))
      .map(({ role, type, tclass, newRole }) =>
        `role_transition ${roles[role]} ${types[type]}:${tclasses[tclass]} ${roles[newRole]};`)
  },
  range_transition: (view, { source, sourceIndirect, target, targetIndirect, classes, result }) => {
    const [isSource, isTarget] = [typeMatcher(view, source, sourceIndirect), typeMatcher(view, target, targetIndirect)]
    const isClass = classMatcher(view, classes)
    const isResult = (text: string): boolean => result === undefined ||
      (typeof result === 'string' ? text === result.replaceAll(' ', '') : result.test(text))
    const { types, classes: tclasses } = view.names
    return view.policy.rangeTransitions
      .map((rule) => ({ ...rule, text: view.names.range(rule.range) }))
      .filter((rule) => isSource(rule.source) && isTarget(rule.target) && isClass(rule.tclass) && isResult(rule.text))
      .map(({ source: from, target: to, tclass, text }) =>
        `range_transition ${types[from]} ${types[to]}:${tclasses[tclass]} ${text};`)
  },
}
