/** The meaning of the EPOLL* bits of an open file for poll_oneoff. */
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDNORM, EPOLLWRNORM } from '@lsmkit/abi'

export const isReadable = (bits: number): boolean => (bits & (EPOLLIN | EPOLLRDNORM | EPOLLHUP | EPOLLERR)) !== 0
export const isWritable = (bits: number): boolean => (bits & (EPOLLOUT | EPOLLWRNORM | EPOLLERR)) !== 0
export const isHungUp = (bits: number): boolean => (bits & (EPOLLHUP | EPOLLERR)) !== 0
