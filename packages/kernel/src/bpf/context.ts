/** What the commands of bpf(2) share. */
import { BPF_F_TOKEN_FD, BPF_OBJ_NAME_LEN, EFAULT, EINVAL } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import { copyIn, copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import type { Attr } from './attr.ts'
import type { BpfDescriptors } from './descriptors.ts'
import type { BpfEngine } from '@lsmkit/core'
import type { KernelToken } from '../state/bpf/objects.ts'
import type { BpfRights } from './rights.ts'

export interface BpfContext {
  readonly lsm: KeyMap
  readonly machine: Machine
  /** Made when the call is first made. */
  readonly engine: BpfEngine
  readonly fds: BpfDescriptors
  readonly rights: BpfRights
}

/** 0 or -errno, or a descriptor. */
export type Command = (attr: Attr) => number

/** As `bpf_obj_name_cpy`: letters, digits, `_` and `.`, ended by a NUL that has to fit. */
export const nameOf = (name: string): string | number => {
  const nul = name.indexOf('\0')
  const text = nul < 0 ? name : name.slice(0, nul)
  return text.length < BPF_OBJ_NAME_LEN && /^[\w.]*$/.test(text) ? text : -EINVAL
}

/** The token behind a descriptor when the flags name one and `allows` it; null does without. */
export const tokenFor = (
  { fds }: BpfContext, flags: number, fd: number, allows: (token: KernelToken) => boolean,
): KernelToken | null | number => {
  if ((flags & BPF_F_TOKEN_FD) === 0) return null
  const token = fds.tokenOf(fd)
  if (typeof token === 'number') return token
  if (!allows(token)) return null
  token.refs++
  return token
}

/** `size` bytes of what a pointer leads to: a copy, or -EFAULT. */
export const bytesAt = (pointer: unknown, size: number, at = 0): Uint8Array<ArrayBuffer> | number => {
  if (size === 0) return new Uint8Array(0)
  return isGuestBytes(pointer) && pointer.length >= at + size ? copyIn(pointer, at, size) : -EFAULT
}

export const answerAt = (pointer: unknown, bytes: Uint8Array, at = 0): number => {
  if (bytes.length === 0) return 0
  if (!isGuestBytes(pointer) || pointer.length < at + bytes.length) return -EFAULT
  copyOut(bytes, pointer, at)
  return 0
}
