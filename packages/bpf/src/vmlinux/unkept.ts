/**
 * Members of Linux's structs that a kernel in user space has no value for: they are in our types, so that programs find
 * them, and read 0. Each has its reason (reasons.ts).
 */
import { ownValue } from '@lsmkit/abi'
import type { EnumValues } from './enums.ts'
import { unkeptEnums, unkeptMembers, unkeptTypedefs } from './generated/unkept.ts'
import type { Reason } from './reasons.ts'

/** A member as C declares it. */
export interface Unkept {
  readonly name: string
  readonly declaration: string
  readonly reason: Reason
}

/** `unsigned long a,*b,c[4]` one by one. */
const each = (text: string): readonly (readonly [name: string, declaration: string])[] => {
  const [first = '', ...rest] = text.split(',')
  const space = first.lastIndexOf(' ')
  const base = first.slice(0, space)
  return [first.slice(space + 1), ...rest].map((one) => [/\w+/.exec(one)![0], `${base} ${one}`])
}

const parse = (text: string): Unkept[] => text.split('|').filter((part) => part !== '').flatMap((part) => {
  const colon = part.indexOf(':')
  const reason = part.slice(0, colon) as Reason
  return part.slice(colon + 1).split(';').flatMap((line) =>
    each(line).map(([name, declaration]): Unkept => ({ name, declaration, reason })))
})

const parsed = new Map<string, ReadonlyMap<string, Unkept>>()

/** Those of `struct NAME` or `union NAME`, by name. */
export const unkeptOf = (key: string): ReadonlyMap<string, Unkept> => {
  let own = parsed.get(key)
  if (own === undefined) {
    own = new Map(parse(ownValue(unkeptMembers, key) ?? '').map((one) => [one.name, one]))
    parsed.set(key, own)
  }
  return own
}

/** The same as members of a C body. */
export const unkeptText = (key: string): string => (ownValue(unkeptMembers, key) ?? '').split('|')
  .map((part) => part.slice(part.indexOf(':') + 1).split(';').map(apart).join(';')).join(';')

/** `unsigned long a,*b` as `unsigned long a;unsigned long *b`. */
const apart = (line: string): string => {
  const comma = line.indexOf(',')
  if (comma === -1) return line
  const base = line.slice(0, line.lastIndexOf(' ', comma) + 1)
  return line.replaceAll(',', `;${base}`)
}

export const unkeptStructs = (): string[] => Object.keys(unkeptMembers)

/** Whether a member of a struct has no value, whatever the types are that say where it lies. */
export const isUnkept = (struct: string, member: string): boolean =>
  unkeptOf(`struct ${struct}`).has(member) || unkeptOf(`union ${struct}`).has(member)

export { unkeptTypedefs }

export const unkeptEnumValues = (): Record<string, EnumValues> => Object.fromEntries(
  Object.entries(unkeptEnums).map(([name, text]): [string, EnumValues] => [name, text.split(' ').map((one) => {
    const [value = '', number] = one.split('=')
    return [value, Number(number)]
  })]))
