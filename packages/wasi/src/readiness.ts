/** What poll_oneoff asks of an open file. */
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'

/** As `DEFAULT_POLLMASK`: a file without an answer of its own is always ready. */
const ALWAYS = EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM

interface Pollable {
  readonly f_op: { readonly poll: ((file: File) => number) | null }
}

/** EPOLL* bits that hold now (`vfs_poll`); there is no hook on this way in the kernel either. */
export const readiness = (file: File): number => {
  const { poll } = (file.private_data as Pollable).f_op
  return poll === null ? ALWAYS : poll(file)
}

export const isReadable = (bits: number): boolean => (bits & (EPOLLIN | EPOLLRDNORM | EPOLLHUP | EPOLLERR)) !== 0
export const isWritable = (bits: number): boolean => (bits & (EPOLLOUT | EPOLLWRNORM | EPOLLERR)) !== 0
export const isHungUp = (bits: number): boolean => (bits & (EPOLLHUP | EPOLLERR)) !== 0
