/** A policy package as CIL, with the attributes that it takes from others. */
import { packageTextsToCil } from './context-lines.ts'
import { MODULE_ATTRIBUTE } from './module.ts'
import type { PolicyModule } from './module.ts'
import { readPackage } from './package.ts'
import { readModule } from './read-module.ts'
import { moduleToCil } from './to-cil.ts'

/** Attributes that a module names and others declare. */
export interface NeededAttributes {
  /** Of types. */
  readonly attributes: readonly string[]
  readonly roleAttributes: readonly string[]
}

export interface ModuleText extends NeededAttributes {
  readonly name: string
  readonly text: string
}

/** A policy package, or a module alone, as CIL. `lms` marks name no line: a package has none. Throws PolicyError. */
export const packageToCil = (bytes: Uint8Array): ModuleText => {
  const found = readPackage(bytes)
  const module = readModule(found.module)
  const text = `${[moduleToCil(module).trimEnd(), ...packageTextsToCil(found)].join('\n')}\n`
  return { name: module.name, text, ...neededAttributes(module) }
}

export const neededAttributes = ({ symbols, blocks }: PolicyModule): NeededAttributes => {
  const isNeeded = (kind: 'types' | 'roles', value: number): boolean =>
    blocks.some(({ required }) => required[kind].has(value - 1))
  return {
    attributes: symbols.types.filter(({ properties, value }) =>
      (properties & MODULE_ATTRIBUTE) !== 0 && isNeeded('types', value)).map(({ name }) => name),
    roleAttributes: symbols.roles.filter(({ isAttribute, value }) => isAttribute && isNeeded('roles', value))
      .map(({ name }) => name),
  }
}
