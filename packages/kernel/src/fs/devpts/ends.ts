/** Functions for both ends of a pseudo terminal. */
import { EAGAIN, ERESTARTSYS, O_NONBLOCK } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import type { GuestBytes } from '../../state/guest-bytes.ts'
import { copyOut } from '../../state/guest-bytes.ts'
import type { Pty } from './pty.ts'

/** Puts the caller to sleep until the terminal changes; -EAGAIN for a file that does not block. */
export const sleep = (machine: Machine, file: File, pty: Pty): number => {
  if ((file.f_flags & O_NONBLOCK) !== 0) return -EAGAIN
  machine.sleepOn = pty.wait
  return -ERESTARTSYS
}

/** Copies bytes into the buffer of a read: how many. */
export const give = (buf: GuestBytes, off: number, bytes: readonly number[]): number => {
  copyOut(bytes, buf, off)
  return bytes.length
}
