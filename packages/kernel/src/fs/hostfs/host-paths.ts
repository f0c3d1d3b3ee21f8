/** On Linux: paths of the host that begin at a descriptor. */
import { readlinkSync } from 'node:fs'
import { encodeName } from '../../state/vfs/names.ts'

export const onLinux = process.platform === 'linux'

/** Where our descriptors are. The link `self` costs as much as all the rest of a look-up. */
const FDS = ((): string => {
  try {
    return `/proc/${readlinkSync('/proc/self') === String(process.pid) ? process.pid : 'self'}/fd`
  } catch {
    return '/proc/self/fd'
  }
})()

/** The thing that a descriptor of ours stands for. */
export const pathOfFd = (fd: number): string => `${FDS}/${fd}`

/** `name` in the folder that a descriptor of ours stands for. */
export const pathBelow = (fd: number, name: string): Buffer | string =>
  isText(name) ? `${FDS}/${fd}/${name}` : Buffer.concat([Buffer.from(`${pathOfFd(fd)}/`), encodeName(name)])

/** Not so is a name with bytes that are no UTF-8. */
export const isText = (name: string): boolean => !/\p{Surrogate}/u.test(name)
