/**
 * A module as CIL. Sets of types that are not lists of names become attributes of their own, and what a block needs is
 * named in `cil_gen_require`, so that an optional block goes when something is missing: as libsepol's converter does.
 */
import { writeBase } from './cil/base.ts'
import { writeAdded, writeAliases, writeDeclared } from './cil/declarations.ts'
import { ruleLines, writeConditional } from './cil/rules.ts'
import { REQUIRE } from './cil/text.ts'
import { writeTransitions } from './cil/transitions.ts'
import { CilWriter } from './cil/writer.ts'
import { MODULE_ATTRIBUTE, symbolKinds } from './module.ts'
import type { Declaration, ModuleSymbols, PolicyModule } from './module.ts'

/** Throws PolicyError for what CIL cannot say. */
export const moduleToCil = (module: PolicyModule): string => {
  const out = new CilWriter(module)
  writeModule(out)
  return out.text
}

/** The writer's module, every block of it. */
export const writeModule = (out: CilWriter): void => {
  const { module } = out
  const [first, ...optionals] = module.blocks
  if (module.isBase) writeBase(out)
  if (first === undefined) return
  writeBlock(out, first, null)
  for (const block of optionals) {
    out.beginOptional()
    out.say(`(optional ${module.name}_optional_${block.id}`)
    out.indent = '  '
    writeBlock(out, block, first)
    out.indent = ''
    out.say(')')
  }
}

/** `around` is the block that holds always: what it needs need not be said again. */
const writeBlock = (out: CilWriter, block: Declaration, around: Declaration | null): void => {
  for (const kind of symbolKinds) writeDeclared(out, kind, block)
  writeAliases(out, block)
  for (const [kind, keyword] of [['roles', 'roleattributeset'], ['types', 'typeattributeset']] as const) {
    for (const bit of block.required[kind]) {
      const name = out.names[kind][bit + 1]
      const isKnown = around !== null && (around.required[kind].has(bit) || around.declared[kind].has(bit))
      if (name !== undefined && name !== 'object_r' && !isKnown) out.say(`(${keyword} ${REQUIRE} ${name})`)
    }
  }
  if (around === null) writeAdded(out, requiredSymbols(out, block))
  writeAdded(out, block.added)
  for (const rule of block.rules) for (const line of ruleLines(out, rule)) out.say(line)
  for (const conditional of block.conditionals) writeConditional(out, conditional)
  writeTransitions(out, block)
}

/** Symbols of others, with what the module as a whole adds to them. */
const requiredSymbols = (
  out: CilWriter, { required }: Declaration,
): Pick<ModuleSymbols, 'types' | 'roles' | 'users'> => {
  const { types, roles, users } = out.module.symbols
  return {
    types: types.filter(({ value, properties }) =>
      (properties & MODULE_ATTRIBUTE) !== 0 && required.types.has(value - 1)),
    roles: roles.filter(({ value }) => required.roles.has(value - 1)),
    users: users.filter(({ value }) => required.users.has(value - 1)),
  }
}
