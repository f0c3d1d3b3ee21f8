/**
 * Writes src/objects/plain.ts: for each kind of kernel object with a field table the class that holds it in plain
 * fields. `node scripts/run.mjs source packages/core/scripts/generate-objects.ts`; a test keeps the two in step.
 */
import { writeFileSync } from 'node:fs'
import { CapSet } from '@lsmkit/abi'
import type { FieldTable } from '../src/objects/field.ts'
import { objectKinds as kinds } from '../src/objects/kinds.ts'

/** The value as source that makes it afresh. */
const literal = (value: unknown): string => {
  if (value instanceof CapSet) return value.lo === 0 && value.hi === 0 ? 'new CapSet()' : `new CapSet(${value.lo}, ${value.hi})`
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value).map(([key, part]) => `${key}: ${literal(part)}`).join(', ')} }`
}

const plainClass = (type: string, table: FieldTable): string => {
  const fields = Object.entries(table)
  const typed = (name: string) => `${name}: ${type}['${name}']`
  const given = fields.filter(([, field]) => field.given).map(([name]) => name)
  return `export class Plain${type} implements ${type} {
${fields.map(([name]) => `  ${typed(name)}`).join('\n')}

  constructor(${given.map(typed).join(', ')}) {
${fields.map(([name, field]) => `    this.${name} = ${field.given ? name : literal(field.initial())}`).join('\n')}
  }
}
`
}

export const generatePlain = (): string => {
  const types = kinds.map(({ type }) => type).sort()
  return `/** Kernel objects in plain fields. Generated from the field tables by scripts/generate-objects.ts: do not edit. */
import { CapSet } from '@lsmkit/abi'
import type { ${types.join(', ')} } from './index.ts'

${kinds.map(({ type, table }) => plainClass(type, table)).join('\n')}`
}

if (import.meta.main) writeFileSync(new URL('../src/objects/plain.ts', import.meta.url), generatePlain())
