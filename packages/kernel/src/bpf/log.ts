/** The verifier's log in the caller's buffer: its last part where it is too small (kernel/bpf/log.c). */
import { EINVAL, ENOSPC } from '@lsmkit/abi'
import { clear, copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'

/** Instructions, states, statistics, and the beginning instead of the end. */
const BPF_LOG_MASK = 0xf
const BPF_LOG_FIXED = 8

export interface LogBuffer {
  readonly level: number
  readonly size: number
  readonly bytes: GuestBytes | null
}

/** 0 or -EINVAL: a buffer and its size go together, and a level goes with a buffer. */
export const checkLog = ({ level, size, bytes }: LogBuffer): number => {
  if ((bytes !== null) !== (size !== 0)) return -EINVAL
  if (bytes !== null && (level === 0 || bytes.length < size)) return -EINVAL
  return (level & ~BPF_LOG_MASK) !== 0 || size > 0xffffffff / 4 ? -EINVAL : 0
}

/** Writes the text and its NUL. `needed`: the size that holds all of it; -ENOSPC if there was less. */
export const writeLog = ({ level, size, bytes }: LogBuffer, text: string): { rc: number; needed: number } => {
  if (level === 0) return { rc: 0, needed: 0 }
  const all = new TextEncoder().encode(text)
  const needed = all.length + 1
  if (bytes === null) return { rc: 0, needed }
  const room = size - 1
  const fits = all.length <= room
  const kept = fits ? all : (level & BPF_LOG_FIXED) !== 0 ? all.subarray(0, room) : all.subarray(all.length - room)
  copyOut(kept, bytes)
  clear(bytes, kept.length, kept.length + 1)
  return { rc: fits ? 0 : -ENOSPC, needed }
}
