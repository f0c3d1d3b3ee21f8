/** Values of variables as text, read by their C types: `7`, `0x1f`, `true`, `MODE_DENY`, `1,2,3`, `{"pid": 1}`. */
import type { Btf } from '../btf/btf.ts'
import { BpfError } from '../error.ts'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import type { Value } from '../maps/value-codec.ts'
import { isText } from '../maps/value-codec.ts'

/** A value that is read by the type of the variable it is for. */
export class ValueText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const INTEGER = /^[+-]?(0x[\da-f]+|0b[01]+|0o?[0-7]*|[1-9]\d*)$/i

/**
 * The value of type `id` that `text` stands for. Integers are decimal, 0x, 0b or octal; a `bool` is true, false, 1 or
 * 0; an enumeration a name or a number; an array of char the text itself; another array a list with commas or JSON; a
 * struct or union JSON, in which strings are texts of this kind. Throws BpfError `bad-value`, with `place` in it.
 */
export const valueOfText = (types: Btf, id: number, text: string, place: string): Value => {
  const bad = (message: string, hint: string | null = null): never => {
    throw new BpfError('bad-value', message, place, hint)
  }
  const type = types.resolved(id)
  switch (type.kind) {
    case 'int':
      if (!type.isBool) return integerOf(text) ?? bad(`\`${text}\` is not an integer`)
      return BOOLEANS.get(text) ?? bad(`\`${text}\` is not true or false`)
    case 'ptr': return integerOf(text) ?? bad(`\`${text}\` is not an address`)
    case 'enum': case 'enum64': {
      const names = type.values.map(({ name }) => name)
      if (names.includes(text)) return text
      return integerOf(text) ??
        bad(`\`${text}\` is not a value of the enumeration`, didYouMean(text, names) ?? `it has ${names.join(', ')}`)
    }
    case 'float': {
      const value = text.trim() === '' ? NaN : Number(text)
      return Number.isNaN(value) ? bad(`\`${text}\` is not a number`) : value
    }
    case 'array': {
      if (isText(types, type) && !text.startsWith('"')) return text
      if (!isText(types, type) && !text.startsWith('[')) {
        const parts = text === '' ? [] : text.split(',')
        return parts.map((part, at) => valueOfText(types, type.type, part.trim(), `${place}[${at}]`))
      }
      return valueOfJson(types, id, jsonOf(text, bad), place)
    }
    case 'struct': case 'union': return valueOfJson(types, id, jsonOf(text, bad), place)
    default: return bad(`there are no values of a ${type.kind}`)
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([['true', true], ['1', true], ['false', false], ['0', false]])

const integerOf = (text: string): bigint | null => {
  if (!INTEGER.test(text)) return null
  const digits = text.replace(/^[+-]/, '').replace(/^0(?=[0-7])/, '0o')
  return text.startsWith('-') ? -BigInt(digits) : BigInt(digits)
}

const jsonOf = (text: string, bad: (message: string, hint: string) => never): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return bad(`\`${text}\` is not JSON`, 'an array is [1, 2], a struct {"member": 1}')
  }
}

const valueOfJson = (types: Btf, id: number, json: unknown, place: string): Value => {
  const type = types.resolved(id)
  const bad = (message: string, hint: string | null = null): never => {
    throw new BpfError('bad-value', message, place, hint)
  }
  if (typeof json === 'string') {
    return type.kind === 'array' && isText(types, type) ? json : valueOfText(types, id, json, place)
  }
  if (typeof json === 'number' && Number.isInteger(json) && !Number.isSafeInteger(json)) {
    return bad(`${json} is more than JSON keeps`, 'write it as text: "0xffffffffffffffff"')
  }
  if (type.kind === 'array' && Array.isArray(json)) {
    return json.map((one, at) => valueOfJson(types, type.type, one, `${place}[${at}]`))
  }
  if ((type.kind === 'struct' || type.kind === 'union') && typeof json === 'object' && json !== null) {
    if (Array.isArray(json)) return bad(`is an array, but a ${type.kind} is wanted`)
    return Object.fromEntries(Object.entries(json).map(([name, one]) => {
      const member = memberType(types, id, name) ?? memberless(types, id, name, place)
      return [name, valueOfJson(types, member, one, `${place}.${name}`)]
    }))
  }
  return typeof json === 'number' || typeof json === 'boolean' ? json : bad('is not a value of its type')
}

/** Of a struct; members of anonymous ones in it count as its own. */
const memberType = (types: Btf, id: number, name: string, depth = 0): number | null => {
  for (const member of depth > 32 ? [] : types.members(id)) {
    if (member.name === name) return member.type
    const inner = member.name === '' ? memberType(types, member.type, name, depth + 1) : null
    if (inner !== null) return inner
  }
  return null
}

const memberless = (types: Btf, id: number, name: string, place: string): never => {
  const names = types.members(id).map((member) => member.name).filter((one) => one !== '')
  throw new BpfError(
    'bad-value', `\`${types.name(types.resolve(id))}\` has no member \`${name}\``, place, didYouMean(name, names),
  )
}
