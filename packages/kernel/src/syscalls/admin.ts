/** Calls of the administrator on files: swap, process accounting, vhangup (mm/swapfile.c, kernel/acct.c). */
import {
  AT_FDCWD, CAP_SYS_ADMIN, CAP_SYS_PACCT, CAP_SYS_TTY_CONFIG, EACCES, EINVAL, EIO, EPERM,
  FMODE_CAN_WRITE, O_APPEND, O_EXCL, O_LARGEFILE, O_RDWR, O_WRONLY, S_IFMT, S_IFREG, SB_I_USERNS_VISIBLE,
  SB_KERNMOUNT, SB_NOUSER,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { getname } from '../state/vfs/names.ts'
import { build_open_flags, build_open_how } from '../state/vfs/open-flags.ts'

const SWAP_FLAGS_VALID = 0x7ffff

/** The file that process accounting writes to; null: it is off. */
class Accounting {
  file: File | null = null
}

/** As `file_open_name`: opens a file that the caller names for the kernel's own use. */
const openName = (machine: Machine, filename: unknown, flags: number): File | number => {
  const name = getname(filename, 0)
  if (typeof name === 'number') return name
  const op = build_open_flags(build_open_how(flags | O_LARGEFILE, 0))
  return typeof op === 'number' ? op : machine.vfs.do_filp_open(AT_FDCWD, name, op)
}

/** Opens the file and then refuses it: this kernel never swaps. */
const swapon = (machine: Machine, specialfile: unknown, swap_flags: number): number => {
  if ((swap_flags & ~SWAP_FLAGS_VALID) !== 0) return -EINVAL
  if (!capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  const file = openName(machine, specialfile, O_RDWR | O_EXCL)
  if (typeof file === 'number') return file
  machine.vfs.filp_close(file, null)
  return -EINVAL
}

const swapoff = (machine: Machine, specialfile: unknown): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_ADMIN)) return -EPERM
  const file = openName(machine, specialfile, O_RDWR)
  if (typeof file === 'number') return file
  machine.vfs.filp_close(file, null)
  return -EINVAL
}

const stopAccounting = (machine: Machine): void => {
  const accounting = machine.part(Accounting)
  if (accounting.file !== null) machine.vfs.filp_close(accounting.file, null)
  accounting.file = null
}

const accountable = ({ f_inode, f_mode }: File): number => {
  if ((f_inode.i_mode & S_IFMT) !== S_IFREG) return -EACCES
  const { s_flags, s_iflags } = f_inode.i_sb
  if ((s_flags & (SB_NOUSER | SB_KERNMOUNT)) !== 0 || (s_iflags & SB_I_USERNS_VISIBLE) !== 0) return -EINVAL
  return (f_mode & FMODE_CAN_WRITE) === 0 ? -EIO : 0
}

/** The file that is written to. Later kernels open it once more, on a mount of its own, which ours does without. */
const openAccounts = (machine: Machine, name: unknown): File | number => {
  const file = openName(machine, name, O_WRONLY | O_APPEND)
  if (typeof file === 'number' || !machine.rules.acctOpensTwice) return file
  const { cred } = machine.current.task
  const again = machine.vfs.dentry_open(file.f_path, O_WRONLY | O_APPEND | O_LARGEFILE, cred)
  machine.vfs.filp_close(file, null)
  return again
}

/** Keeps the file open as Linux does, but writes no records. */
const acct = (machine: Machine, name: unknown): number => {
  if (!capable(machine.lsm, machine.current, CAP_SYS_PACCT)) return -EPERM
  if (name === null) {
    stopAccounting(machine)
    return 0
  }
  const file = openAccounts(machine, name)
  if (typeof file === 'number') return file
  const rc = accountable(file)
  if (rc !== 0) machine.vfs.filp_close(file, null)
  else {
    stopAccounting(machine)
    machine.part(Accounting).file = file
  }
  return rc
}

/** No task here has a terminal to hang up. */
const vhangup = (machine: Machine): number => (capable(machine.lsm, machine.current, CAP_SYS_TTY_CONFIG) ? 0 : -EPERM)

export const adminSyscalls = { swapon, swapoff, acct, vhangup }
