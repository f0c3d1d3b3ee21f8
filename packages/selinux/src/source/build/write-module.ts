/** Writes a module that was built, as checkmodule of 3.8 writes it: the same bytes. */
import { symbolKinds } from '../../module/module.ts'
import type { ModuleConditional, ModuleRule, PolicyModule } from '../../module/module.ts'
import { ByteWriter, Text } from '../../policydb/byte-writer.ts'
import { POLICYDB_VERSION_NEVERAUDIT } from '../../policydb/constants.ts'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { writeGenfs, writeOcontexts } from '../../policydb/write-ocontexts.ts'
import { blocksInForce } from './block.ts'
import type { Block, Bits } from './block.ts'
import { holds } from './conditionals.ts'
import { inHashOrder } from './hash-order.ts'
import type { Kind, Symbols } from './symbols.ts'
import { writeRange, writeRoles, writeSet } from './write-sets.ts'
import { blockTableSizes, tableSizes, writeTable } from './write-symbols.ts'

const MAGIC = 0xf97cff8d
const MODULE_STRING = 'SE Linux Module'
const BASE = 1
const MODULE = 2
/** checkmodule 3.8's own. */
const VERSION = 22
const CONTEXT_KINDS = 9
const CONFIG_MLS = 1
const handling = { deny: 0, reject: 2, allow: 4 } as const
const REQUIRED = 1
const DECLARED = 2

/** All that a module's file has, some of which its readers pass over. */
export interface Written {
  readonly name: string
  readonly version: string
  readonly isBase: boolean
  readonly mls: boolean
  readonly handleUnknown: keyof typeof handling
  readonly policycaps: Ebitmap
  readonly symbols: Symbols
  readonly blocks: readonly Block[]
  readonly contexts: PolicyModule['contexts']
  readonly genfs: PolicyModule['genfs']
}

const writeRule = (w: ByteWriter, { specified, flags, sources, targets, perms, xperms }: ModuleRule): void => {
  w.u32(specified)
  w.u32(flags)
  writeSet(w, sources)
  writeSet(w, targets)
  w.list(perms, ({ tclass, data }) => {
    w.u32(tclass)
    w.u32(data)
  })
  if (xperms === null) return
  w.u8(xperms.kind)
  w.u8(xperms.driver)
  for (const word of xperms.bits) w.u32(word)
}

const writeConditional = (
  w: ByteWriter, { expression, whenTrue, whenFalse }: ModuleConditional,
  states: ReadonlyMap<number, boolean>,
): void => {
  w.u32(holds(expression, states) ? 1 : 0)
  w.list(expression, ({ kind, bool }) => {
    w.u32(kind)
    w.u32(bool)
  })
  w.list(whenTrue, (rule) => writeRule(w, rule))
  w.list(whenFalse, (rule) => writeRule(w, rule))
  // checkmodule 3.8 never marks a condition on tunables as one.
  w.u32(0)
}

const writeScopes = (w: ByteWriter, bits: Bits, permissions: ReadonlyMap<number, ReadonlySet<number>>): void => {
  for (const kind of symbolKinds) w.ebitmap(Ebitmap.of(bits[kind]))
  const count = Math.max(0, ...[...permissions].filter(([, set]) => set.size > 0).map(([tclass]) => tclass))
  w.u32(count)
  for (let tclass = 1; tclass <= count; tclass++) w.ebitmap(Ebitmap.of(permissions.get(tclass) ?? []))
}

const writeTransitions = (w: ByteWriter, block: Block): void => {
  w.list(block.roleTransitions, ({ roles, types, classes, newRole }) => {
    writeRoles(w, roles)
    writeSet(w, types)
    w.ebitmap(classes)
    w.u32(newRole)
  })
  w.list(block.roleAllows, ({ roles, newRoles }) => {
    writeRoles(w, roles)
    writeRoles(w, newRoles)
  })
  w.list(block.nameTransitions, ({ name, sources, targets, tclass, type, flags }) => {
    w.string(name)
    writeSet(w, sources)
    writeSet(w, targets)
    w.u32(tclass)
    w.u32(type)
    w.u32(flags)
  })
  w.list(block.rangeTransitions, ({ sources, targets, classes, range }) => {
    writeSet(w, sources)
    writeSet(w, targets)
    w.ebitmap(classes)
    writeRange(w, range)
  })
}

