/**
 * A module as CIL. Sets of types that are no list of names become attributes of their own, and what a block needs is
 * named in `cil_gen_require`, so that an optional block goes when something is missing: as libsepol's converter does.
 */
import * as policydb from '../policydb/constants.ts'
import { policycapNames } from '../policydb/constants.ts'
import type { Ebitmap } from '../policydb/ebitmap.ts'
import type { ConstraintNode, Context, Level, ObjectClass, Range } from '../policydb/policydb.ts'
import { PolicyError } from '../policydb/errors.ts'
import {
  MODULE_ALIAS, MODULE_ATTRIBUTE, MODULE_PERMISSIVE, RULE_NOT_SELF, RULE_SELF, SET_ALL, SET_OTHERS, symbolKinds,
} from './module.ts'
import type {
  Declaration, ModuleConditional, ModuleRule, ModuleSymbols, ModuleType, ModuleUser, NameSet, PolicyModule,
  WrittenLevel,
} from './module.ts'

/** As the kernel's list has them; those without a use are told by number. */
const sidNames = [
  'kernel', 'security', 'unlabeled', 'fs', 'file', 'file_labels', 'init', 'any_socket', 'port', 'netif', 'netmsg',
  'node', 'igmp_packet', 'icmp_socket', 'tcp_socket', 'sysctl_modprobe', 'sysctl', 'sysctl_fs', 'sysctl_kernel',
  'sysctl_net', 'sysctl_net_unix', 'sysctl_vm', 'sysctl_dev', 'kmod', 'policy', 'scmp_packet', 'devnull',
]

