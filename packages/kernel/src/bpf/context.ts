/** Types and functions that the commands of bpf(2) share. */
import { BPF_F_TOKEN_FD, BPF_OBJ_NAME_LEN, EFAULT, EINVAL } from '@lsmkit/abi'
import { copyIn, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import type { Attr } from './attr.ts'
import type { KernelToken } from '../state/bpf/objects.ts'
import { tokenOf } from './descriptors.ts'

/** Returns 0, a descriptor or -errno. */
export type Command = (machine: Machine, attr: Attr) => number
/** By BPF_* number. */
export type BpfCommands = Readonly<Record<number, Command>>

/** As `bpf_obj_name_cpy`: letters, digits, `_` and `.`, ended by a NUL that has to fit. */
export const nameOf = (name: string): string | number => {
  const nul = name.indexOf('\0')
  const text = nul < 0 ? name : name.slice(0, nul)
  return text.length < BPF_OBJ_NAME_LEN && /^[\w.]*$/.test(text) ? text : -EINVAL
}

/** The token behind a descriptor, if the flags name one and `allows` accepts it; null stands for no token. */
export const tokenFor = (
  machine: Machine, flags: number, fd: number, allows: (token: KernelToken) => boolean,
): KernelToken | null | number => {
  if ((flags & BPF_F_TOKEN_FD) === 0) return null
  const token = tokenOf(machine, fd)
  if (typeof token === 'number') return token
  if (!allows(token)) return null
  token.refs++
  return token
}

/** A copy of `size` bytes that a pointer leads to, or -EFAULT. */
export const bytesAt = (pointer: unknown, size: number, at = 0): Uint8Array<ArrayBuffer> | number => {
  if (size === 0) return new Uint8Array(0)
  return isGuestBytes(pointer) && pointer.length >= at + size ? copyIn(pointer, at, size) : -EFAULT
}

/** Writes an answer where a pointer leads to: 0 or -EFAULT. */
export const answerAt = (pointer: unknown, bytes: Uint8Array, at = 0): number => {
  if (bytes.length === 0) return 0
  if (!isGuestBytes(pointer) || pointer.length < at + bytes.length) return -EFAULT
  copyOut(bytes, pointer, at)
  return 0
}
