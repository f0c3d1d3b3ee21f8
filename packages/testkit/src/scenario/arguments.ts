/** Arguments of a step turned into those of a system call. */
import * as abi from '@lsmkit/abi'
import { packLandlockNetPort, packLandlockPathBeneath, packLandlockRuleset, ownValue } from '@lsmkit/abi'
import type { LandlockRulesetAttr } from '@lsmkit/abi'
import { didYouMean } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { Kstat, Kstatfs } from '@lsmkit/kernel'
import { calls, structs } from './calls.ts'
import { ScenarioError } from './errors.ts'
import type { Step } from './scenario.ts'

/** The meaning of names while a scenario runs. */
export interface Names {
  readonly saved: ReadonlyMap<string, number>
  readonly tasks: ReadonlyMap<string, Task>
}

export interface CallArguments {
  readonly values: readonly unknown[]
  /** Those that the call fills in. */
  readonly buffer: Uint8Array | null
  readonly stat: Kstat | null
  readonly fds: number[] | null
  /** A message that is received: its text, and the descriptors that came with it. */
  readonly message: Message | null
}

interface Message {
  readonly msg_name: null
  readonly msg_iov: readonly Uint8Array[]
  readonly msg_control: Control[]
  readonly msg_flags: number
}

interface Control {
  readonly cmsg_level: number
  readonly cmsg_type: number
  readonly data: readonly number[]
}

/** Descriptors of a message. */
export const passedFds = ({ msg_control }: Message): number[] =>
  msg_control.filter(({ cmsg_type }) => cmsg_type === abi.SCM_RIGHTS).flatMap(({ data }) => [...data])

const constants = abi as unknown as Readonly<Record<string, unknown>>
const encoder = new TextEncoder()

const wrong = (place: string, message: string, hint?: string | null): never => {
  throw new ScenarioError('bad-field', message, { place, hint: hint ?? null })
}

const term = (text: string, place: string): number => {
  if (/^-?\d+$/.test(text) || /^0x[\da-f]+$/i.test(text)) {
    return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text)
  }
  const negative = text.startsWith('-')
  const value = constants[negative ? text.slice(1) : text]
  if (typeof value === 'number') return negative ? -value : value
  const known = Object.keys(constants).filter((name) => /^[A-Z]/.test(name))
  return wrong(place, `there is no constant \`${text}\``, didYouMean(text, known))
}

/** A number, an octal or hexadecimal text, or constants of C joined by `|`. */
export const numberOf = (value: unknown, place: string): number => {
  if (Number.isInteger(value)) return value as number
  if (typeof value !== 'string') return wrong(place, `\`${JSON.stringify(value)}\` is not a whole number`)
  return value.split('|').map((part) => term(part.trim(), place)).reduce((sum, part) => (sum === 0 ? part : sum | part))
}

/** What has been saved under this name, or the pid of who has it. */
const named = (names: Names, name: string, place: string): number => {
  const value = names.saved.get(name) ?? names.tasks.get(name)?.pid
  if (value !== undefined) return value
  const hint = didYouMean(name, [...names.saved.keys(), ...names.tasks.keys()])
  throw new ScenarioError('unknown-name', `nothing has been saved as \`${name}\`, and nobody is`, { place, hint })
}

const resolved = (value: unknown, names: Names, place: string): number =>
  typeof value === 'string' && value.startsWith('$') ? named(names, value.slice(1), place) : numberOf(value, place)

/** `/proc/$bob/fd/$fd`. */
const pathOf = (value: unknown, names: Names, place: string): string | null => {
  if (value === null) return null
  if (typeof value !== 'string') return wrong(place, `\`${JSON.stringify(value)}\` is not a path`)
  return value.replace(/\$(\w+)/g, (_, name: string) => String(named(names, name, place)))
}

/** What a call may be given at once, in bytes. */
const MOST_ROOM = 2 ** 28

const roomOf = (value: unknown, names: Names, place: string): Uint8Array => {
  const size = value === undefined ? 4096 : resolved(value, names, place)
  if (size < 0 || size > MOST_ROOM) wrong(place, `there is no room of ${size} bytes`, `0 to ${MOST_ROOM}`)
  return new Uint8Array(size)
}

const listOf = (value: unknown, place: string): readonly unknown[] => {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : wrong(place, `\`${JSON.stringify(value)}\` is not a list`)
}

