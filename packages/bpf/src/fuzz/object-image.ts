/**
 * The plain reference of typed loads: an object laid out in bytes as its struct's types say, member by member, with
 * BigInt. Knows nothing of how the engines read.
 */
import { ownValue } from '@lsmkit/abi'
import type { Btf } from '../btf/btf.ts'
import { members } from '../kobject/members.ts'
import { isInner } from '../kobject/within.ts'
import { isUnkept } from '../vmlinux/unkept.ts'

/** The kind of each byte range of an image. */
export interface Image {
  readonly bytes: Uint8Array
  /** 1 where a pointer lies, or what is made by the engine: its bits are the engine's own. */
  readonly pointers: Uint8Array
  /** By offset, the object that is pointed to and its struct; null for a null pointer. */
  readonly targets: ReadonlyMap<number, { readonly object: object; readonly struct: string } | null>
}

/** Members that stand elsewhere in the object, told once more here. */
const OTHER_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  inode: { __i_nlink: 'i_nlink' }, mm_struct: { mm_users: 'users' },
  sock_common: {
    skc_family: 'sk_family', skc_state: 'sk_state', skc_bound_dev_if: 'sk_bound_dev_if', skc_num: 'sk_num',
  },
}

/** Ports as they lie in memory: in the order of the net. */
const NET_ORDER: Readonly<Record<string, Readonly<Record<string, string>>>> = { sock_common: { skc_dport: 'sk_dport' } }

/** Members that are the object itself. */
const ITSELF: ReadonlySet<string> = new Set(['sock.__sk_common', 'mount.mnt', 'bpf_prog.aux'])

/** Whether a member is made from others by a function of its own, which this reference does not repeat. */
const isMade = (struct: string, name: string): boolean => {
  const member = ownValue(ownValue(members, struct), name)
  const isKnown = ownValue(ownValue(NET_ORDER, struct), name) !== undefined || name === 'd_parent'
  return !isKnown && (typeof member === 'function' || isInner(member))
}

export const imageOf = (btf: Btf, struct: string, object: object): Image => {
  const id = btf.find(struct, 'struct')
  const made = { bytes: new Uint8Array(btf.size(id)), pointers: new Uint8Array(btf.size(id)), targets: new Map() }
  layOut(btf, id, struct, object as Record<string, unknown>, 0, made)
  return made
}

const layOut = (
  btf: Btf, id: number, struct: string, object: Record<string, unknown>, at: number,
  made: { bytes: Uint8Array; pointers: Uint8Array; targets: Map<number, unknown> },
): void => {
  const seen = new Set<number>()
  for (const { name, type, bitOffset } of btf.members(id)) {
    const offset = at + bitOffset / 8
    if (isUnkept(struct, name)) continue
    if (isMade(struct, name)) {
      made.pointers.fill(1, offset, offset + btf.size(type))
      continue
    }
    const isSelf = ITSELF.has(`${struct}.${name}`)
    let value: unknown = isSelf ? object : object[ownValue(ownValue(OTHER_NAMES, struct), name) ?? name]
    if (struct === 'dentry' && name === 'd_parent') value ??= object
    const port = ownValue(ownValue(NET_ORDER, struct), name)
    if (port !== undefined) value = swapped(bitsOf(object[port], 2, false))
    if (seen.has(offset)) continue
    if (name !== '__sk_common') seen.add(offset)
    const resolved = btf.resolved(type)
    const size = btf.size(type)
    if (resolved.kind === 'ptr') {
      made.pointers.fill(1, offset, offset + 8)
      const pointee = btf.resolved(resolved.type)
      const isStruct = pointee.kind === 'struct'
      const isObject = typeof value === 'object' && value !== null
      if (isStruct) made.targets.set(offset, isObject ? { object: value as object, struct: pointee.name } : null)
    } else if (resolved.kind === 'int' || resolved.kind === 'enum') {
      put(made.bytes, offset, size, bitsOf(value, size, resolved.isSigned))
    } else if (resolved.kind === 'struct') {
      const [only] = btf.members(resolved.id)
      if ((only?.name === 'val' || only?.name === 'counter') && btf.members(resolved.id).length === 1) {
        put(made.bytes, offset, size, bitsOf(value, size, only.name === 'counter'))
      } else if (typeof value === 'object' && value !== null) {
        layOut(btf, resolved.id, resolved.name, value as Record<string, unknown>, offset, made)
      } else markPointers(btf, resolved.id, offset, made.pointers)
    } else if (resolved.kind === 'array' && btf.size(resolved.type) === 1) {
      const bytes = typeof value === 'string' ? new TextEncoder().encode(value).subarray(0, size - 1) : value
      if (bytes instanceof Uint8Array) made.bytes.set(bytes.subarray(0, size), offset)
    } else if (resolved.kind === 'array' && resolved.length > 0) {
      const element = btf.resolved(resolved.type)
      const list = Array.isArray(value) ? value : []
      if (element.kind !== 'struct') continue
      for (let index = 0; index < Math.min(resolved.length, list.length); index++) {
        const to = offset + index * btf.size(resolved.type)
        layOut(btf, element.id, element.name, list[index] as Record<string, unknown>, to, made)
      }
    }
  }
}

const markPointers = (btf: Btf, id: number, at: number, pointers: Uint8Array): void => {
  for (const { type, bitOffset } of btf.members(id)) {
    if (btf.resolved(type).kind === 'ptr') pointers.fill(1, at + bitOffset / 8, at + bitOffset / 8 + 8)
  }
}

/** The C value of what an object has: a number cut as a double is converted, words, a truth. */
const bitsOf = (value: unknown, size: number, isSigned: boolean): bigint => {
  if (typeof value === 'object' && value !== null && 'lo' in value) {
    const { lo, hi } = value as { lo: number; hi: number }
    return BigInt.asUintN(32, BigInt(lo)) | (BigInt.asUintN(32, BigInt(hi)) << 32n)
  }
  const number = ['boolean', 'bigint', 'number'].includes(typeof value) ? Number(value) : 0
  if (Number.isNaN(number)) return 0n
  if (size === 8) {
    const [least, most] = isSigned ? [-(2n ** 63n), 2n ** 63n - 1n] : [-(2n ** 63n), 2n ** 64n - 1n]
    if (number === Infinity) return most
    if (number === -Infinity) return BigInt.asUintN(64, least)
    const whole = BigInt(Math.trunc(number))
    return BigInt.asUintN(64, whole > most ? most : whole < least ? least : whole)
  }
  return Number.isFinite(number) ? BigInt.asUintN(size * 8, BigInt(Math.trunc(number))) : 0n
}

const swapped = (port: bigint): bigint => ((port & 0xffn) << 8n) | (port >> 8n)

const put = (bytes: Uint8Array, offset: number, size: number, value: bigint): void => {
  for (let at = 0; at < size; at++) bytes[offset + at] = Number((value >> BigInt(at * 8)) & 0xffn)
}
