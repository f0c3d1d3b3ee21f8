/** Maps, programs, links and types by number, and facts about each (kernel/bpf/syscall.c). */
import * as abi from '@lsmkit/abi'
import {
  BPF_F_RDONLY, BPF_F_WRONLY, CAP_BPF, EBADF, EBADFD, EFAULT, EINVAL, ENOENT, ENOTSUPP, EPERM, ESRCH, O_CLOEXEC,
} from '@lsmkit/abi'
import { from_kuid_munged } from '@lsmkit/core'
import { copyOut, isGuestBytes } from '../state/guest-bytes.ts'
import { fileOperations } from '../state/vfs/driver.ts'
import { fget, fget_raw } from '../state/vfs/fdtable.ts'
import type { Attr } from './attr.ts'
import type { BpfCommands, Command } from './context.ts'
import type { Ids, Numbered } from '../state/bpf/ids.ts'
import type { BpfTable } from '../state/bpf/table.ts'
import { CgroupLink, KernelBtf, KernelLink, KernelMap, KernelProg } from '../state/bpf/objects.ts'
import type { Machine } from '../machine.ts'
import { isAdmin, token_capable } from './rights.ts'
import { map_new_fd, fileFlag, prog_new_fd, link_new_fd, btf_new_fd, heldBy } from './descriptors.ts'
import { put_map_with_uref, put_prog, put_link, put_btf } from './references.ts'

const INT_MAX = 0x7fffffff
const BPF_STATS_RUN_TIME = 0
/** `bpf_obj_id` of the kernel's own types. */
const VMLINUX_ID = 1
/** Instructions of one function, as its compiled text is counted. */
const FUNC_INFO_SIZE = 8
const LINE_INFO_SIZE = 16

/** An object that answers are written into; the caller may have put arrays and bytes there, to be filled. */
type Info = Record<string, unknown>

/** Fills an array of numbers that the caller gave, as far as it has room. */
const fill = (room: unknown, values: readonly number[]): void => {
  if (!Array.isArray(room)) return
  for (let index = 0; index < Math.min(room.length, values.length); index++) room[index] = values[index]
}

const fillBytes = (room: unknown, bytes: Uint8Array): void => {
  if (isGuestBytes(room)) copyOut(bytes.subarray(0, room.length), room)
}

const nextId = (idsOf: (table: BpfTable) => Ids<Numbered>): Command => (machine, attr) => {
  const from = attr.number('start_id')
  if (attr.hasTail || from >= INT_MAX) return -EINVAL
  if (!isAdmin(machine)) return -EPERM
  const id = idsOf(machine.bpfTable).nextFrom(from + 1)
  if (id === 0) return -ENOENT
  attr.out.next_id = id
  return 0
}

/** How objects of one kind are found by number, and opened. */
interface Kind<T> {
  readonly idsOf: (table: BpfTable) => Ids<T & Numbered>
  /** The field that has the number. */
  readonly field: string
  readonly open: (machine: Machine, one: T, attr: Attr) => number
  readonly put: (machine: Machine, one: T) => void
}

/** A new descriptor of the object with a number. */
const byId = <T extends { refs: number }>({ idsOf, field, open, put }: Kind<T>): Command => (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  if (!isAdmin(machine)) return -EPERM
  const one = idsOf(machine.bpfTable).at(attr.number(field))
  if (one === null) return -ENOENT
  one.refs++
  const fd = open(machine, one, attr)
  if (fd < 0) put(machine, one)
  return fd
}

const mapById = byId({
  idsOf: ({ maps }) => maps,
  field: 'map_id',
  open: (machine, map, attr) => {
    map.userRefs++
    return map_new_fd(machine, map, fileFlag(attr.number('open_flags')))
  },
  put: put_map_with_uref,
})
const progById = byId({ idsOf: ({ progs }) => progs, field: 'prog_id', open: prog_new_fd, put: put_prog })
const linkById = byId({
  idsOf: ({ links }) => links,
  field: 'link_id',
  open: (machine, link) => link_new_fd(machine, link),
  put: put_link,
})
const btfById = byId({ idsOf: ({ btfs }) => btfs, field: 'btf_id', open: btf_new_fd, put: put_btf })

const map_get_fd_by_id: Command = (machine, attr) => {
  const flags = attr.number('open_flags')
  if ((flags & ~(BPF_F_RDONLY | BPF_F_WRONLY)) !== 0 || fileFlag(flags) < 0) return -EINVAL
  return mapById(machine, attr)
}

const mapInfo = (map: KernelMap): Info => ({
  type: map.map_type, id: map.id, key_size: map.key_size, value_size: map.value_size,
  max_entries: map.max_entries, map_flags: map.map_flags, name: map.name, map_extra: map.map_extra,
  btf_id: map.btf?.id ?? 0, btf_key_type_id: map.btf_key_type_id, btf_value_type_id: map.btf_value_type_id,
  btf_vmlinux_value_type_id: 0,
})

