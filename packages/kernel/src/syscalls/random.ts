/** getrandom(2) (drivers/char/random.c). */
import { EFAULT, EINVAL } from '@lsmkit/abi'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'

const GRND_NONBLOCK = 1
const GRND_RANDOM = 2
const GRND_INSECURE = 4
/** Most bytes that crypto.getRandomValues gives at a time. */
const PART = 65536

const getrandom = (machine: Machine, buf: GuestBytes | null, len: number, flags: number): number => {
  if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0) return -EINVAL
  if ((flags & (GRND_INSECURE | GRND_RANDOM)) === (GRND_INSECURE | GRND_RANDOM)) return -EINVAL
  if (buf === null || len < 0 || buf.length < len) return -EFAULT
  for (let at = 0; at < len; at += PART) copyOut(machine.random(Math.min(PART, len - at)), buf, at)
  return len
}

export const randomSyscalls = { getrandom }
