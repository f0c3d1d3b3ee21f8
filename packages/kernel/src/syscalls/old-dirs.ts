/** Calls about directories and file systems that newer ones have replaced: getdents, sysfs (fs/readdir.c). */
import { EFAULT, EINVAL } from '@lsmkit/abi'
import { copyOut } from '../state/guest-bytes.ts'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { encodeName } from '../state/vfs/names.ts'
import { withDirents } from './dirs.ts'

/** Old records have the type in their last byte, new ones before the name. */
const NEW_HEAD = 19
const OLD_HEAD = 18

const BY_NAME = 1
const BY_INDEX = 2
const COUNT = 3

const toOld = (entries: Uint8Array): void => {
  for (let at = 0; at < entries.length;) {
    const reclen = entries[at + 16]! | (entries[at + 17]! << 8)
    const type = entries[at + OLD_HEAD]!
    entries.copyWithin(at + OLD_HEAD, at + NEW_HEAD, at + reclen)
    entries[at + reclen - 1] = type
    at += reclen
  }
}

/** getdents64 with old records. An old record is never longer than a new one. */
const getdents = (machine: Machine, fd: number, buf: GuestBytes | null): number => {
  if (buf === null) return -EFAULT
  return withDirents(machine, fd, buf.length, (memory, used) => {
    const entries = memory.subarray(0, used)
    toOld(entries)
    copyOut(entries, buf)
  })
}

/** File-system types by number. */
const sysfs = (machine: Machine, option: number, arg1: string | number | null, arg2: GuestBytes | null): number => {
  const names = [...machine.filesystems.keys()]
  switch (option) {
    case BY_NAME: {
      if (typeof arg1 !== 'string') return -EFAULT
      const index = names.indexOf(arg1)
      return index < 0 ? -EINVAL : index
    }
    case BY_INDEX: {
      const name = typeof arg1 === 'number' ? names[arg1] : undefined
      if (name === undefined) return -EINVAL
      if (arg2 === null) return -EFAULT
      copyOut([...encodeName(name), 0], arg2)
      return 0
    }
    case COUNT:
      return names.length
    default:
      return -EINVAL
  }
}

export const oldDirSyscalls = { getdents, sysfs }
