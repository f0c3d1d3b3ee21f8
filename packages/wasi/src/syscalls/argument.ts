/**
 * How the arguments of a raw system call are read from a guest's memory, and answers written back. Texts are
 * read once, buffers are the kernel's to copy.
 */
import { decodeName } from '@lsmkit/kernel/boot'
import type { GuestMemory } from '../memory.ts'

/** A value the kernel takes, and what to do with it once the call has answered. */
export interface Argument {
  readonly value: unknown
  readonly writeBack?: (rc: number) => void
}

/** Reads argument `at` of `args`; null: a pointer that leads out of the memory (EFAULT). */
export type Kind = (memory: GuestMemory, args: readonly number[], at: number) => Argument | null

/** A null pointer is passed on as null: what that means is the call's own business. */
const pointer =
  (read: (memory: GuestMemory, address: number, args: readonly number[]) => Argument | null): Kind =>
    (memory, args, at) => {
      const address = (args[at] as number) >>> 0
      return address === 0 ? { value: null } : read(memory, address, args)
    }

/** A length that goes with a buffer: the kernel takes it from there. */
export const skip: Kind = () => SKIPPED
export const SKIPPED: Argument = { value: undefined }

export const int: Kind = (_memory, args, at) => ({ value: args[at] as number })
/** Ids, sizes and flags. */
export const uint: Kind = (_memory, args, at) => ({ value: (args[at] as number) >>> 0 })

/** Longest text read: PATH_MAX, the bound of every path and name. */
const TEXT_MAX = 4096

/** What is copied at first: few texts are longer. */
const TEXT_FIRST = 128

/** Text up to a NUL, a lone surrogate for each byte that is no UTF-8. Longer text is passed on cut: too long. */
export const readText = (memory: GuestMemory, address: number): string | null =>
  textWithin(memory, address, TEXT_FIRST) ?? textWithin(memory, address, TEXT_MAX + 1, true)

/** One that ends within `most` bytes, which are read once; `cut`: or its first TEXT_MAX. */
const textWithin = (memory: GuestMemory, address: number, most: number, cut = false): string | null => {
  if (!memory.has(address, 1)) return null
  const bytes = memory.bytes.slice(address, address + most)
  const end = bytes.indexOf(0)
  if (end >= 0) return decodeName(bytes.subarray(0, end))
  return cut && bytes.length === most ? decodeName(bytes.subarray(0, TEXT_MAX)) : null
}

export const text = pointer((memory, address) => {
  const value = readText(memory, address)
  return value === null ? null : { value }
})

/** A buffer whose length in bytes is argument `lengthAt`. */
export const bytes = (lengthAt: number): Kind =>
  pointer((memory, address, args) => range(memory, address, (args[lengthAt] as number) >>> 0))

/** A buffer whose length stands in the u32 that argument `lengthAt` points at. */
export const sizedBy = (lengthAt: number): Kind =>
  pointer((memory, address, args) => {
    const length = (args[lengthAt] as number) >>> 0
    if (length === 0) return { value: new Uint8Array(0) }
    return memory.has(length, 4) ? range(memory, address, memory.view.getUint32(length, true)) : null
  })

const range = (memory: GuestMemory, address: number, length: number): Argument | null =>
  memory.has(address, length) ? { value: memory.window(address, length) } : null

/** A u32 the kernel reads and writes. */
export const refU32 = pointer((memory, address) => {
  if (!memory.has(address, 4)) return null
  const value = { value: memory.view.getUint32(address, true) }
  return { value, writeBack: () => memory.view.setUint32(address, value.value, true) }
})

/** An array of u32 that the call fills, or reads; its length is argument `countAt`. */
export const u32List = (countAt: number): Kind =>
  pointer((memory, address, args) => {
    const count = args[countAt] as number
    // the call refuses the count before it looks at the list
    if (count < 0) return { value: [] }
    if (count > LIST_MAX || !memory.has(address, count * 4)) return null
    const value = Array.from({ length: count }, (_, i) => memory.view.getUint32(address + i * 4, true))
    const writeBack = (): void =>
      value.slice(0, count).forEach((one, i) => memory.view.setUint32(address + i * 4, one, true))
    return { value, writeBack }
  })

/** As NGROUPS_MAX. */
const LIST_MAX = 65536

/** More than execve takes (three quarters of _STK_LIM). */
const TEXTS_MAX = 8 * 2 ** 20

/** A null-terminated array of texts. A longer one is passed on cut: too long. */
export const textList = pointer((memory, address) => {
  const value: string[] = []
  let length = 0
  for (let at = address; length <= TEXTS_MAX; at += 4) {
    if (value.length > LIST_MAX || !memory.has(at, 4)) return null
    const item = memory.view.getUint32(at, true)
    if (item === 0) break
    const word = readText(memory, item)
    if (word === null) return null
    length += word.length + 1
    value.push(word)
  }
  return { value }
})

/** `cap_user_header_t`: the kernel may correct the version. */
export const capHeader = pointer((memory, address) => {
  if (!memory.has(address, 8)) return null
  const value = { version: memory.view.getUint32(address, true), pid: memory.view.getInt32(address + 4, true) }
  return { value, writeBack: () => memory.view.setUint32(address, value.version, true) }
})

/** `cap_user_data_t[]`: two where there is room for them; the version in the header says how many count. */
export const capData = pointer((memory, address) =>
  range(memory, address, memory.has(address, 2 * CAP_DATA_SIZE) ? 2 * CAP_DATA_SIZE : CAP_DATA_SIZE))
const CAP_DATA_SIZE = 12
