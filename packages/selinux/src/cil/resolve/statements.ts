/**
 * By keyword: how the names in a statement are resolved and what it says is recorded. Declarations alone say nothing.
 */
import { W } from '../keywords.ts'
import * as classes from './class-statements.ts'
import * as contexts from './context-statements.ts'
import * as mls from './mls-statements.ts'
import * as rules from './rule-statements.ts'
import type { StatementResolver } from './rule-statements.ts'
import * as sets from './set-statements.ts'

export const statementResolvers: readonly (StatementResolver | undefined)[] = (() => {
  const table: StatementResolver[] = []
  for (const word of [W.allow, W.auditallow, W.dontaudit, W.neverallow, W.deny]) table[word] = rules.avRule
  for (const word of [W.allowx, W.auditallowx, W.dontauditx, W.neverallowx]) table[word] = rules.xpermRule
  for (const word of [W.typetransition, W.typechange, W.typemember]) table[word] = rules.typeRule
  table[W.rangetransition] = rules.rangeTransition
  table[W.roletransition] = rules.roleTransition
  table[W.typeattributeset] = sets.typeAttributeSet
  table[W.roleattributeset] = sets.roleAttributeSet
  table[W.userattributeset] = sets.userAttributeSet
  table[W.expandtypeattribute] = sets.expandTypeAttribute
  table[W.typebounds] = sets.typeBounds
  table[W.rolebounds] = sets.roleBounds
  table[W.userbounds] = sets.userBounds
  table[W.typepermissive] = sets.typeFlag
  table[W.typeneveraudit] = sets.typeFlag
  table[W.roletype] = sets.roleType
  table[W.roleallow] = sets.roleAllow
  table[W.userrole] = sets.userRole
  table[W.userprefix] = sets.userPrefix
  table[W.userlevel] = sets.userLevel
  table[W.userrange] = sets.userRange
  table[W.selinuxuser] = sets.selinuxUser
  table[W.selinuxuserdefault] = sets.selinuxUser
  table[W.classpermissionset] = classes.classPermissionSet
  table[W.classmapping] = classes.classMapping
  table[W.classcommon] = classes.classCommon
  table[W.permissionx] = classes.permissionX
  for (const word of [W.defaultuser, W.defaultrole, W.defaulttype, W.defaultrange]) table[word] = classes.defaultOf
  table[W.constrain] = classes.constrain
  table[W.mlsconstrain] = classes.constrain
  table[W.validatetrans] = classes.validateTrans
  table[W.mlsvalidatetrans] = classes.validateTrans
  table[W.classorder] = classes.classOrder
  table[W.sidorder] = classes.sidOrder
  table[W.categoryorder] = classes.categoryOrder
  table[W.sensitivityorder] = classes.sensitivityOrder
  table[W.sensitivitycategory] = mls.sensitivityCategory
  table[W.categoryset] = mls.categorySet
  table[W.level] = mls.level
  table[W.levelrange] = mls.levelRange
  table[W.mls] = mls.mls
  table[W.handleunknown] = mls.handleUnknown
  table[W.context] = contexts.context
  table[W.sidcontext] = contexts.sidContext
  table[W.filecon] = contexts.filecon
  table[W.fsuse] = contexts.fsuse
  table[W.genfscon] = contexts.genfscon
  table[W.portcon] = contexts.portcon
  table[W.netifcon] = contexts.netifcon
  table[W.ipaddr] = contexts.ipaddr
  table[W.nodecon] = contexts.nodecon
  table[W.ibpkeycon] = contexts.ibpkeycon
  table[W.ibendportcon] = contexts.ibendportcon
  for (const word of [W.iomemcon, W.ioportcon, W.pcidevicecon, W.pirqcon, W.devicetreecon]) {
    table[word] = contexts.xenLabel
  }
  return table
})()
