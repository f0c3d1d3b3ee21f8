/** Addresses of the kernel's functions and variables, which lie nowhere: a place in its text for each of its types. */
import type { Btf } from './btf.ts'

const TEXT = 0xffff_ffff_8100_0000n
const ROOM = 16n

/** Null when the types have neither. */
export const kernelAddress = (types: Btf, symbol: string): bigint | null => {
  const id = types.find(symbol, 'func') || types.find(symbol, 'var')
  return id === 0 ? null : TEXT + BigInt(id) * ROOM
}

/** The function that an address lies in; null when none does. */
export const kernelFunctionAt = (types: Btf, address: bigint): string | null => {
  const id = Number((address - TEXT) / ROOM)
  return address >= TEXT && id < types.count && types.type(id).kind === 'func' ? types.name(id) : null
}
