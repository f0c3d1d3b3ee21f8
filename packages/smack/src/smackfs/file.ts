/** Code shared by the files of smackfs: who may write, from where, and how much. */
import { CAP_MAC_ADMIN, EINVAL, EPERM } from '@lsmkit/abi'
import type { PseudoIo } from '@lsmkit/core'
import { textOf } from '../parse/bytes.ts'
import { currentPrivileged } from '../state.ts'
import type { Smack } from '../state.ts'

/** Modes: all may read; root, or everybody, may write. */
export const ADMIN_FILE = 0o644
export const TASK_FILE = 0o666

export type Write = (io: PseudoIo, data: Uint8Array) => number

/** Takes a whole write as text: a count, or -errno. */
export type TextWrite = (text: string) => number

export const fromText = (write: TextWrite): Write => (_io, data) => write(textOf(data))

/** Needs CAP_MAC_ADMIN. */
export const admin = (smack: Smack, write: Write): Write => (io, data) =>
  currentPrivileged(smack, CAP_MAC_ADMIN) ? write(io, data) : -EPERM

/** Must start where the file does. */
export const atStart = (write: Write): Write => (io, data) => (io.pos === 0 ? write(io, data) : -EINVAL)

/** A value with its NUL, which is given whole or not at all: -EINVAL when the reader has less room. */
export const wholeValue = (io: PseudoIo, value: string): string | number => {
  const text = `${value}\0`
  return io.room !== undefined && io.room < text.length ? -EINVAL : text
}
