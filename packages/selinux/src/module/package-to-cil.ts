/** A policy package as CIL, with the attributes that it takes from others. */
import { packageTextsToCil } from './context-lines.ts'
import { MODULE_ATTRIBUTE } from './module.ts'
import { readPackage } from './package.ts'
import { readModule } from './read-module.ts'
import { moduleToCil } from './to-cil.ts'

export interface ModuleText {
  readonly name: string
  readonly text: string
  /** Attributes of types and of roles that the module names and others declare. */
  readonly attributes: readonly string[]
  readonly roleAttributes: readonly string[]
}

/** A policy package, or a module alone, as CIL. `lms` marks name no line: a package has none. Throws PolicyError. */
export const packageToCil = (bytes: Uint8Array): ModuleText => {
  const found = readPackage(bytes)
  const module = readModule(found.module)
  const text = `${[moduleToCil(module).trimEnd(), ...packageTextsToCil(found)].join('\n')}\n`
  const { types, roles } = module.symbols
  const isNeeded = (kind: 'types' | 'roles', value: number): boolean =>
    module.blocks.some(({ required }) => required[kind].has(value - 1))
  return {
    name: module.name, text,
    attributes: types.filter(({ properties, value }) =>
      (properties & MODULE_ATTRIBUTE) !== 0 && isNeeded('types', value)).map(({ name }) => name),
    roleAttributes: roles.filter(({ isAttribute, value }) => isAttribute && isNeeded('roles', value))
      .map(({ name }) => name),
  }
}