const REQUIRE = 'cil_gen_require'
/** A name that would end its word, or its text, could say what it is not. */
export const checkWord = (name: string): string => {
  if (!/[\s()";]/.test(name)) return name
  throw new PolicyError('not-expressible', `\`${name}\` cannot be a name in CIL`)
}

export const quoted = (text: string): string => {
  if (/["\n]/.test(text)) throw new PolicyError('not-expressible', `\`${text}\` cannot be a text in CIL`)
  return `"${text}"`
}

const joined = (names: readonly string[]): string => `(${names.join(' ')})`

type Kind = (typeof symbolKinds)[number]

class ModuleWriter {
  private readonly module: PolicyModule
  private readonly lines: string[] = []
  /** By kind: names by value. */
  private readonly names: Record<Kind, string[]>
  private readonly permissions: (string | undefined)[][] = []
  private readonly aliasTypes: readonly ModuleType[]
  private readonly types: ReadonlyMap<string, ModuleType>
  private indent = ''
  private generated = 0
  private madeHere = new Map<string, string>()
  private madeAround: ReadonlyMap<string, string> = new Map()

  constructor(module: PolicyModule) {
    this.module = module
    const { symbols } = module
    for (const kind of symbolKinds) for (const { name } of symbols[kind]) checkWord(name)
    checkWord(module.name)
    const byValue = (items: readonly { name: string; value: number }[]): string[] => {
      const names: string[] = []
      for (const { name, value } of items) names[value] = name
      return names
    }
    this.names = {
      commons: byValue(symbols.commons), classes: byValue(symbols.classes), roles: byValue(symbols.roles),
      types: byValue(symbols.types.filter(({ properties, primary }) =>
        (properties & MODULE_ALIAS) === 0 && primary > 0)),
      users: byValue(symbols.users), booleans: byValue(symbols.booleans),
      sensitivities: byValue(symbols.sensitivities.filter(({ isAlias }) => !isAlias)
        .map(({ name, level }) => ({ name, value: level.sens }))),
      categories: byValue(symbols.categories.filter(({ isAlias }) => !isAlias)),
    }
    this.types = new Map(symbols.types.map((type) => [type.name, type]))
    this.aliasTypes = symbols.types.filter(({ primary, properties }) =>
      (properties & MODULE_ALIAS) !== 0 || ((properties & MODULE_ATTRIBUTE) === 0 && primary === 0))
    const commons = new Map(symbols.commons.map((common) => [common.name, common]))
    for (const item of symbols.classes) {
      const names: (string | undefined)[] = []
      for (const { name, value } of commons.get(item.common ?? '')?.permissions.items ?? []) names[value - 1] = name
      for (const { name, value } of item.permissions.items) names[value - 1] = name
      this.permissions[item.value] = names
    }
  }

  write(): string {
    const [first, ...optionals] = this.module.blocks
    if (this.module.isBase) this.base()
    if (first === undefined) return ''
    this.block(first, null)
    this.madeAround = this.madeHere
    for (const block of optionals) {
      this.madeHere = new Map()
      this.say(`(optional ${this.module.name}_optional_${block.id}`)
      this.indent = '  '
      this.block(block, first)
      this.indent = ''
      this.say(')')
    }
    return `${this.lines.join('\n')}\n`
  }

  /** Throws where the module names a value that it does not have. */
  private nameOf(kind: Kind, value: number): string {
    const name = this.names[kind][value]
    if (name === undefined) throw new PolicyError('bad-reference', `the module has no ${value} among its ${kind}`)
    return name
  }

  private say(line: string): void {
    this.lines.push(this.indent + line)
  }

  /** What only the base module says. */
  private base(): void {
    const { module } = this
    this.say(`(handleunknown ${module.handleUnknown})`)
    this.say(`(mls ${module.mls})`)
    this.say(`(roleattribute ${REQUIRE})`)
    this.say(`(typeattribute ${REQUIRE})`)
    // It is in every policy, and in no list of what is declared.
    this.say('(role object_r)')
    for (const bit of module.policycaps) this.say(`(policycap ${policycapNames[bit] ?? `#${bit}`})`)
    const { symbols } = module
    for (const { name, permissions } of symbols.commons) {
      this.say(`(common ${name} ${joined(byBit(permissions.items))})`)
    }
    const classes = [...symbols.classes].sort((a, b) => a.value - b.value)
    this.say(`(classorder ${joined(classes.map(({ name }) => name))})`)
    for (const item of classes) this.tclass(item)
    const sensitivities = symbols.sensitivities.filter(({ isAlias }) => !isAlias)
      .sort((a, b) => a.level.sens - b.level.sens)
    if (sensitivities.length > 0) this.say(`(sensitivityorder ${joined(sensitivities.map(({ name }) => name))})`)
    const categories = symbols.categories.filter(({ isAlias }) => !isAlias).sort((a, b) => a.value - b.value)
    if (categories.length > 0) this.say(`(categoryorder ${joined(categories.map(({ name }) => name))})`)
    this.contexts()
  }

  private tclass(item: ObjectClass): void {
    const { name, common, permissions } = item
    this.say(`(class ${name} ${joined(byBit(permissions.items))})`)
    if (common !== null) this.say(`(classcommon ${name} ${common})`)
    const ends = ['', 'source', 'target']
    const ranges = ['', 'source low', 'source high', 'source low-high', 'target low', 'target high', 'target low-high',
      'glblub']
    for (const [keyword, value, words] of [['defaultuser', item.defaultUser, ends],
      ['defaultrole', item.defaultRole, ends], ['defaulttype', item.defaultType, ends],
      ['defaultrange', item.defaultRange, ranges]] as const) {
      if (value > 0) this.say(`(${keyword} ${name} ${words[value]})`)
    }
    for (const { permissions: mask, expression } of item.constraints) {
      this.say(`(${isMls(expression) ? 'mlsconstrain' : 'constrain'} (${name} ${this.perms(item.value, mask)}) ` +
        `${this.expression(expression)})`)
    }
    for (const { expression } of item.validatetrans) {
      this.say(`(${isMls(expression) ? 'mlsvalidatetrans' : 'validatetrans'} ${name} ${this.expression(expression)})`)
    }
  }

  private contexts(): void {
    const { contexts, genfs } = this.module
    const sids = contexts.initialSids.map(({ sid }) => sidNames[sid - 1] ?? `UNKNOWN${sid}`)
    const last = Math.max(0, ...contexts.initialSids.map(({ sid }) => sid))
    const order = Array.from({ length: last }, (_, i) => sidNames[i] ?? `UNKNOWN${i + 1}`)
    for (const name of order) this.say(`(sid ${name})`)
    if (order.length > 0) this.say(`(sidorder ${joined(order)})`)
    for (const [i, { context }] of contexts.initialSids.entries()) {
      this.say(`(sidcontext ${sids[i]} ${this.context(context)})`)
    }
    const protocols: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp' }
    for (const { protocol, low, high, context } of contexts.ports) {
      const ports = low === high ? String(low) : `(${low} ${high})`
      this.say(`(portcon ${protocols[protocol] ?? protocol} ${ports} ${this.context(context)})`)
    }
    for (const { name, interface: own, packet } of contexts.netifs) {
      this.say(`(netifcon ${name} ${this.context(own)} ${this.context(packet)})`)
    }
    for (const { address, mask, context } of [...contexts.nodes, ...contexts.nodes6]) {
      this.say(`(nodecon (${ipText(address)}) (${ipText(mask)}) ${this.context(context)})`)
    }
    const uses = ['', 'xattr', 'trans', 'task']
    for (const { behavior, name, context } of contexts.fsUses) {
      this.say(`(fsuse ${uses[behavior]} ${name} ${this.context(context)})`)
    }
    for (const { subnetPrefix, low, high, context } of contexts.ibPkeys) {
      const prefix = new Uint8Array(16)
      prefix.set(subnetPrefix)
      this.say(`(ibpkeycon ${ipText(prefix)} (${low} ${high}) ${this.context(context)})`)
    }
    for (const { name, port, context } of contexts.ibEndports) {
      this.say(`(ibendportcon ${name} ${port} ${this.context(context)})`)
    }
    for (const { fstype, paths } of genfs) {
      for (const { path, tclass, context } of paths) {
        const kind = tclass === 0 ? '' : ` ${fileKinds[this.nameOf('classes', tclass)] ?? 'any'}`
        this.say(`(genfscon ${fstype} ${quoted(path)}${kind} ${this.context(context)})`)
      }
    }
  }

  /** `around` is the block that holds always: what it needs need not be said again. */
  private block(block: Declaration, around: Declaration | null): void {
    for (const kind of symbolKinds) this.declared(kind, block)
    this.aliases(block)
    for (const [kind, keyword] of [['roles', 'roleattributeset'], ['types', 'typeattributeset']] as const) {
      for (const bit of block.required[kind]) {
        const name = this.names[kind][bit + 1]
        const isKnown = around !== null && (around.required[kind].has(bit) || around.declared[kind].has(bit))
        if (name !== undefined && name !== 'object_r' && !isKnown) this.say(`(${keyword} ${REQUIRE} ${name})`)
      }
    }
    if (around === null) this.added(this.requiredSymbols(block))
    this.added(block.added)
    for (const rule of block.rules) for (const line of this.rule(rule)) this.say(line)
    for (const conditional of block.conditionals) this.conditional(conditional)
    for (const { roles, types, classes, newRole } of block.roleTransitions) {
      for (const role of this.rolesOf(roles)) {
        for (const type of this.typesOf(types)) {
          for (const bit of classes) {
            const tclass = this.nameOf('classes', bit + 1)
            this.say(`(roletransition ${role} ${type} ${tclass} ${this.nameOf('roles', newRole)})`)
          }
        }
      }
    }
    for (const { roles, newRoles } of block.roleAllows) {
      for (const role of this.rolesOf(roles)) {
        for (const other of this.rolesOf(newRoles)) this.say(`(roleallow ${role} ${other})`)
      }
    }
    for (const { name, sources, targets, tclass, type, flags } of block.nameTransitions) {
      for (const source of this.typesOf(sources)) {
        for (const target of this.targets(targets, flags)) {
          this.say(`(typetransition ${source} ${target} ${this.nameOf('classes', tclass)} ${quoted(name)} ` +
            `${this.nameOf('types', type)})`)
        }
      }
    }
    for (const { sources, targets, classes, range } of block.rangeTransitions) {
      for (const source of this.typesOf(sources)) {
        for (const target of this.typesOf(targets)) {
          for (const bit of classes) {
            this.say(`(rangetransition ${source} ${target} ${this.nameOf('classes', bit + 1)} ${this.range(range)})`)
          }
        }
      }
    }
  }

  /** Symbols of others, with what the module as a whole adds to them. */
  private requiredSymbols({ required }: Declaration): Pick<ModuleSymbols, 'types' | 'roles' | 'users'> {
    const { types, roles, users } = this.module.symbols
    return {
      types: types.filter(({ value, properties }) =>
        (properties & MODULE_ATTRIBUTE) !== 0 && required.types.has(value - 1)),
      roles: roles.filter(({ value }) => required.roles.has(value - 1)),
      users: users.filter(({ value }) => required.users.has(value - 1)),
    }
  }

  /** Symbols of a kind that the block declares. */
  private declared(kind: Kind, block: Declaration): void {
    for (const bit of block.declared[kind]) {
      const name = this.names[kind][bit + 1]
      if (name === undefined || !this.module.declaredIn[kind].get(name)?.includes(block.id)) continue
      this.declaration(kind, name)
    }
  }

  private declaration(kind: Kind, name: string): void {
    const { symbols } = this.module
    switch (kind) {
      case 'roles': {
        const role = symbols.roles.find((item) => item.name === name)!
        if (role.isAttribute) this.say(`(roleattribute ${name})`)
        else this.say(`(role ${name})`)
        if (role.bounds > 0) this.say(`(rolebounds ${this.nameOf('roles', role.bounds)} ${name})`)
        return this.roleMembers(role)
      }
      case 'types': {
        const type = this.types.get(name)!
        if ((type.properties & MODULE_ATTRIBUTE) !== 0) {
          this.say(`(typeattribute ${name})`)
          return this.typeMembers(name, type.members)
        }
        this.say(`(type ${name})`)
        this.say(`(roletype object_r ${name})`)
        if (type.bounds > 0) this.say(`(typebounds ${this.nameOf('types', type.bounds)} ${name})`)
        if ((type.properties & MODULE_PERMISSIVE) !== 0) this.say(`(typepermissive ${name})`)
        return undefined
      }
      case 'users':
        return this.user(symbols.users.find((item) => item.name === name)!)
      case 'booleans': {
        const { state, isTunable } = symbols.booleans.find((item) => item.name === name)!
        return this.say(`(${isTunable ? 'tunable' : 'boolean'} ${name} ${state})`)
      }
      case 'sensitivities': {
        this.say(`(sensitivity ${name})`)
        const { level } = symbols.sensitivities.find((item) => item.name === name)!
        const aliases = symbols.sensitivities.filter((item) => item.isAlias && item.level.sens === level.sens)
        for (const alias of aliases) {
          this.say(`(sensitivityalias ${alias.name})`)
          this.say(`(sensitivityaliasactual ${alias.name} ${name})`)
        }
        const cats = Array.from(level.cats, (bit) => this.nameOf('categories', bit + 1))
        return cats.length === 0 ? undefined : this.say(`(sensitivitycategory ${name} ${joined(cats)})`)
      }
      case 'categories': {
        this.say(`(category ${name})`)
        const { value } = symbols.categories.find((item) => item.name === name)!
        for (const alias of symbols.categories.filter((item) => item.isAlias && item.value === value)) {
          this.say(`(categoryalias ${alias.name})`)
          this.say(`(categoryaliasactual ${alias.name} ${name})`)
        }
        return undefined
      }
      default:
        // Classes and commons are the base module's, in its order.
        return undefined
    }
  }

  private user({ name, roles, range, level, bounds }: ModuleUser): void {
    this.say(`(user ${name})`)
    if (bounds > 0) this.say(`(userbounds ${this.nameOf('users', bounds)} ${name})`)
    this.say(`(userrole ${name} object_r)`)
    for (const role of this.rolesOf(roles)) this.say(`(userrole ${name} ${role})`)
    const { mls } = this.module
    this.say(`(userlevel ${name} ${mls ? this.level(level) : '(systemlow)'})`)
    this.say(`(userrange ${name} ${mls ? this.range(range) : '(systemlow systemlow)'})`)
  }

  private aliases({ id }: Declaration): void {
    for (const { name, value, primary, properties } of this.aliasTypes) {
      if (!this.module.declaredIn.types.get(name)?.includes(id)) continue
      this.say(`(typealias ${name})`)
      this.say(`(typealiasactual ${name} ${this.nameOf('types', (properties & MODULE_ALIAS) !== 0 ? primary : value)})`)
    }
  }

  /** What the block adds to attributes, roles and users of others. */
  private added({ types, roles, users }: Pick<ModuleSymbols, 'types' | 'roles' | 'users'>): void {
    for (const { name, members } of types) this.typeMembers(name, members)
    for (const role of roles) this.roleMembers(role)
    for (const { name, roles: more } of users) {
      for (const role of this.rolesOf(more)) this.say(`(userrole ${name} ${role})`)
    }
  }

  private typeMembers(name: string, members: Ebitmap): void {
    const names = Array.from(members, (bit) => this.nameOf('types', bit + 1))
    if (names.length > 0) this.say(`(typeattributeset ${name} ${joined(names)})`)
  }

  private roleMembers({ name, types, members, isAttribute }: PolicyModule['symbols']['roles'][number]): void {
    for (const type of this.typesOf(types)) this.say(`(roletype ${name} ${type})`)
    const names = Array.from(members, (bit) => this.nameOf('roles', bit + 1))
    if (isAttribute && names.length > 0) this.say(`(roleattributeset ${name} ${joined(names)})`)
  }

  /** The names of a set, or one attribute made for it. */
  private typesOf(set: NameSet): string[] {
    const named = Array.from(set.names, (bit) => this.nameOf('types', bit + 1))
    const without = Array.from(set.without, (bit) => this.nameOf('types', bit + 1))
    if (set.flags === 0 && without.length === 0) return named
    const base = (set.flags & SET_ALL) !== 0 ? '(all)' : joined(named)
    const less = without.length === 0 ? base : `(and ${base} (not ${joined(without)}))`
    const expression = (set.flags & SET_OTHERS) !== 0 ? `(not ${less})` : less
    return [this.made('type', expression)]
  }

  /** One attribute for all equal sets of a block; optional blocks use those of the block around them. */
  private made(kind: 'type' | 'role', expression: string): string {
    const key = `${kind} ${expression}`
    const known = this.madeHere.get(key) ?? this.madeAround.get(key)
    if (known !== undefined) return known
    const attribute = `${this.module.name}_${kind}attr_${++this.generated}`
    this.say(`(${kind}attribute ${attribute})`)
    this.say(`(${kind}attributeset ${attribute} ${expression})`)
    this.madeHere.set(key, attribute)
    return attribute
  }

  private rolesOf(set: NameSet): string[] {
    const named = Array.from(set.names, (bit) => this.nameOf('roles', bit + 1))
    if (set.flags === 0) return named
    return [this.made('role', (set.flags & SET_ALL) !== 0 ? '(all)' : `(not ${joined(named)})`)]
  }

  private targets(set: NameSet, flags: number): string[] {
    if ((flags & RULE_NOT_SELF) !== 0) {
      throw new PolicyError('not-expressible', 'a rule leaves out its own source, which this converter does not write')
    }
    return [...this.typesOf(set), ...(flags & RULE_SELF) === 0 ? [] : ['self']]
  }

  private perms(tclass: number, mask: number): string {
    const known = this.permissions[tclass]
    if (known === undefined) throw new PolicyError('bad-reference', `the module has no class ${tclass}`)
    const names = known.filter((_name, bit) => (mask & (1 << bit)) !== 0)
    return joined(names.filter((name) => name !== undefined))
  }

  /** A rule for every pair of names and every class. */
  private rule({ specified, flags, sources, targets, perms, xperms }: ModuleRule): string[] {
    const keyword = keywords[specified]
    if (keyword === undefined) throw new PolicyError('bad-value', `a rule of kind ${specified}`)
    const [from, to] = [this.typesOf(sources), this.targets(targets, flags)]
    const ends = from.flatMap((source) => to.map((target) => `${source} ${target}`))
    return ends.flatMap((pair) => perms.map(({ tclass, data }) => {
      const name = this.nameOf('classes', tclass)
      if (keyword.startsWith('type')) return `(${keyword} ${pair} ${name} ${this.nameOf('types', data)})`
      if (xperms !== null) return `(${keyword} ${pair} (${xpermText(xperms, name)}))`
      return `(${keyword} ${pair} (${name} ${this.perms(tclass, data)}))`
    }))
  }

  private conditional({ expression, whenTrue, whenFalse, isTunable }: ModuleConditional): void {
    const stack: string[] = []
    for (const { kind, bool } of expression) {
      if (kind === policydb.COND_BOOL) stack.push(this.nameOf('booleans', bool))
      else if (kind === policydb.COND_NOT) stack.push(`(not ${stack.pop()})`)
      else {
        const right = stack.pop()
        stack.push(`(${conditionals[kind]} ${stack.pop()} ${right})`)
      }
    }
    const condition = stack.pop()
    if (condition === undefined) throw new PolicyError('bad-expression', 'a condition says nothing')
    // Attributes that rules ask for stand in front: none may be declared under a condition.
    const branches = [['true', whenTrue], ['false', whenFalse]] as const
    const told = branches.map(([name, rules]) => [name, rules.flatMap((rule) => this.rule(rule))] as const)
      .filter(([, lines]) => lines.length > 0)
    if (told.length === 0) return
    this.say(`(${isTunable ? 'tunableif' : 'booleanif'} ${condition}`)
    for (const [name, lines] of told) {
      this.say(`  (${name}`)
      for (const line of lines) this.say(`    ${line}`)
      this.say('  )')
    }
    this.say(')')
  }

  private expression(nodes: readonly ConstraintNode[]): string {
    const stack: string[] = []
    for (const node of nodes) {
      if (node.kind === policydb.CEXPR_NOT) stack.push(`(not ${stack.pop()})`)
      else if (node.kind === policydb.CEXPR_AND || node.kind === policydb.CEXPR_OR) {
        const right = stack.pop()
        stack.push(`(${node.kind === policydb.CEXPR_AND ? 'and' : 'or'} ${stack.pop()} ${right})`)
      } else stack.push(this.leaf(node))
    }
    return stack.pop()!
  }

  private leaf({ kind, attribute, operator, names, typeSet }: ConstraintNode): string {
    const word = operators[operator]!
    const letter = attribute & policydb.CEXPR_USER ? 'u' : attribute & policydb.CEXPR_ROLE ? 'r' : 't'
    if (kind === policydb.CEXPR_ATTR) return `(${word} ${levels[attribute] ?? `${letter}1 ${letter}2`})`
    const side = attribute & policydb.CEXPR_XTARGET ? 3 : attribute & policydb.CEXPR_TARGET ? 2 : 1
    const set = typeSet!
    const found = letter === 't' ? this.typesOf({ names: set.types, without: set.negated, flags: set.flags })
      : Array.from(names ?? [], (bit) => this.nameOf(letter === 'u' ? 'users' : 'roles', bit + 1))
    return `(${word} ${letter}${side} ${found.length === 1 ? found[0] : joined(found)})`
  }

  private level({ sens, cats }: WrittenLevel): string {
    const names = cats.map(([low, high]) => {
      const [from, to] = [this.nameOf('categories', low), this.nameOf('categories', high)]
      return low === high ? from : `(range ${from} ${to})`
    })
    return `(${this.nameOf('sensitivities', sens)}${names.length === 0 ? '' : ` (${names.join(' ')})`})`
  }

  private range({ low, high }: ModuleUser['range']): string {
    return `(${this.level(low)} ${this.level(high)})`
  }

  private context({ user, role, type, range }: Context): string {
    const names = [this.nameOf('users', user), this.nameOf('roles', role), this.nameOf('types', type)]
    return joined([...names, this.kernelRange(range)])
  }

  private kernelRange({ low, high }: Range): string {
    if (!this.module.mls) return '(systemlow systemlow)'
    const written = ({ sens, cats }: Level): WrittenLevel =>
      ({ sens, cats: Array.from(cats, (bit) => [bit + 1, bit + 1] as const) })
    return this.range({ low: written(low), high: written(high) })
  }
}

const byBit = (items: readonly { name: string; value: number }[]): string[] =>
  [...items].sort((a, b) => a.value - b.value).map(({ name }) => name)

const levels: Readonly<Record<number, string>> = {
  [policydb.CEXPR_L1L2]: 'l1 l2', [policydb.CEXPR_L1H2]: 'l1 h2', [policydb.CEXPR_H1L2]: 'h1 l2',
  [policydb.CEXPR_H1H2]: 'h1 h2', [policydb.CEXPR_L1H1]: 'l1 h1', [policydb.CEXPR_L2H2]: 'l2 h2',
}
const isMls = (nodes: readonly ConstraintNode[]): boolean => nodes.some(({ attribute }) => attribute in levels)

const operators: Readonly<Record<number, string>> = {
  [policydb.CEXPR_EQ]: 'eq', [policydb.CEXPR_NEQ]: 'neq', [policydb.CEXPR_DOM]: 'dom',
  [policydb.CEXPR_DOMBY]: 'domby', [policydb.CEXPR_INCOMP]: 'incomp',
}
const conditionals: Readonly<Record<number, string>> = {
  [policydb.COND_OR]: 'or', [policydb.COND_AND]: 'and', [policydb.COND_XOR]: 'xor', [policydb.COND_EQ]: 'eq',
  [policydb.COND_NEQ]: 'neq',
}

/** Kinds of rules in modules: those of the kernel, with dontaudit and neverallow as they were written. */
const keywords: Readonly<Record<number, string>> = {
  0x1: 'allow', 0x2: 'auditallow', 0x8: 'dontaudit', 0x80: 'neverallow', 0x10: 'typetransition', 0x20: 'typemember',
  0x40: 'typechange', 0x100: 'allowx', 0x200: 'auditallowx', 0x400: 'dontauditx', 0x800: 'neverallowx',
}

const fileKinds: Readonly<Record<string, string>> = {
  file: 'file', dir: 'dir', chr_file: 'char', blk_file: 'block', sock_file: 'socket', fifo_file: 'pipe',
  lnk_file: 'symlink',
}

const xpermText = ({ kind, driver, bits }: NonNullable<ModuleRule['xperms']>, tclass: string): string => {
  const set = Array.from({ length: 256 }, (_, bit) => bit).filter((bit) => (bits[bit >>> 5]! & (1 << (bit & 31))) !== 0)
  const number = (value: number): string => `0x${value.toString(16)}`
  const numbers = set.map((bit) => (kind === policydb.AVTAB_XPERMS_IOCTLDRIVER
    ? `(range ${number(bit * 256)} ${number(bit * 256 + 255)})` : number(driver * 256 + bit)))
  return `${kind === policydb.AVTAB_XPERMS_NLMSG ? 'nlmsg' : 'ioctl'} ${tclass} ${joined(numbers)}`
}

const ipText = (address: Uint8Array): string => {
  if (address.length === 4) return address.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! * 256 + address[2 * i + 1]!).toString(16))
  return groups.join(':')
}

/** Throws PolicyError for what CIL cannot say. */
export const moduleToCil = (module: PolicyModule): string => new ModuleWriter(module).write()
