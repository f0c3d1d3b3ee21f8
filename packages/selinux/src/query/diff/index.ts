/** sediff: what one policy says and another does not, rules type by type. */
import { componentKinds } from '../components/index.ts'
import type { ComponentName } from '../components/index.ts'
import type { Policydb } from '../../policydb/policydb.ts'
import type { TeRule, TeRuleKind } from '../te-rule.ts'
import { PolicyView } from '../view.ts'
import { compareComponents } from './differences.ts'
import type { Differences } from './differences.ts'
import { PolicyPair } from './policy-pair.ts'
import { rangeDifferences, teDifferences } from './te-differences.ts'

/** By kind, each as its contents: rules as records, all others as names or statements. */
export type PolicyDiff =
  { readonly [K in TeRuleKind]: Differences<TeRule> } & { readonly [K in ComponentName]: Differences<string> }

export type DiffKind = keyof PolicyDiff

interface Section<T> {
  /** What sediff calls it. */
  readonly title: string
  compare(pair: PolicyPair): Differences<T>
}

const components = (kind: ComponentName): Section<string> => {
  const { title, list, isSymbol } = componentKinds[kind]
  return { title, compare: ({ before, after }) =>
    compareComponents(list(before), list(after), ({ name, statement }) => isSymbol ? name : statement) }
}

const rules = (kind: TeRuleKind): Section<TeRule> =>
  ({ title: `${kind[0]!.toUpperCase()}${kind.slice(1)} Rules`, compare: (pair) => teDifferences(pair, kind) })

/** In the order of sediff. */
const sections: { readonly [K in DiffKind]: { title: string; compare(pair: PolicyPair): PolicyDiff[K] } } = {
  properties: components('properties'),
  commons: components('commons'),
  classes: components('classes'),
  booleans: components('booleans'),
  roles: components('roles'),
  types: components('types'),
  attributes: components('attributes'),
  users: components('users'),
  categories: components('categories'),
  sensitivities: components('sensitivities'),
  levels: components('levels'),
  allow: rules('allow'),
  allowxperm: rules('allowxperm'),
  auditallow: rules('auditallow'),
  auditallowxperm: rules('auditallowxperm'),
  dontaudit: rules('dontaudit'),
  dontauditxperm: rules('dontauditxperm'),
  type_transition: rules('type_transition'),
  type_change: rules('type_change'),
  type_member: rules('type_member'),
  role_allow: components('role_allow'),
  role_transition: components('role_transition'),
  range_transition: { ...components('range_transition'), compare: rangeDifferences },
  constrain: components('constrain'),
  mlsconstrain: components('mlsconstrain'),
  validatetrans: components('validatetrans'),
  mlsvalidatetrans: components('mlsvalidatetrans'),
  initialsids: components('initialsids'),
  ibendportcon: components('ibendportcon'),
  ibpkeycon: components('ibpkeycon'),
  fs_use: components('fs_use'),
  genfscon: components('genfscon'),
  netifcon: components('netifcon'),
  nodecon: components('nodecon'),
  portcon: components('portcon'),
  policycaps: components('policycaps'),
  defaults: components('defaults'),
  typebounds: components('typebounds'),
  // These two sediff leaves out.
  rolebounds: components('rolebounds'),
  userbounds: components('userbounds'),
}

export const diffKinds = Object.keys(sections) as readonly DiffKind[]

export const diffTitle = (kind: DiffKind): string => sections[kind].title

/** Compares what is asked for, or everything. */
export const diffPolicies = <K extends DiffKind = DiffKind>(
  before: Policydb, after: Policydb, kinds: readonly K[] = diffKinds as readonly K[],
): Pick<PolicyDiff, K> => diffPair(new PolicyPair(new PolicyView(before), new PolicyView(after)), kinds)

export const diffPair = <K extends DiffKind>(pair: PolicyPair, kinds: readonly K[]): Pick<PolicyDiff, K> =>
  Object.fromEntries(kinds.map((kind) => [kind, sections[kind].compare(pair)])) as Pick<PolicyDiff, K>
