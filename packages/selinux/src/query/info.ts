/** seinfo: what a policy has, counted and listed. */
import type { Avtab } from '../policydb/avtab.ts'
import * as policydb from '../policydb/constants.ts'
import type { Policydb } from '../policydb/policydb.ts'
import { isMls } from './components/constraints.ts'
import { handleUnknown } from './components/rules.ts'

/** Names of counts are those of seinfo. */
export interface PolicyInfo {
  readonly version: number
  readonly mls: boolean
  readonly handleUnknown: 'allow' | 'deny' | 'reject'
  readonly counts: Readonly<Record<string, number>>
}

const kinds: readonly (readonly [number, string])[] = [
  [policydb.AVTAB_ALLOWED, 'Allow'], [policydb.AVTAB_AUDITALLOW, 'Auditallow'], [policydb.AVTAB_AUDITDENY, 'Dontaudit'],
  [policydb.AVTAB_TRANSITION, 'Type_trans'], [policydb.AVTAB_CHANGE, 'Type_change'],
  [policydb.AVTAB_MEMBER, 'Type_member'],
  [policydb.AVTAB_XPERMS_ALLOWED, 'Allowxperm'], [policydb.AVTAB_XPERMS_AUDITALLOW, 'Auditallowxperm'],
  [policydb.AVTAB_XPERMS_DONTAUDIT, 'Dontauditxperm'],
]

/** Counts of everything a policy has, as seinfo prints them. */
export const policyInfo = (policy: Policydb): PolicyInfo => {
  const rules = new Map<string, number>(kinds.map(([, name]) => [name, 0]))
  const countRules = (table: Avtab): void => {
    for (let i = 0; i < table.length; i++) {
      const kind = kinds.find(([bit]) => (table.specified[i]! & bit) !== 0)
      if (kind !== undefined) rules.set(kind[1], rules.get(kind[1])! + 1)
    }
  }
  countRules(policy.avtab)
  for (const { whenTrue, whenFalse } of policy.conditionals) [whenTrue, whenFalse].forEach(countRules)
  const named = policy.filenameTransitions.reduce(
    (sum, { results }) => sum + results.reduce((own, { sources }) => own + sources.size, 0), 0)
  rules.set('Type_trans', rules.get('Type_trans')! + named)
  const { types, classes } = policy
  const constraints = classes.items.flatMap((item) => item.constraints)
  const transitions = classes.items.flatMap((item) => item.validatetrans)
  const defaults = classes.items.reduce((sum, item) =>
    sum + [item.defaultUser, item.defaultRole, item.defaultType, item.defaultRange].filter((value) => value !== 0)
      .length, 0)
  const real = types.items.filter(({ properties }) => properties !== 0)
  return {
    version: policy.version,
    mls: policy.mls,
    handleUnknown: handleUnknown(policy),
    counts: {
      Classes: classes.items.length,
      Permissions: [...classes.items, ...policy.commons.items]
        .reduce((sum, { permissions }) => sum + permissions.items.length, 0),
      Sensitivities: policy.sensitivities.items.filter(({ isAlias }) => !isAlias).length,
      Categories: policy.categories.items.filter(({ isAlias }) => !isAlias).length,
      Types: real.filter(({ properties }) => (properties & policydb.TYPE_ATTRIBUTE) === 0).length,
      Attributes: real.filter(({ properties }) => (properties & policydb.TYPE_ATTRIBUTE) !== 0).length,
      Users: policy.users.items.length,
      Roles: policy.roles.items.length,
      Booleans: policy.booleans.items.length,
      'Cond. Expr.': policy.conditionals.length,
      ...Object.fromEntries(rules),
      Range_trans: policy.rangeTransitions.length,
      'Role allow': policy.roleAllows.length,
      Role_trans: policy.roleTransitions.length,
      Constraints: constraints.filter((constraint) => !isMls(constraint)).length,
      Validatetrans: transitions.filter((constraint) => !isMls(constraint)).length,
      'MLS Constrain': constraints.filter(isMls).length,
      'MLS Val. Tran': transitions.filter(isMls).length,
      Permissives: policy.permissive.size,
      Polcap: policy.policycaps.size,
      Defaults: defaults,
      Typebounds: types.items.filter(({ bounds }) => bounds !== 0).length,
      Ibendportcon: policy.ibEndports.length,
      Ibpkeycon: policy.ibPkeys.length,
      'Initial SIDs': policy.initialSids.length,
      Fs_use: policy.fsUses.length,
      Genfscon: policy.genfs.reduce((sum, { paths }) => sum + paths.length, 0),
      Portcon: policy.ports.length,
      Netifcon: policy.netifs.length,
      Nodecon: policy.nodes.length + policy.nodes6.length,
    },
  }
}
