/** Special memory: memfd_secret, userfaultfd, mseal, protection keys, cachestat (mm/). */
import {
  CAP_SYS_PTRACE, EAGAIN, EBADF, EFAULT, EINVAL, ENOMEM, ENOSPC, ENOTTY, EOPNOTSUPP, EPERM, ESRCH, O_CLOEXEC,
  O_NONBLOCK, O_RDWR, PAGE_SIZE, S_IFMT, S_IFREG, VM_SHARED,
} from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { cutVmas, hasVmaRoom, pageAlign, spaceOf, withRange } from '../state/mm/address-space.ts'
import { signalOf } from '../state/task/thread.ts'
import { fget } from '../state/vfs/fdtable.ts'

const UFFD_USER_MODE_ONLY = 1
const UFFDIO_API = 0xc018aa3f
const PKEY_DISABLE_MASK = 3

/** Pages that only the caller sees: the runner has what is mapped, so this is only the file. */
const secretmem_fops = fileOperations({ mmap: (_file, vma) => ((vma.vm_flags & VM_SHARED) === 0 ? -EINVAL : 0) })

/** The runner handles page faults, so the file never reports one. */
const userfaultfd_fops = fileOperations({
  read: (file) => ((file.f_flags & O_NONBLOCK) !== 0 ? -EAGAIN : -EINVAL),
  ioctl: (_file, cmd) => (cmd === UFFDIO_API ? 0 : -ENOTTY),
  poll: () => 0,
})

const memfd_secret = (machine: Machine, flags: number): number => {
  if ((flags & ~O_CLOEXEC) !== 0) return -EINVAL
  return machine.vfs.installNew(
    () => machine.vfs.anon_inode_create_getfile('[secretmem]', secretmem_fops, null, O_RDWR),
    (flags & O_CLOEXEC) !== 0,
  )
}

const userfaultfd = (machine: Machine, flags: number): number => {
  const userOnly = (flags & UFFD_USER_MODE_ONLY) !== 0
  const isFree = userOnly || machine.sysctl.unprivileged_userfaultfd !== 0
  if (!isFree && !capable(machine.lsm, machine.current, CAP_SYS_PTRACE)) return -EPERM
  if ((flags & ~(UFFD_USER_MODE_ONLY | O_CLOEXEC | O_NONBLOCK)) !== 0) return -EINVAL
  return machine.vfs.installNew(
    () => machine.vfs.anon_inode_create_getfile('[userfaultfd]', userfaultfd_fops, null, O_RDWR | (flags & O_NONBLOCK)),
    (flags & O_CLOEXEC) !== 0,
  )
}

/** As `do_mseal`: a sealed range cannot be changed any more. */
const mseal = (machine: Machine, start: number, length: number, flags: number): number => {
  if (flags !== 0 || start % PAGE_SIZE !== 0) return -EINVAL
  const len = pageAlign(length)
  if (length < 0 || !Number.isSafeInteger(start + len)) return -EINVAL
  if (len === 0) return 0
  const mm = spaceOf(machine.current.task.mm!)
  if (machine.advice.checkCovered(mm, start, start + len) !== 0) return -ENOMEM
  if (!hasVmaRoom(mm)) return -ENOMEM
  cutVmas(mm, start, start + len)
  mm.sealed = withRange(mm.sealed, { start, end: start + len })
  machine.mms.mergeVmas(mm, start, start + len)
  return 0
}

/** Answers as on a processor without protection keys. */
const pkey_alloc = (_machine: Machine, flags: number, rights: number): number =>
  flags !== 0 || (rights & ~PKEY_DISABLE_MASK) !== 0 ? -EINVAL : -ENOSPC

const pkey_free = (_machine: Machine, _pkey: number): number => -EINVAL

const process_mrelease = (machine: Machine, pidfd: number, flags: number): number => {
  if (flags !== 0) return -EINVAL
  const file = fget(machine.current.task, pidfd)
  const pid = file === null ? null : machine.pidfds.pidOf(file)
  if (pid === null) return -EBADF
  if (pid.task === null || pid.task.mm === null) return -ESRCH
  return signalOf(pid.task).group_exit !== null ? 0 : -EINVAL
}

/** All pages of a file count as cached. */
const cachestat = (
  machine: Machine, fd: number, range: { off: number; len: number } | null, out: { nr_cache: number } | null,
  flags: number,
): number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  if (range === null || out === null) return -EFAULT
  if ((file.f_inode.i_mode & S_IFMT) !== S_IFREG) return -EOPNOTSUPP
  if (flags !== 0) return -EINVAL
  out.nr_cache = Math.ceil(Math.max(Math.min(range.len || Infinity, file.f_inode.i_size - range.off), 0) / PAGE_SIZE)
  return 0
}

export const specialMemorySyscalls = {
  memfd_secret, userfaultfd, mseal, pkey_alloc, pkey_free, process_mrelease, cachestat,
}