/** Instructions are for callers with CAP_BPF. */
const progInfo = (machine: Machine, prog: KernelProg, given: Info): Info => {
  fill(given.map_ids, prog.maps.map(({ id }) => id))
  const plain = {
    type: prog.type, id: prog.id, tag: prog.engine.tag.slice(), name: prog.name, load_time: prog.load_time,
    created_by_uid: from_kuid_munged(machine.current.task.cred.user_ns, prog.created_by_uid),
    gpl_compatible: Number(prog.engine.isGpl), nr_map_ids: prog.maps.length, run_time_ns: 0, run_cnt: 0,
    recursion_misses: 0, verified_insns: prog.engine.verifiedInsns, btf_id: prog.btf?.id ?? 0,
    func_info_rec_size: FUNC_INFO_SIZE, line_info_rec_size: LINE_INFO_SIZE,
  }
  if (!token_capable(machine, null, CAP_BPF)) return { ...plain, jited_prog_len: 0, xlated_prog_len: 0 }
  const { xlated } = prog.engine
  fillBytes(given.xlated_prog_insns, xlated)
  return {
    ...plain, xlated_prog_len: xlated.length, jited_prog_len: prog.engine.isCompiled ? xlated.length : 0,
    attach_btf_id: prog.attach_btf_id, attach_btf_obj_id: prog.attach_btf_id === 0 ? 0 : VMLINUX_ID,
  }
}

const linkInfo = (link: KernelLink): Info => {
  const common = { type: link.type, id: link.id, prog_id: link.prog.id, attach_type: link.attach_type }
  if (link instanceof CgroupLink) return { ...common, cgroup_id: link.cgroup?.kn.id ?? 0 }
  return { ...common, target_obj_id: VMLINUX_ID, target_btf_id: link.prog.attach_btf_id, cookie: link.cookie }
}

const btfInfo = ({ btf, id }: KernelBtf, given: Info): Info => {
  fillBytes(given.btf, btf.bytes)
  return { id, btf_size: btf.bytes.length, kernel_btf: Number(btf.isKernel), name: '', name_len: 0 }
}

const info_by_fd: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  const file = fget(machine.current.task, attr.fd('bpf_fd'))
  if (file === null) return -EBADFD
  const info = attr.pointer('info')
  const held = heldBy(file)
  const isKnown = held instanceof KernelMap || held instanceof KernelProg || held instanceof KernelLink ||
    held instanceof KernelBtf
  if (!isKnown) return -EINVAL
  if (info === null || typeof info !== 'object') return -EFAULT
  const given = info as Info
  if (held instanceof KernelMap) Object.assign(given, mapInfo(held))
  else if (held instanceof KernelProg) Object.assign(given, progInfo(machine, held, given))
  else if (held instanceof KernelLink) Object.assign(given, linkInfo(held))
  else Object.assign(given, btfInfo(held, given))
  return 0
}

const stats_fops = fileOperations({})

const enable_stats: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  if (!isAdmin(machine)) return -EPERM
  if (attr.number('type') !== BPF_STATS_RUN_TIME) return -EINVAL
  return machine.vfs.anon_inode_getfd('bpf-stats', stats_fops, null, O_CLOEXEC, true)
}

/** The program of a perf event or tracepoint; this kernel has neither, so -ENOTSUPP. */
const task_fd_query: Command = (machine, attr) => {
  if (attr.hasTail) return -EINVAL
  if (!isAdmin(machine)) return -EPERM
  if (attr.number('flags') !== 0) return -EINVAL
  const task = machine.tasks.findByVpid(attr.fd('pid'))
  if (task === null) return -ENOENT
  if (task.files === null) return -ESRCH
  return fget_raw(task, attr.fd('fd')) === null ? -EBADF : -ENOTSUPP
}

export const infoCommands: BpfCommands = {
  [abi.BPF_MAP_GET_NEXT_ID]: nextId(({ maps }) => maps),
  [abi.BPF_PROG_GET_NEXT_ID]: nextId(({ progs }) => progs),
  [abi.BPF_LINK_GET_NEXT_ID]: nextId(({ links }) => links),
  [abi.BPF_BTF_GET_NEXT_ID]: nextId(({ btfs }) => btfs),
  [abi.BPF_MAP_GET_FD_BY_ID]: map_get_fd_by_id,
  [abi.BPF_PROG_GET_FD_BY_ID]: progById,
  [abi.BPF_LINK_GET_FD_BY_ID]: linkById,
  [abi.BPF_BTF_GET_FD_BY_ID]: btfById,
  [abi.BPF_OBJ_GET_INFO_BY_FD]: info_by_fd,
  [abi.BPF_ENABLE_STATS]: enable_stats,
  [abi.BPF_TASK_FD_QUERY]: task_fd_query,
}