const writeDeclaration = (
  w: ByteWriter, block: Block, states: ReadonlyMap<number, boolean>, isBase: boolean, isInForce: boolean,
): void => {
  w.u32(block.id)
  w.u32(isInForce ? 1 : 0)
  w.list(block.conditionals, (conditional) => writeConditional(w, conditional, states))
  w.list(block.rules, (rule) => writeRule(w, rule))
  writeTransitions(w, block)
  writeScopes(w, block.required, block.requiredPermissions)
  writeScopes(w, block.declared, new Map())
  const own: Partial<Record<Kind, Iterable<{ readonly name: string }>>> = {
    types: block.types.values(), roles: block.roles.values(), users: block.users.values(),
  }
  for (const kind of symbolKinds) {
    w.u32(0)
    writeTable(w, kind, blockTableSizes, own[kind] ?? [], isBase)
  }
}

/** The bytes of a module, without a package around it. */
export const writeModule = (module: Written): Uint8Array => {
  const { name, version, isBase, mls, symbols, blocks, contexts } = module
  const inForce = isBase ? blocksInForce(blocks) : new Set<Block>()
  const w = new ByteWriter()
  w.u32(MAGIC)
  w.string(MODULE_STRING)
  w.u32(isBase ? BASE : MODULE)
  w.u32(VERSION)
  w.u32((mls ? CONFIG_MLS : 0) | (isBase ? handling[module.handleUnknown] : 0))
  w.u32(symbolKinds.length)
  w.u32(isBase ? CONTEXT_KINDS : 0)
  if (!isBase) {
    w.string(name)
    w.string(version)
  }
  w.ebitmap(module.policycaps)
  for (const kind of symbolKinds) {
    w.u32(symbols.count(kind))
    writeTable(w, kind, tableSizes, symbols.tables[kind].values(), isBase)
  }
  const states = new Map([...symbols.tables.booleans.values()].map(({ value, state }) => [value, state]))
  w.list(blocks, (block) => {
    w.list(block.otherwise === null ? [block] : [block, block.otherwise], (branch) =>
      writeDeclaration(w, branch, states, isBase, inForce.has(branch)))
  })
  for (const kind of symbolKinds) {
    const scopes = [...symbols.scopes[kind]].map(([key, scope]) => ({ name: key, ...scope }))
    w.list(inHashOrder(scopes, tableSizes[kind]), (scope) => {
      w.string(scope.name)
      w.u32(scope.isDeclared ? DECLARED : REQUIRED)
      w.list(scope.blocks, (id) => w.u32(id))
    })
  }
  const target = { w, version: POLICYDB_VERSION_NEVERAUDIT, drop: () => {} }
  if (isBase) writeOcontexts(target, contexts)
  writeGenfs(target, module.genfs)
  return w.finish()
}

const PACKAGE_MAGIC = 0xf97cff8f
const PACKAGE_VERSION = 1
/** In the order of semodule_package. */
const sections = [['fileContexts', 0xf97cff90], ['users', 0x097cff91], ['userPrefixes', 0x097cff92]] as const

/** A module with its texts, as semodule_package puts them together. */
export const writePackage = (
  module: Uint8Array, texts: Readonly<Record<(typeof sections)[number][0], string>>,
): Uint8Array => {
  const parts: Uint8Array[] = [module]
  for (const [key, magic] of sections) {
    if (texts[key] === '') continue
    const w = new ByteWriter()
    w.u32(magic)
    w.text(new Text(texts[key]))
    parts.push(w.finish())
  }
  const w = new ByteWriter()
  w.u32(PACKAGE_MAGIC)
  w.u32(PACKAGE_VERSION)
  w.u32(parts.length)
  let at = 4 * (3 + parts.length)
  for (const part of parts) {
    w.u32(at)
    at += part.length
  }
  for (const part of parts) w.raw(part)
  return w.finish()
}
