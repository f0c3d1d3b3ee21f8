/** Flags of open(2): numbers of x86-64 inside, those of the processor outside. */
import { O_DIRECT, O_DIRECTORY, O_LARGEFILE, O_NOFOLLOW } from '@lsmkit/abi'
import type { Arch } from '../sys/calls.ts'

const MOVED = O_DIRECT | O_DIRECTORY | O_LARGEFILE | O_NOFOLLOW

/** From the processor's numbers to those of x86-64, and back: arm64 has two pairs of flags the other way round. */
export const swapFlags = (arch: Arch, flags: number): number => {
  if (arch !== 'arm64' || (flags & MOVED) === 0) return flags
  const swap = (from: number, to: number): number => ((flags & from) === 0 ? 0 : to)
  return (flags & ~MOVED) | swap(O_DIRECT, O_DIRECTORY) | swap(O_DIRECTORY, O_DIRECT) |
    swap(O_LARGEFILE, O_NOFOLLOW) | swap(O_NOFOLLOW, O_LARGEFILE)
}
