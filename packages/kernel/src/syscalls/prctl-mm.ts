/** PR_SET_MM: sets the addresses of code, data, stack, arguments and environment (kernel/sys.c). */
import {
  CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, CAP_SYS_RESOURCE, EACCES, EBADF, EBUSY, EFAULT, EINVAL, EPERM, MAY_EXEC,
  PR_SET_MM_ARG_END, PR_SET_MM_ARG_START, PR_SET_MM_AUXV, PR_SET_MM_BRK, PR_SET_MM_END_CODE, PR_SET_MM_END_DATA,
  PR_SET_MM_ENV_END, PR_SET_MM_ENV_START, PR_SET_MM_EXE_FILE, PR_SET_MM_MAP, PR_SET_MM_MAP_SIZE, PR_SET_MM_START_BRK,
  PR_SET_MM_START_CODE, PR_SET_MM_START_DATA, PR_SET_MM_START_STACK, RLIMIT_DATA, S_IFMT, S_IFREG, TASK_SIZE,
} from '@lsmkit/abi'
import { capable, ns_capable } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { copyIn, isGuestBytes } from '../state/guest-bytes.ts'
import type { Machine } from '../machine.ts'
import { find_vma, spaceOf } from '../state/mm/address-space.ts'
import { AUXV_BYTES, readAuxv } from '../mm/auxv.ts'
import { rlimit } from '../state/task/rlimits.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { path_noexec } from '../state/vfs/mount.ts'
import { put } from './prctl-option.ts'
import type { Option, Place, PrctlArg, PrctlMmMap } from './prctl-option.ts'

const PLACES: Readonly<Record<number, Place>> = {
  [PR_SET_MM_START_CODE]: 'start_code',
  [PR_SET_MM_END_CODE]: 'end_code',
  [PR_SET_MM_START_DATA]: 'start_data',
  [PR_SET_MM_END_DATA]: 'end_data',
  [PR_SET_MM_START_STACK]: 'start_stack',
  [PR_SET_MM_START_BRK]: 'start_brk',
  [PR_SET_MM_BRK]: 'brk',
  [PR_SET_MM_ARG_START]: 'arg_start',
  [PR_SET_MM_ARG_END]: 'arg_end',
  [PR_SET_MM_ENV_START]: 'env_start',
  [PR_SET_MM_ENV_END]: 'env_end',
}
/** These must lie in a mapping. */
const MAPPED: readonly Place[] = ['start_stack', 'arg_start', 'arg_end', 'env_start', 'env_end']

const ALL_PLACES = Object.values(PLACES) as readonly Place[]

const MAP_SIZE = 104
const NO_FILE = 0xffffffff

const mapOf = (arg: PrctlArg): PrctlMmMap | null =>
  typeof arg === 'object' && arg !== null && 'exe_fd' in arg ? { ...arg } : null
const isMap = (map: PrctlMmMap): boolean =>
  ALL_PLACES.every((place) => Number.isInteger(map[place])) && Number.isInteger(map.exe_fd) &&
  (map.auxv === null || isGuestBytes(map.auxv))

/** As `validate_prctl_map_addr`. */
const isOrdered = (machine: Machine, at: (place: Place) => number): boolean => {
  const data = at('brk') - at('start_brk') + at('end_data') - at('start_data')
  return (
    ALL_PLACES.every((p) => at(p) >= machine.sysctl.mmap_min_addr && at(p) < TASK_SIZE) &&
    data <= rlimit(machine.current.task, RLIMIT_DATA) &&
    at('start_code') < at('end_code') && at('start_data') <= at('end_data') &&
    at('start_brk') <= at('brk') && at('arg_start') <= at('arg_end') && at('env_start') <= at('env_end')
  )
}

const setExeFile = (machine: Machine, task: Task, fd: number): number => {
  const file = fget(task, fd)
  if (file === null) return -EBADF
  if ((file.f_inode.i_mode & S_IFMT) !== S_IFREG || path_noexec(file.f_path)) return -EACCES
  const rc = machine.vfs.inode_permission(file.f_path.mnt.mnt_idmap, file.f_inode, MAY_EXEC)
  if (rc !== 0) return rc
  const mm = spaceOf(task.mm!)
  // the file cannot change while a mapping of the old program is left
  if (mm.exe_file !== null && mm.vmas.some((vma) => vma.vm_file?.f_inode === mm.exe_file!.f_inode)) return -EBUSY
  if (file.f_inode.i_writecount > 0) return -EACCES
  machine.mms.putExe(mm)
  machine.mms.setExe(mm, file)
  return 0
}

/** As `prctl_set_mm_map`: sets all places at once, without a check of mappings. */
const setMap = (machine: Machine, task: Task, map: PrctlMmMap | null, size: number): number => {
  if (size !== MAP_SIZE) return -EINVAL
  if (map === null || !isMap(map)) return -EFAULT
  const mm = spaceOf(task.mm!)
  if (!isOrdered(machine, (place) => map[place])) return -EINVAL
  const { exe_fd } = map
  if (map.auxv !== null && map.auxv.length > AUXV_BYTES) return -EINVAL
  const auxv = map.auxv === null ? null : copyIn(map.auxv)
  if (exe_fd !== NO_FILE) {
    const { user_ns } = task.cred
    const mayRestore =
      ns_capable(machine.lsm, machine.current, user_ns, CAP_CHECKPOINT_RESTORE) ||
      ns_capable(machine.lsm, machine.current, user_ns, CAP_SYS_ADMIN)
    const rc = mayRestore ? setExeFile(machine, task, exe_fd) : -EPERM
    if (rc !== 0) return rc
  }
  for (const place of ALL_PLACES) mm[place] = map[place]
  if (auxv !== null && auxv.length > 0) mm.auxv = readAuxv(auxv)
  return 0
}

const setAuxv = (task: Task, bytes: PrctlArg, length: number): number => {
  if (length < 0 || length > AUXV_BYTES) return -EINVAL
  if (!isGuestBytes(bytes) || bytes.length < length) return length === 0 ? 0 : -EFAULT
  spaceOf(task.mm!).auxv = readAuxv(copyIn(bytes, 0, length))
  return 0
}

export const prctlSetMm: Option = (machine, task, what, addr, arg4, arg5, raw) => {
  const takesSize = what === PR_SET_MM_AUXV || what === PR_SET_MM_MAP || what === PR_SET_MM_MAP_SIZE
  if (arg5 !== 0 || (arg4 !== 0 && !takesSize)) return -EINVAL
  if (what === PR_SET_MM_MAP_SIZE) return put(raw[1], MAP_SIZE)
  if (what === PR_SET_MM_MAP) return setMap(machine, task, mapOf(raw[1]), arg4)
  if (!capable(machine.lsm, machine.current, CAP_SYS_RESOURCE)) return -EPERM
  if (what === PR_SET_MM_EXE_FILE) return setExeFile(machine, task, addr)
  if (what === PR_SET_MM_AUXV) return setAuxv(task, raw[1], arg4)
  if (addr >= TASK_SIZE || addr < machine.sysctl.mmap_min_addr) return -EINVAL
  const place = Object.hasOwn(PLACES, what) ? PLACES[what] : undefined
  if (place === undefined) return -EINVAL
  const mm = spaceOf(task.mm!)
  if (!isOrdered(machine, (other) => (other === place ? addr : mm[other]))) return -EINVAL
  if (MAPPED.includes(place) && find_vma(mm, addr) === null) return -EFAULT
  mm[place] = addr
  return 0
}
