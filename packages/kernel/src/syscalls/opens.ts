/** open(2) and its variants: check the flags, take a descriptor, open the file (fs/open.c). */
import { AT_FDCWD, E2BIG, EFAULT, O_CLOEXEC, O_CREAT, O_LARGEFILE, O_PATH, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { fdTable, get_unused_fd } from '../state/vfs/fdtable.ts'
import { getname } from '../state/vfs/names.ts'
import { build_open_flags, build_open_how } from '../state/vfs/open-flags.ts'
import type { OpenHow } from '../state/vfs/open-flags.ts'

const KNOWN_HOW = new Set(['flags', 'mode', 'resolve'])

const do_sys_openat2 = (machine: Machine, dfd: number, filename: unknown, how: OpenHow): number => {
  const op = build_open_flags(how)
  if (typeof op === 'number') return op
  const name = getname(filename)
  if (typeof name === 'number') return name
  const { task } = machine.current
  const fd = get_unused_fd(task, (how.flags & O_CLOEXEC) !== 0)
  if (fd < 0) return fd
  const file = machine.vfs.do_filp_open(dfd, name, op)
  if (typeof file === 'number') {
    fdTable(task).free(fd)
    return file
  }
  fdTable(task).install(fd, file)
  return fd
}

const openat = (machine: Machine, dfd: number, filename: unknown, flags: number, mode: number): number =>
  do_sys_openat2(machine, dfd, filename, build_open_how(flags | O_LARGEFILE, mode))

const open = (
  machine: Machine, filename: unknown, flags: number, mode: number,
): number => openat(machine, AT_FDCWD, filename, flags, mode)

const creat = (machine: Machine, filename: unknown, mode: number): number =>
  openat(machine, AT_FDCWD, filename, O_CREAT | O_WRONLY | O_TRUNC, mode)

/** An unknown field is as a longer struct in Linux: refused unless it is 0. */
const openat2 = (machine: Machine, dfd: number, filename: unknown, how: OpenHow | null): number => {
  if (how === null || typeof how !== 'object') return -EFAULT
  for (const [field, value] of Object.entries(how)) if (!KNOWN_HOW.has(field) && value !== 0) return -E2BIG
  const flags = (how.flags & O_PATH) !== 0 ? how.flags : how.flags | O_LARGEFILE
  return do_sys_openat2(machine, dfd, filename, { flags, mode: how.mode, resolve: how.resolve })
}

export const openSyscalls = { open, openat, openat2, creat }
