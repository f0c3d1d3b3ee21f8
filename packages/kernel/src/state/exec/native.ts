/**
 * Programs written in TypeScript. Their file holds a magic and a name; the name is looked up among the programs that
 * were registered with the kernel. They make the same system calls as any other program, by `kernel.sys`.
 */
import { ENOENT } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'

/** Arguments of a native program. */
export interface NativeProcess {
  readonly task: Task
  readonly argv: readonly string[]
  readonly envp: readonly string[]
}

/** Runs to its end and answers the exit status. A program that has called exec is not gone on with. */
export type NativeProgram = (process: NativeProcess) => number

/** `\0nat` and version 1. */
const MAGIC = [0x00, 0x6e, 0x61, 0x74, 0x01, 0x00, 0x00, 0x00]
const NAME_MAX = 64
/** The bytes of a file that name its program. */
export const NATIVE_SIZE = MAGIC.length + NAME_MAX

export const isNative = (buf: Uint8Array): boolean => MAGIC.every((byte, i) => buf[i] === byte)

/** The contents of the file that starts the program registered as `name`. */
export const nativeFile = (name: string): Uint8Array => {
  const text = new TextEncoder().encode(name)
  const bytes = new Uint8Array(MAGIC.length + text.length)
  bytes.set(MAGIC)
  bytes.set(text, MAGIC.length)
  return bytes
}

/** The program that a file names; -ENOENT if it is not registered, as for a missing interpreter. */
export const nativeProgram = (
  programs: ReadonlyMap<string, NativeProgram>,
  bytes: Uint8Array,
): NativeProgram | number => {
  const name = new TextDecoder().decode(bytes.subarray(MAGIC.length, MAGIC.length + NAME_MAX))
  return programs.get(name.replace(/\0.*$/s, '')) ?? -ENOENT
}
