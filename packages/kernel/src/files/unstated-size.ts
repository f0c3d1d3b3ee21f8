/**
 * Files of /proc and /sys are regular files that give more than the size that they state, and some of them do not end
 * (`/proc/1/pagemap`). Code that reads or copies a file to its end asks here how much that may be.
 */
import { S_IFMT, S_IFREG } from '@lsmkit/abi'
import type { Kstat } from '../state/vfs/kstat.ts'

/** Bytes beyond the stated size: one that grows meanwhile, or states none. */
const BEYOND_SIZE = 64 * 2 ** 20

/** The most bytes that a copy or a read takes of a file, up to `most`. Pipes and devices state no size. */
export const mostBytes = ({ mode, size }: Kstat, most: number): number =>
  ((mode & S_IFMT) === S_IFREG ? Math.min(most, size + BEYOND_SIZE) : most)
