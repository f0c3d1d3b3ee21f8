/** `union bpf_attr` of what the recorded programs do: an array of four, and a socket filter that answers 0. */
import { BPF_MAP_TYPE_ARRAY, BPF_PROG_TYPE_SOCKET_FILTER } from '@lsmkit/abi'

/** Four elements of eight bytes. */
export const anArray = () => ({ map_type: BPF_MAP_TYPE_ARRAY, key_size: 4, value_size: 8, max_entries: 4 })

/** `r0 = 0; exit`. */
const RETURNS_ZERO = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

export const aFilter = () => ({
  prog_type: BPF_PROG_TYPE_SOCKET_FILTER, insns: RETURNS_ZERO, insn_cnt: 2, license: 'GPL',
})
