/** Parts of statements with a syntax of their own, looked at before anything is known of other statements. */
import { CilError } from '../errors.ts'
import { W } from '../keywords.ts'
import type { Tree } from '../parse.ts'
import { checkConstraint, checkExpression } from './expressions.ts'
import { checkName, namedFlavor } from './names.ts'

const badSyntax = (tree: Tree, node: number, message: string): never => {
  throw new CilError('bad-syntax', message, tree.place(node))
}

/** `name`, `(class (permissions))`. */
const checkClassPermissions = (tree: Tree, node: number): void => {
  if (!tree.isList(node)) return
  const [tclass, permissions, more] = tree.children(node)
  if (tclass === undefined || tree.isList(tclass)) {
    return badSyntax(tree, node, 'a class and its permissions: `(file (read))`')
  }
  if (permissions === undefined || !tree.isList(permissions) || more !== undefined) {
    return badSyntax(tree, node, 'a class and a list of its permissions: `(file (read))`')
  }
  checkExpression(tree, permissions, 'set')
}

/** `name`, `(kind class (numbers))`. */
const checkXperms = (tree: Tree, node: number): void => {
  if (!tree.isList(node)) return
  const [kind, tclass, numbers, more] = tree.children(node)
  if (kind === undefined || tree.isList(kind) || tclass === undefined || tree.isList(tclass) || numbers === undefined ||
    !tree.isList(numbers) || more !== undefined) {
    return badSyntax(tree, node, 'a kind, a class and numbers: `(ioctl chr_file (range 0x5400 0x54ff))`')
  }
  if (tree.word[kind] !== W.ioctl && tree.word[kind] !== W.nlmsg) {
    badSyntax(tree, kind, `\`${tree.text(kind)}\` is neither \`ioctl\` nor \`nlmsg\``)
  }
  checkExpression(tree, numbers, 'xperms')
}

const checkNameList = (tree: Tree, list: number): void => {
  for (const child of tree.children(list)) {
    if (tree.isList(child)) badSyntax(tree, child, 'only names stand in this list')
  }
}

/** `(sensitivity)`, `(sensitivity (categories))`. */
export const checkLevel = (tree: Tree, node: number): void => {
  if (!tree.isList(node)) return
  const [sensitivity, categories, more] = tree.children(node)
  if (sensitivity === undefined || tree.isList(sensitivity) || more !== undefined) {
    return badSyntax(tree, node, 'a sensitivity and categories: `(s0 (c0 c1))`')
  }
  if (categories !== undefined) checkExpression(tree, categories, 'categories')
}

/** `(low high)`. */
export const checkRange = (tree: Tree, node: number): void => {
  if (!tree.isList(node)) return
  if (tree.count(node) !== 2) badSyntax(tree, node, 'a range has a low and a high level')
  for (const level of tree.children(node)) checkLevel(tree, level)
}

/** `(user role type range)`. */
const checkContext = (tree: Tree, node: number): void => {
  if (!tree.isList(node) || tree.isEmpty(node)) return
  const [user, role, type, range, more] = tree.children(node)
  if (range === undefined || more !== undefined || [user, role, type].some((part) => tree.isList(part!))) {
    return badSyntax(tree, node, 'a context is `(user role type range)`')
  }
  checkRange(tree, range)
}

/** Macro parameters: `((kind name) …)`. */
const checkParameters = (tree: Tree, list: number): void => {
  const seen = new Set<number>()
  for (const parameter of tree.children(list)) {
    if (!tree.isList(parameter) || tree.count(parameter) !== 2 ||
      tree.children(parameter).some((p) => tree.isList(p))) {
      badSyntax(tree, parameter, 'a parameter is `(kind name)`')
    }
    const [kind, name] = tree.children(parameter) as [number, number]
    if (!parameterKinds.has(tree.word[kind]!)) badSyntax(tree,
      kind, `\`${tree.text(kind)}\` is not a kind of parameter`)
    checkName(tree, name, 'parameter')
    if (seen.has(tree.word[name]!)) badSyntax(tree, name, `two parameters are called \`${tree.text(name)}\``)
    seen.add(tree.word[name]!)
  }
}

/** Kinds a macro parameter may have. */
export const parameterKinds: ReadonlySet<number> = new Set([
  W.string, W.name, W.type, W.role, W.user, W.sensitivity, W.category, W.boolean, W.categoryset, W.level,
  W.levelrange, W.ipaddr, W.class, W.classmap, W.classpermission,
])

/** Checks the parts of statement `node` that its shape does not cover. */
export const checkParts = (tree: Tree, node: number, keyword: number): void => {
  const flavor = namedFlavor(keyword)
  if (flavor !== null) checkName(tree, tree.next[node + 1]!, flavor)
  const part = (index: number): number => tree.child(node, index)
  const last = (): number => tree.children(node).at(-1)!
  switch (keyword) {
    case W.allow: case W.auditallow: case W.dontaudit: case W.neverallow: case W.deny: case W.classmapping:
      return checkClassPermissions(tree, part(3))
    case W.allowx: case W.auditallowx: case W.dontauditx: case W.neverallowx:
      return checkXperms(tree, part(3))
    case W.classpermissionset:
      return checkClassPermissions(tree, part(2))
    case W.permissionx:
      return checkXperms(tree, part(2))
    case W.typeattributeset: case W.roleattributeset: case W.userattributeset:
      return checkExpression(tree, part(2), 'set')
    case W.categoryset: case W.sensitivitycategory:
      return checkExpression(tree, part(2), 'categories')
    case W.booleanif: case W.tunableif:
      return checkExpression(tree, part(1), 'booleans')
    case W.constrain: case W.mlsconstrain:
      checkClassPermissions(tree, part(1))
      return checkConstraint(tree, part(2), false)
    case W.validatetrans: case W.mlsvalidatetrans:
      return checkConstraint(tree, part(2), true)
    case W.level: case W.userlevel:
      return checkLevel(tree, part(2))
    case W.levelrange: case W.userrange: case W.selinuxuserdefault:
      return checkRange(tree, part(2))
    case W.rangetransition:
      return checkRange(tree, part(4))
    case W.selinuxuser:
      return checkRange(tree, part(3))
    case W.context: case W.sidcontext:
      return checkContext(tree, part(2))
    case W.filecon: case W.fsuse: case W.genfscon: case W.ibpkeycon: case W.ibendportcon: case W.nodecon:
    case W.portcon: case W.iomemcon: case W.ioportcon: case W.pcidevicecon: case W.pirqcon: case W.devicetreecon:
      return checkContext(tree, last())
    case W.netifcon:
      checkContext(tree, part(2))
      return checkContext(tree, part(3))
    case W.classorder: case W.sidorder: case W.categoryorder: case W.sensitivityorder:
      return checkNameList(tree, part(1))
    case W.class: case W.common: case W.classmap:
      checkNameList(tree, part(2))
      for (const permission of tree.children(part(2))) checkName(tree, permission, 'permission')
      return
    case W.expandtypeattribute: case W.defaultuser: case W.defaultrole: case W.defaulttype: case W.defaultrange:
      if (tree.isList(part(1))) checkNameList(tree, part(1))
      return
    case W.macro:
      return checkParameters(tree, part(2))
  }
}
