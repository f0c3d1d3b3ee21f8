/** Sets of commands and types that a mount of bpffs delegates, as its options write them (kernel/bpf/inode.c). */
import * as abi from '@lsmkit/abi'
import { EINVAL, ERANGE } from '@lsmkit/abi'

export interface Delegation {
  readonly cmds: bigint
  readonly maps: bigint
  readonly progs: bigint
  readonly attachs: bigint
}
export type DelegationKind = keyof Delegation

export const NO_DELEGATION: Delegation = { cmds: 0n, maps: 0n, progs: 0n, attachs: 0n }

/** Names in options are those of the enumerators without this, in any case. */
const NAMES: Readonly<Record<DelegationKind, RegExp>> = {
  cmds: /^BPF_/, maps: /^BPF_MAP_TYPE_/, progs: /^BPF_PROG_TYPE_/, attachs: /^BPF_/,
}
const TABLES: Readonly<Record<DelegationKind, abi.NameTable>> = {
  cmds: abi.bpfCmdTable, maps: abi.bpfMapTypeTable, progs: abi.bpfProgTypeTable, attachs: abi.bpfAttachTypeTable,
}
const KINDS = Object.keys(NAMES) as DelegationKind[]
const U64 = (1n << 64n) - 1n

/** Bits that have a meaning. */
export const knownBits = (kind: DelegationKind): bigint => (1n << BigInt(TABLES[kind].entries().at(-1)![1] + 1)) - 1n

const valueOf = (kind: DelegationKind, word: string): number | undefined => {
  const prefix = NAMES[kind].source.slice(1)
  return TABLES[kind].numberOf(prefix + word.toUpperCase())
}

/** As `kstrtou64` with base 0. */
const parseU64 = (word: string): bigint | number => {
  const match = /^\+?(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)\n?$/i.exec(word)
  if (match === null) return -EINVAL
  const digits = match[1]!
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return value > U64 ? -ERANGE : value
}

/** `any`, names, or a number in place of all before it, with colons between; or -errno. */
export const parseDelegation = (kind: DelegationKind, text: string): bigint | number => {
  let mask = 0n
  for (const word of text.split(':')) {
    const value = word === 'any' ? undefined : valueOf(kind, word)
    if (word === 'any') mask |= U64
    else if (value !== undefined) mask |= 1n << BigInt(value)
    else {
      const number = parseU64(word)
      if (typeof number === 'number') return number
      mask = number
    }
  }
  return mask
}

/** `,delegate_cmds=prog_load:map_create`; empty for kinds that are not delegated. */
export const delegationText = (delegation: Delegation): string =>
  KINDS.map((kind) => {
    if (delegation[kind] === 0n) return ''
    const known = knownBits(kind)
    let mask = delegation[kind] & known
    if (mask === 0n) return ''
    if (mask === known) return `,delegate_${kind}=any`
    const words: string[] = []
    for (const [name, value] of TABLES[kind].entries()) {
      if (((mask >> BigInt(value)) & 1n) === 0n) continue
      words.push(name.replace(NAMES[kind], '').toLowerCase())
      mask &= ~(1n << BigInt(value))
    }
    if (mask !== 0n) words.push(`0x${mask.toString(16)}`)
    return `,delegate_${kind}=${words.join(':')}`
  }).join('')
