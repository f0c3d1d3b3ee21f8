/** Classes of a base module: permissions, defaults, constraints. */
import * as policydb from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import type { ConstraintNode } from '../../policydb/policydb.ts'
import type { Constraint, StatementOf, WordSet } from '../te/ast.ts'
import type { Builder } from './builder.ts'
import { addRoles, addTypes, classSet, permissionMask } from './sets.ts'
import { noNames } from './symbols.ts'

export const declareCommon = (builder: Builder, { name, permissions }: StatementOf<'common'>): void => {
  // No block declares a common.
  const { entry, isNew } = builder.symbols.add('commons', name.text, (value) =>
    ({ name: name.text, value, permissions: new Map() }))
  if (!isNew) builder.fail('redeclared', `common \`${name.text}\` is declared twice`, name.at)
  for (const { text, at } of permissions) {
    if (entry.permissions.has(text)) builder.fail('redeclared', `permission \`${text}\` is declared twice`, at)
    entry.permissions.set(text, entry.permissions.size + 1)
  }
}

export const declarePermissions = (
  builder: Builder, { name, inherits, permissions }: StatementOf<'class_permissions'>,
): void => {
  const entry = builder.find('classes', name)
  if (entry.nprim > 0) builder.fail('redeclared', `class \`${name.text}\` has its permissions already`, name.at)
  if (inherits !== null) {
    const common = builder.symbols.get('commons', inherits.text)
    if (common === null) return builder.fail('unresolved', `common \`${inherits.text}\` is not known`, inherits.at)
    entry.common = common
    entry.nprim = common.permissions.size
  }
  for (const { text, at } of permissions) {
    if (entry.permissions.has(text) || entry.common?.permissions.has(text) === true) {
      builder.fail('redeclared', `permission \`${text}\` is declared twice`, at)
    }
    if (entry.nprim >= 32) builder.fail('too-many', `class \`${name.text}\` has more than 32 permissions`, at)
    entry.permissions.set(text, ++entry.nprim)
  }
  builder.block.requiredPermissions.set(entry.value, new Set([...entry.permissions.values()].map((value) => value - 1)))
}

const ends: ReadonlyMap<string, number> =
  new Map([['source', policydb.DEFAULT_SOURCE], ['target', policydb.DEFAULT_TARGET]])
const ranges: ReadonlyMap<string, number> = new Map([
  ['source low', policydb.DEFAULT_SOURCE_LOW], ['source high', policydb.DEFAULT_SOURCE_HIGH],
  ['source low-high', policydb.DEFAULT_SOURCE_LOW_HIGH], ['target low', policydb.DEFAULT_TARGET_LOW],
  ['target high', policydb.DEFAULT_TARGET_HIGH], ['target low-high', policydb.DEFAULT_TARGET_LOW_HIGH],
  ['glblub', policydb.DEFAULT_GLBLUB],
])

const fields = {
  default_user: 'defaultUser', default_role: 'defaultRole', default_type: 'defaultType', default_range: 'defaultRange',
} as const

export const setDefault = (builder: Builder, statement: StatementOf<'default_user'>): void => {
  const field = fields[statement.kind]
  const value = field === 'defaultRange' ? ranges.get(statement.value)! : ends.get(statement.value)!
  for (const tclass of classSet(builder, statement.classes)) {
    if (tclass[field] !== 0 && tclass[field] !== value) {
      builder.fail('conflict', `class \`${tclass.name}\` has another default already`, statement.at)
    }
    tclass[field] = value
  }
}

const operators: ReadonlyMap<string, number> = new Map([
  ['eq', policydb.CEXPR_EQ], ['neq', policydb.CEXPR_NEQ], ['dom', policydb.CEXPR_DOM],
  ['domby', policydb.CEXPR_DOMBY], ['incomp', policydb.CEXPR_INCOMP],
])
const pairs: ReadonlyMap<string, number> = new Map([
  ['u1 u2', policydb.CEXPR_USER], ['r1 r2', policydb.CEXPR_ROLE], ['t1 t2', policydb.CEXPR_TYPE],
  ['l1 l2', policydb.CEXPR_L1L2], ['l1 h2', policydb.CEXPR_L1H2], ['h1 l2', policydb.CEXPR_H1L2],
  ['h1 h2', policydb.CEXPR_H1H2], ['l1 h1', policydb.CEXPR_L1H1], ['l2 h2', policydb.CEXPR_L2H2],
])
const letters: ReadonlyMap<string, number> =
  new Map([['u', policydb.CEXPR_USER], ['r', policydb.CEXPR_ROLE], ['t', policydb.CEXPR_TYPE]])
const sides: ReadonlyMap<string, number> =
  new Map([['1', 0], ['2', policydb.CEXPR_TARGET], ['3', policydb.CEXPR_XTARGET]])

const nodesOf = (builder: Builder, constraint: Constraint, into: ConstraintNode[]): ConstraintNode[] => {
  const plain = (kind: number, attribute = 0, operator = 0): void =>
    void into.push({ kind, attribute, operator, names: null, typeSet: null })
  switch (constraint.kind) {
    case 'not':
      nodesOf(builder, constraint.of, into)
      plain(policydb.CEXPR_NOT)
      break
    case 'and':
    case 'or':
      nodesOf(builder, constraint.left, into)
      nodesOf(builder, constraint.right, into)
      plain(constraint.kind === 'and' ? policydb.CEXPR_AND : policydb.CEXPR_OR)
      break
    case 'pair':
      plain(policydb.CEXPR_ATTR, pairs.get(`${constraint.left} ${constraint.right}`)!,
        operators.get(constraint.operator)!)
      break
    default: {
      const [letter, side] = constraint.left as unknown as [string, string]
      into.push({
        kind: policydb.CEXPR_NAMES, attribute: letters.get(letter)! | sides.get(side)!,
        operator: operators.get(constraint.operator)!, ...namesOf(builder, letter, constraint.names),
      })
    }
  }
  return into
}

/** Users and roles as bits, types as the set that is written. */
const namesOf = (builder: Builder, letter: string, set: WordSet): Pick<ConstraintNode, 'names' | 'typeSet'> => {
  const into = noNames()
  if (letter === 't') addTypes(builder, into, set, false, () => false)
  else if (letter === 'r') addRoles(builder, into, set)
  else for (const word of set.words) into.names.add(builder.find('users', word).value - 1)
  const names = Ebitmap.of(into.names)
  return letter === 't'
    ? { names: Ebitmap.empty, typeSet: { types: names, negated: Ebitmap.of(into.without), flags: into.flags } }
    : { names, typeSet: { types: Ebitmap.empty, negated: Ebitmap.empty, flags: 0 } }
}

/** The last one that was written comes first. */
export const addConstraint = (builder: Builder, statement: StatementOf<'constrain'>): void => {
  if (statement.kind === 'mlsconstrain' && !builder.options.mls) return
  for (const tclass of classSet(builder, statement.classes)) {
    tclass.constraints.unshift({
      permissions: permissionMask(builder, tclass, statement.permissions),
      expression: nodesOf(builder, statement.constraint, []),
    })
  }
}

export const addValidatetrans = (builder: Builder, statement: StatementOf<'validatetrans'>): void => {
  if (statement.kind === 'mlsvalidatetrans' && !builder.options.mls) return
  for (const tclass of classSet(builder, statement.classes)) {
    tclass.validatetrans.unshift({ permissions: 0, expression: nodesOf(builder, statement.constraint, []) })
  }
}
