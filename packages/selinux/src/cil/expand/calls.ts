/** call: the statements of a macro stand where it is called, and its parameters are names there. */
import { checkLevel, checkRange } from '../ast/parts.ts'
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Lookup } from '../resolve/lookup.ts'
import type { Argument, Scope } from '../resolve/scope.ts'
import * as spaces from '../resolve/spaces.ts'
import { MacroSymbol } from '../resolve/symbols.ts'
import type { BlockSymbol } from '../resolve/symbols.ts'
import type { Instances } from './instances.ts'
import type { Optionals } from './optionals.ts'

/** Where a parameter of each kind is looked up, and whether its argument may be written out. */
const parameterSpaces: ReadonlyMap<number, { readonly space: number; readonly mayBeList: boolean }> = new Map([
  [W.string, { space: spaces.STRINGS, mayBeList: false }],
  [W.name, { space: spaces.STRINGS, mayBeList: false }],
  [W.type, { space: spaces.TYPES, mayBeList: false }],
  [W.role, { space: spaces.ROLES, mayBeList: false }],
  [W.user, { space: spaces.USERS, mayBeList: false }],
  [W.sensitivity, { space: spaces.SENSITIVITIES, mayBeList: false }],
  [W.category, { space: spaces.CATEGORIES, mayBeList: false }],
  [W.boolean, { space: spaces.BOOLEANS, mayBeList: false }],
  [W.categoryset, { space: spaces.CATEGORIES, mayBeList: true }],
  [W.level, { space: spaces.LEVELS, mayBeList: true }],
  [W.levelrange, { space: spaces.RANGES, mayBeList: true }],
  [W.ipaddr, { space: spaces.ADDRESSES, mayBeList: false }],
  [W.class, { space: spaces.CLASSES, mayBeList: false }],
  [W.classmap, { space: spaces.CLASSES, mayBeList: false }],
  [W.classpermission, { space: spaces.CLASS_PERMISSIONS, mayBeList: true }],
])

/** Puts each called macro's statements into its calls, and theirs into calls among them. */
export const expandCalls = (instances: Instances, lookup: Lookup, optionals: Optionals): void => {
  const { tree, policy } = instances
  /** Those that the calls around are of. */
  const called = new Set<MacroSymbol>()
  const walk = (scope: Scope): void => {
    for (const item of scope.items) {
      if (typeof item === 'number' || item.kind === 'macro') continue
      if (item.kind === 'block' && (item.symbol as BlockSymbol).isAbstract) continue
      if (item.kind === 'call') call(item)
      else walk(item)
    }
  }
  const call = (scope: Scope): void => {
    const atom = tree.child(scope.node, 1)
    const macro = lookup.find(scope.parent!, spaces.BLOCKS, tree.word[atom]!)
    if (macro === null) return void optionals.missing(scope, atom, 'macro')
    if (!(macro instanceof MacroSymbol)) {
      throw new CilError('wrong-kind', `\`${tree.text(atom)}\` is not a macro but a ${macro.flavor}`, tree.place(atom))
    }
    if (called.has(macro)) {
      throw new CilError('recursive', `macro \`${tree.text(atom)}\` calls itself`, tree.place(atom))
    }
    scope.source = macro.scope
    scope.arguments = readArguments(instances, scope, macro)
    instances.copy(macro.scope!, scope)
    called.add(macro)
    walk(scope)
    called.delete(macro)
  }
  walk(policy)
}

const readArguments = ({ tree }: Instances, scope: Scope, macro: MacroSymbol): Argument[] => {
  const list = tree.child(scope.node, 2)
  const given = list < 0 ? [] : tree.children(list)
  const { parameters } = macro
  if (given.length !== parameters.length || (parameters.length === 0 && list >= 0)) {
    throw new CilError('bad-arguments', `the macro takes ${parameters.length} arguments, not ${given.length}`,
      tree.place(scope.node), { related: [{ message: 'the macro', place: tree.place(macro.node) }] })
  }
  return parameters.map(({ kind, name }, i) => {
    const node = given[i]!
    const { space, mayBeList } = parameterSpaces.get(kind)!
    const isList = tree.isList(node)
    if (isList && !mayBeList) {
      throw new CilError('bad-arguments', `parameter \`${tree.names.text(name)}\` takes a name`, tree.place(node))
    }
    if (isList && kind === W.level) checkLevel(tree, node)
    if (isList && kind === W.levelrange) checkRange(tree, node)
    return { space, parameter: name, name: isList ? -1 : tree.word[node]!, node, symbol: null }
  })
}
