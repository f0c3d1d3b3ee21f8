/** Values of kernel types as text. */
import { BPF_FUNC_seq_printf_btf, BPF_FUNC_snprintf_btf, EFAULT, EINVAL, ENOENT } from '@lsmkit/abi'
import type { Btf } from '../../btf/btf.ts'
import { given, wanted } from './helper-env.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'
import { SHOW, showType } from './show-type.ts'

/** `struct btf_ptr`: the value's address, its type, flags. */
const POINTER_SIZE = 16
const KNOWN = SHOW.compact | SHOW.noName | SHOW.rawPointers | SHOW.zero

/** Nothing can be read there. */
class Absent extends Error {}

const reader = ({ machine: { memory, objects } }: HelperEnv, address: number, high: number) =>
  (offset: number, bytes: number): bigint => {
    const from = address + offset
    const isMemory = high === 0 && memory.mayRead(from, bytes)
    const there = isMemory ? memory.u8.subarray(from, from + bytes) : objects.bytes(from, high, bytes)
    if (there === null) throw new Absent()
    let value = 0n
    for (let at = bytes - 1; at >= 0; at--) value = (value << 8n) | BigInt(there[at]!)
    return value
  }

/** What a `struct btf_ptr` points to, or -errno. */
const textOf = (
  env: HelperEnv, types: Btf | null, pointer: number, size: number, flags: number, high: number,
): string | number => {
  if (flags & ~KNOWN || high !== 0 || size !== POINTER_SIZE || types === null) return -EINVAL
  given(env, pointer, POINTER_SIZE)
  const { view } = env.machine.memory
  const [address, above] = [view.getUint32(pointer >>> 0, true), view.getUint32((pointer >>> 0) + 4, true)]
  const id = view.getInt32((pointer >>> 0) + 8, true)
  if (id <= 0) return -EINVAL
  if (id >= types.count) return -ENOENT
  try {
    return showType(types, id, reader(env, address, above), flags)
  } catch (error) {
    if (error instanceof Absent) return -EFAULT
    throw error
  }
}

/** Length of the whole text; as much as fits is written, and a NUL. */
const snprintf = (types: Btf | null) =>
  (env: HelperEnv, to = 0, size = 0, pointer = 0, pointerSize = 0, flags = 0, high = 0): number => {
    const bytes = wanted(env, to, size)
    const text = textOf(env, types, pointer, pointerSize, flags, high)
    if (typeof text === 'number') return text
    const shown = Math.min(text.length, bytes.length - 1)
    for (let at = 0; at < shown; at++) bytes[at] = text.charCodeAt(at)
    if (bytes.length > 0) bytes[shown] = 0
    return text.length
  }

const seqPrintf = (types: Btf | null) =>
  (env: HelperEnv, seq = 0, pointer = 0, pointerSize = 0, flags = 0, high = 0): number => {
    const text = textOf(env, types, pointer, pointerSize, flags, high)
    return typeof text === 'number' ? text
      : (env.host.seqWrite?.(seq >>> 0, new TextEncoder().encode(text)) ?? -EINVAL)
  }

export const typeHelpers = (types: Btf | null): readonly HelperLine[] => [
  [BPF_FUNC_snprintf_btf, 'iiiil', 's', snprintf(types)],
  [BPF_FUNC_seq_printf_btf, 'iiil', 's', seqPrintf(types)],
]
