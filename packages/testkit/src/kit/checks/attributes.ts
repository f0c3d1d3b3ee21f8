/** Attributes of tasks, by the rules that lsm_get_self_attr(2), lsm_set_self_attr(2) and /proc/PID/attr count on. */
import {
  E2BIG, EINVAL, EOPNOTSUPP, errnoName, LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_FSCREATE, LSM_ATTR_KEYCREATE,
  LSM_ATTR_PREV, LSM_ATTR_SOCKCREATE, LSM_ID_UNDEF, PAGE_SIZE, unpackLsmCtxs,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { nonconforming } from '../verdict.ts'
import { createWorld } from '../world.ts'
import type { Factory, World } from '../world.ts'

const attributes = [
  LSM_ATTR_CURRENT, LSM_ATTR_EXEC, LSM_ATTR_FSCREATE, LSM_ATTR_KEYCREATE, LSM_ATTR_PREV, LSM_ATTR_SOCKCREATE,
]
/** No attribute has this number, nor this name. */
const UNKNOWN_ATTR = 0x7fff
const UNKNOWN_NAME = 'no-such-attribute'

/** What getselfattr gives for one attribute, its form checked; null when there is none. */
const readSelf = ({ group, own }: World, attr: number): Uint8Array | null => {
  const get = group.getselfattr!
  const fail = (message: string) => nonconforming('getselfattr', `attribute ${attr}: ${message}`)
  const told = ref(PAGE_SIZE)
  const withoutBuffer = get(attr, null, told, 0)
  if (withoutBuffer < 0) return null
  const ctx = new Uint8Array(PAGE_SIZE)
  const size = ref(PAGE_SIZE)
  const count = get(attr, ctx, size, 0)
  if (count === 0) return null
  if (count < 0) throw fail(`${errnoName(count)} with a buffer, ${withoutBuffer} without`)
  if (size.value % 8 !== 0 || size.value > PAGE_SIZE) throw fail(`size ${size.value} is not in 8-byte words`)
  if (told.value !== size.value) throw fail(`size is ${told.value} without a buffer and ${size.value} with one`)
  const entries = unpackLsmCtxs(ctx.subarray(0, size.value))
  if (entries === undefined || entries.length !== count) throw fail(`answers ${count}, and wrote something else`)
  if (entries.some(({ id }) => id !== BigInt(own.id))) throw fail(`an entry has not the id ${own.id}`)
  if (ctx.subarray(size.value).some((byte) => byte !== 0)) throw fail('wrote behind the size it reports')
  const small = ref(size.value - 1)
  const short = new Uint8Array(PAGE_SIZE)
  const rc = get(attr, short, small, 0)
  if (rc !== -E2BIG) throw fail(`one byte too little room gives ${errnoName(rc)}, not E2BIG`)
  if (small.value !== size.value) throw fail(`E2BIG must report the size needed, ${size.value}, not ${small.value}`)
  if (short.some((byte) => byte !== 0)) throw fail('wrote into a buffer that is too small')
  return entries[0]!.ctx
}

/** /proc/PID/attr has no terminating NUL, or has one, or a newline: the text is the same. */
const textOf = (value: Uint8Array | string | null): string | null => {
  if (value === null) return null
  return (typeof value === 'string' ? value : new TextDecoder().decode(value)).replace(/[\0\n]+$/, '')
}

const readProc = ({ group, user }: World, name: string): string | null => {
  const value = ref<string | null>(null)
  const rc = group.getprocattr!(user, name, value)
  if (rc < 0) return null
  const length = value.value === null ? 0 : new TextEncoder().encode(value.value).length
  if (rc !== length) throw nonconforming('getprocattr', `\`${name}\`: answers ${rc} for a text of ${length} bytes`)
  return value.value
}

const mustAnswer = (hook: string, what: string, rc: number | void, wanted: number): void => {
  if (rc !== wanted) throw nonconforming(hook, `${what} gives ${rc}, not ${errnoName(wanted)}`)
}

export const attributeReads = (make: Factory): void => {
  const world = createWorld(make)
  const { group, own, user } = world
  if ((group.getselfattr ?? group.setselfattr) !== undefined && own.id === LSM_ID_UNDEF) {
    throw nonconforming('id', 'an LSM without an id cannot be asked for its attributes', 'take an id of at least 100')
  }
  if (group.getselfattr !== undefined) {
    mustAnswer('getselfattr', 'an unknown attribute', group.getselfattr(UNKNOWN_ATTR, null, ref(0), 0), -EOPNOTSUPP)
    for (const attr of attributes) readSelf(world, attr)
  }
  if (group.getprocattr === undefined) return
  const nowhere = ref<string | null>(null)
  mustAnswer('getprocattr', 'an unknown name', group.getprocattr(user, UNKNOWN_NAME, nowhere), -EINVAL)
  const current = textOf(readProc(world, 'current'))
  const self = group.getselfattr === undefined ? current : textOf(readSelf(world, LSM_ATTR_CURRENT))
  if (current !== self) throw nonconforming('getprocattr', `current is \`${current}\`, and \`${self}\` by getselfattr`)
}

/** Values that no LSM takes: nothing at all, a NUL in front, more than a page, bytes that are no text. */
const hostile: readonly Uint8Array[] = [
  new Uint8Array(0), Uint8Array.of(0), new Uint8Array(PAGE_SIZE).fill(0x41),
  Uint8Array.of(0xff, 0xfe, 0x0a, 0x22, 0x5c),
]

export const attributeWrites = (make: Factory): void => {
  const world = createWorld(make)
  const { group, own } = world
  const now = (): string | null => {
    if (group.getselfattr !== undefined) return textOf(readSelf(world, LSM_ATTR_CURRENT))
    return group.getprocattr === undefined ? null : textOf(readProc(world, 'current'))
  }
  const before = now()
  const stays = (hook: string, rc: number | void, value: Uint8Array): void => {
    if (typeof rc !== 'number') throw nonconforming(hook, `answers ${typeof rc}`)
    if (rc < 0 && now() !== before) throw nonconforming(hook, `${errnoName(rc)}, and yet the attribute has changed`)
    if (rc > value.length + 32) throw nonconforming(hook, `answers ${rc} for ${value.length} bytes`)
  }
  const write = (attr: number, value: Uint8Array) =>
    group.setselfattr!(attr, { id: own.id, flags: 0, ctx: value }, value.length + 32, 0)
  if (group.setselfattr !== undefined) {
    mustAnswer('setselfattr', 'an unknown attribute', write(UNKNOWN_ATTR, Uint8Array.of(0x61)), -EOPNOTSUPP)
    for (const value of hostile) stays('setselfattr', write(LSM_ATTR_CURRENT, value), value)
  }
  if (group.setprocattr === undefined) return
  const text = Uint8Array.of(0x61)
  mustAnswer('setprocattr', 'an unknown name', group.setprocattr(UNKNOWN_NAME, text, text.length), -EINVAL)
  for (const value of hostile) stays('setprocattr', group.setprocattr('current', value, value.length), value)
}