/** A text, or `{ repeat: x, times: 5000 }`. */
const bytesOf = (value: unknown, place: string): Uint8Array => {
  if (typeof value === 'string') return encoder.encode(value)
  const { repeat, times } = (value ?? {}) as { repeat?: unknown; times?: unknown }
  if (typeof repeat === 'string' && typeof times === 'number' && times >= 0 && repeat.length * times <= MOST_ROOM)
    return encoder.encode(repeat.repeat(times))
  return wrong(place, `\`${JSON.stringify(value)}\` is not data`, 'a text, or { repeat: x, times: 5000 }')
}

/** `struct sockaddr_un`. */
const addressOf = (path: string): Uint8Array => Uint8Array.of(abi.AF_UNIX, 0, ...encoder.encode(`${path}\0`))

const messageOf = (bytes: Uint8Array, fds: readonly number[]): Message => ({
  msg_name: null,
  msg_iov: [bytes],
  msg_control: fds.length === 0 ? [] : [{ cmsg_level: abi.SOL_SOCKET, cmsg_type: abi.SCM_RIGHTS, data: fds }],
  msg_flags: 0,
})

/** A struct: fields that are not said are 0. null for a pointer to nothing. */
const structOf = (
  fields: readonly string[], value: unknown, names: Names, place: string,
): Record<string, number> | null => {
  if (value === undefined || value === null) return null
  const hint = `{ ${fields.join(', ')} }`
  if (typeof value !== 'object' || Array.isArray(value)) wrong(place, `\`${JSON.stringify(value)}\` is not a map`, hint)
  const given = Object.entries(value).map(([name, each]): [string, number] => {
    if (!fields.includes(name)) wrong(place, `there is no field \`${name}\``, didYouMean(name, fields) ?? hint)
    return [name, resolved(each, names, place)]
  })
  return { ...Object.fromEntries(fields.map((name) => [name, 0])), ...Object.fromEntries(given) }
}

/** `struct landlock_ruleset_attr`. */
const rulesetOf = (fields: Record<string, number> | null): Uint8Array | null =>
  fields === null ? null : packLandlockRuleset(fields as unknown as LandlockRulesetAttr)

/** `struct landlock_path_beneath_attr`, or with a port `struct landlock_net_port_attr`. */
const ruleOf = (fields: Record<string, number> | null, value: unknown): Uint8Array | null => {
  if (fields === null) return null
  const { allowed_access = 0, parent_fd = 0, port = 0 } = fields
  return Object.hasOwn(value as object, 'port')
    ? packLandlockNetPort(allowed_access, port)
    : packLandlockPathBeneath(allowed_access, parent_fd)
}

/** Throws ScenarioError for arguments that the call does not take. */
export const argumentsOf = ({ call, args, place }: Step, names: Names): CallArguments => {
  const kinds = ownValue(calls, call)!
  const given = [...args]
  const taken = [...kinds].filter((kind) => !'tfwyz'.includes(kind)).length
  if (given.length > taken) wrong(place, `${call} takes ${taken} arguments, not ${given.length}`)
  let buffer: Uint8Array | null = null
  let stat: Kstat | null = null
  let fds: number[] | null = null
  let message: Message | null = null
  const values = [...kinds].flatMap((kind): unknown => {
    switch (kind) {
      case 't':
        return (stat = new Kstat())
      case 'f':
        return [(fds = [])]
      case 'w':
        return { value: 0 }
      case 'y':
        return new Kstatfs()
      case 'z':
        return null
    }
    const value = given.shift()
    switch (kind) {
      case 'n':
        return value === undefined ? 0 : resolved(value, names, place)
      case 'p':
        return pathOf(value === undefined ? null : value, names, place)
      case 'd':
        return bytesOf(value, place)
      case 'b':
        return (buffer = roomOf(value, names, place))
      case 'v':
        return [listOf(value, place).map(String)]
      case 'l':
        return [listOf(value, place).map((each) => resolved(each, names, place))]
      case 'u': {
        const address = addressOf(pathOf(value, names, place) ?? '')
        return [address, address.length]
      }
      case 's': {
        const [text, ...sent] = [value].flat()
        return messageOf(bytesOf(text, place), sent.map((each) => resolved(each, names, place)))
      }
      case 'a':
        return rulesetOf(structOf(['handled_access_fs', 'handled_access_net', 'scoped'], value, names, place))
      case 'A':
        return ruleOf(structOf(['allowed_access', 'parent_fd', 'port'], value, names, place), value)
      case 'm':
        buffer = roomOf(value, names, place)
        return (message = messageOf(buffer, []))
      default:
        return structOf(ownValue(structs, kind)!, value, names, place)
    }
  })
  return { values, buffer, stat, fds, message }
}
