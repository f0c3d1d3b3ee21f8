/** The classes of kernel objects as source text: plain fields, and views over linear memory. */
import { CapSet } from '@lsmkit/abi'
import type { Field } from '../src/objects/field.ts'
import { objectKinds } from '../src/objects/kinds.ts'
import type { ObjectKind } from '../src/objects/kinds.ts'
import { layoutOf } from '../src/objects/layout.ts'
import type { FieldPlace } from '../src/objects/layout.ts'

const generated = 'Generated from the field tables by scripts/generate-objects.ts: do not edit.'
const types = objectKinds.map(({ type }) => type).sort().join(', ')

/** The value as source that makes it afresh. */
const literal = (value: unknown): string => {
  if (value instanceof CapSet) return value.lo === 0 && value.hi === 0 ? 'new CapSet()' : `new CapSet(${value.lo}, ${value.hi})`
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value).map(([key, part]) => `${key}: ${literal(part)}`).join(', ')} }`
}

const givenOf = ({ type, table }: ObjectKind): string[] =>
  Object.entries(table).flatMap(([name, field]) => (field.given ? [`${name}: ${type}['${name}']`] : []))

const assignment = ([name, field]: [string, Field<unknown>]): string =>
  `    this.${name} = ${field.given ? name : literal(field.initial())}`

/** A parameter list, broken where the line would be too long. */
const parameters = (list: readonly string[]): string => {
  const line = list.join(', ')
  return line.length < 100 ? line : `\n${list.map((one) => `    ${one},`).join('\n')}\n  `
}

const plainClass = (kind: ObjectKind): string => {
  const fields = Object.entries(kind.table)
  return `export class Plain${kind.type} implements ${kind.type} {
${fields.map(([name]) => `  ${name}: ${kind.type}['${name}']`).join('\n')}

  constructor(${parameters(givenOf(kind))}) {
${fields.map(assignment).join('\n')}
  }
}
`
}

export const renderPlain = (): string => `/** Kernel objects in plain fields. ${generated} */
import { CapSet } from '@lsmkit/abi'
import type { ${types} } from './index.ts'

${objectKinds.map(plainClass).join('\n')}`

const accessor: Readonly<Record<string, string>> = {
  unsigned1: 'Uint8', unsigned2: 'Uint16', unsigned4: 'Uint32', signed1: 'Int8', signed2: 'Int16', signed4: 'Int32',
}

/** Body of a getter and a setter of one field; `held` fields have a JavaScript value beside the bytes. */
const viewOf = (name: string, { form, size, offset }: FieldPlace): { get: string; set: string; held: boolean } => {
  const at = offset === 0 ? 'this.addr' : `this.addr + ${offset}`
  if ((form === 'unsigned' || form === 'signed') && size === 8) {
    const read = form === 'signed' ? 'readSigned64' : 'readUnsigned64'
    return { get: `this.memory.${read}(${at})`, set: `this.memory.write64(${at}, value)`, held: false }
  }
  if (form === 'unsigned' || form === 'signed') {
    const call = `${accessor[form + size]}(${at}${size === 1 ? '' : ', true'})`
    const set = `${accessor[form + size]}(${at}, value${size === 1 ? '' : ', true'})`
    return { get: `this.memory.view.get${call}`, set: `this.memory.view.set${set}`, held: false }
  }
  const write = {
    pointer: `this.memory.writePointer(${at}, value)`,
    text: `this.memory.writeText(${at}, ${size}, value)`,
    path: `writePath(this.memory, ${at}, value)`,
    qstr: `writeQstr(this.memory, ${at}, value, this)`,
    caps: `writeCaps(this.memory, ${at}, value)`,
  }[form as 'pointer' | 'text' | 'path' | 'qstr' | 'caps']
  return { get: `this.held_${name}`, set: write, held: true }
}

const viewClass = (kind: ObjectKind): string => {
  const { type, table } = kind
  const layout = layoutOf(table)
  const fields = Object.keys(table).map((name) => {
    const place = layout.fields[name]!
    return { name, place, ...viewOf(name, place) }
  })
  const isCaps = ({ place }: { place: FieldPlace }) => place.form === 'caps'
  const held = fields.filter((field) => field.held)
  const accessors = fields.map((field) => {
    const { name, get, set } = field
    const keep = field.held && !isCaps(field) ? `\n    this.held_${name} = value` : ''
    return `  get ${name}(): ${type}['${name}'] {
    return ${get}
  }

  set ${name}(value: ${type}['${name}']) {${keep}
    ${set}
  }
`
  })
  const caps = held.filter(isCaps).map(({ name, place }) => `    this.held_${name} = new MemoryCapSet(this, ${place.offset})`)
  const starts = Object.entries(table).filter(([, field]) => !isZero(field)).map(assignment)
  const definite = held.map((field) => `  private held_${field.name}${isCaps(field) ? ':' : '!:'} ${type}['${field.name}']`)
  return `/** ${layout.size} bytes. */
export class ${type}View extends MemoryObject implements ${type} {
${definite.join('\n')}

  constructor(${parameters(['memory: LinearMemory', ...givenOf(kind)])}) {
    super(memory, ${layout.size})
${[...caps, ...starts].join('\n')}
  }

${accessors.join('\n')}}
`
}

/** Fresh memory is zeroed, so numbers that start at 0 and empty sets need no writing. */
const isZero = (field: Field<unknown>): boolean => {
  if (field.given) return false
  const value = field.initial()
  return value === 0 || (value instanceof CapSet && value.lo === 0 && value.hi === 0)
}

export const renderMemory = (): string => `/** Kernel objects as views over linear memory. ${generated} */
import type { ${types} } from './index.ts'
import { MemoryObject } from './linear-memory.ts'
import type { LinearMemory } from './linear-memory.ts'
import { MemoryCapSet, writeCaps, writePath, writeQstr } from './memory-parts.ts'

${objectKinds.map(viewClass).join('\n')}`
