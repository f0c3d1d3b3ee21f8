/** Maps, programs, links, types and tokens as open files (kernel/bpf/syscall.c). */
import {
  BPF_F_RDONLY, BPF_F_WRONLY, BPF_LINK_TYPE_CGROUP, BPF_LINK_TYPE_RAW_TRACEPOINT, BPF_LINK_TYPE_TRACING, EBADF, EINVAL,
  ENOTSUPP, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_READ, FMODE_WRITE, O_CLOEXEC, O_RDONLY, O_RDWR, O_WRONLY, hexText,
} from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { CgroupLink, KernelBtf, KernelLink, KernelMap, KernelProg, KernelToken } from '../state/bpf/objects.ts'
import { put_map_with_uref, put_prog, put_link, put_btf } from './references.ts'

type Held = KernelMap | KernelProg | KernelLink | KernelBtf | KernelToken

/** printf's `%#x`; the kernel's writes `0x0` too. */
const alternate = (value: number | bigint): string => `0x${value.toString(16)}`

const LINK_TYPES: Readonly<Record<number, string>> = {
  [BPF_LINK_TYPE_RAW_TRACEPOINT]: 'raw_tracepoint', [BPF_LINK_TYPE_TRACING]: 'tracing',
  [BPF_LINK_TYPE_CGROUP]: 'cgroup',
}

const mapText = (map: KernelMap): string =>
  `map_type:\t${map.map_type}\nkey_size:\t${map.key_size}\nvalue_size:\t${map.value_size}\n` +
  `max_entries:\t${map.max_entries}\nmap_flags:\t${alternate(map.map_flags)}\n` +
  `map_extra:\t${alternate(map.map_extra)}\nmemlock:\t${map.engine.memory}\nmap_id:\t${map.id}\n` +
  `frozen:\t${Number(map.frozen)}\n${ownerText(map)}`

const ownerText = ({ engine: { owner } }: KernelMap): string =>
  owner === null ? '' : `owner_prog_type:\t${owner.prog_type}\nowner_jited:\t${Number(owner.jited)}\n`

const progText = ({ type, engine, id }: KernelProg): string =>
  `prog_type:\t${type}\nprog_jited:\t${Number(engine.isCompiled)}\nprog_tag:\t${hexText(engine.tag)}\n` +
  `memlock:\t4096\nprog_id:\t${id}\nrun_time_ns:\t0\nrun_cnt:\t0\nrecursion_misses:\t0\n` +
  `verified_insns:\t${engine.verifiedInsns}\n`

/** The hook or the control group that the program is attached to. */
const linkPlace = (link: KernelLink): string =>
  link instanceof CgroupLink
    ? `cgroup_id:\t${link.cgroup?.kn.id ?? 0}\nattach_type:\t${link.attach_type}\n`
    : `attach_type:\t${link.attach_type}\ntarget_obj_id:\t1\ntarget_btf_id:\t${link.prog.attach_btf_id}\n`

const linkText = (link: KernelLink): string =>
  `link_type:\t${LINK_TYPES[link.type]}\nlink_id:\t${link.id}\nprog_tag:\t${hexText(link.prog.engine.tag)}\n` +
  `prog_id:\t${link.prog.id}\n${linkPlace(link)}`

const fops = <T extends Held>(text: (held: T) => string, put: (held: T) => void): FileOperations =>
  fileOperations({
    release: (_inode, file) => put(fileState(file).data as T),
    show_fdinfo: (file) => text(fileState(file).data as T),
  })
/** With these the file counts as one that can be read and written, which map_perms asks. */
const refused = { read: () => -EINVAL, write: () => -EINVAL }

export const descriptorOperations = (machine: Machine) => ({
  map_fops: {
    ...fops<KernelMap>(mapText, (map) => put_map_with_uref(machine, map)), ...refused, mmap: () => -ENOTSUPP,
  },
  prog_fops: { ...fops<KernelProg>(progText, (prog) => put_prog(machine, prog)), ...refused },
  link_fops: { ...fops<KernelLink>(linkText, (link) => put_link(machine, link)), ...refused },
  btf_fops: fops<KernelBtf>(({ id }) => `btf_id:\t${id}\n`, (btf) => put_btf(machine, btf)),
})

/** As `bpf_map_new_fd`: takes over the caller's reference when it succeeds. */
export const map_new_fd = (machine: Machine, map: KernelMap, flags: number): number => {
  const mode = flags === O_RDONLY ? FMODE_READ : flags === O_WRONLY ? FMODE_WRITE : FMODE_READ | FMODE_WRITE
  const rc = machine.lsm.bpf_map.ask(map, mode)
  if (rc !== 0) return rc
  const { map_fops } = machine.bpfTable.operations
  return machine.vfs.anon_inode_getfd('bpf-map', map_fops, map, flags | O_CLOEXEC, true)
}

export const prog_new_fd = (machine: Machine, prog: KernelProg): number => {
  const rc = machine.lsm.bpf_prog.ask(prog)
  if (rc !== 0) return rc
  const { prog_fops } = machine.bpfTable.operations
  return machine.vfs.anon_inode_getfd('bpf-prog', prog_fops, prog, O_RDWR | O_CLOEXEC, true)
}

/** `bpf_link` when it is made, `bpf-link` when it is found again. */
export const link_new_fd = (machine: Machine, link: KernelLink, name = 'bpf-link'): number =>
  machine.vfs.anon_inode_getfd(name, machine.bpfTable.operations.link_fops, link, O_CLOEXEC, true)

export const btf_new_fd = (machine: Machine, btf: KernelBtf): number =>
  machine.vfs.anon_inode_getfd('btf', machine.bpfTable.operations.btf_fops, btf, O_RDONLY | O_CLOEXEC, true)

export const heldBy = (file: File): unknown => fileState(file).data

const get = <T>(machine: Machine, fd: number, is: (value: unknown) => value is T): { file: File; held: T } | number => {
  const file = fget(machine.current.task, fd)
  if (file === null) return -EBADF
  const value = heldBy(file)
  return is(value) ? { file, held: value } : -EINVAL
}

const getHeld = <T>(machine: Machine, fd: number, is: (value: unknown) => value is T): T | number => {
  const found = get(machine, fd, is)
  return typeof found === 'number' ? found : found.held
}

const isMap = (value: unknown): value is KernelMap => value instanceof KernelMap

const isProg = (value: unknown): value is KernelProg => value instanceof KernelProg

const isLink = (value: unknown): value is KernelLink => value instanceof KernelLink

const isBtf = (value: unknown): value is KernelBtf => value instanceof KernelBtf

const isToken = (value: unknown): value is KernelToken => value instanceof KernelToken

/** FMODE_CAN_* of the file; a frozen map is not written (`map_get_sys_perms`). */
export const map_perms = ({ file, held: map }: { file: File; held: KernelMap }): number =>
  file.f_mode & (map.frozen ? FMODE_CAN_READ : FMODE_CAN_READ | FMODE_CAN_WRITE)

export const map_get = (machine: Machine, fd: number): { file: File; held: KernelMap } | number =>
  get(machine, fd, isMap)
export const mapOf = (machine: Machine, fd: number): KernelMap | number => getHeld(machine, fd, isMap)
export const progOf = (machine: Machine, fd: number): KernelProg | number => getHeld(machine, fd, isProg)
export const linkOf = (machine: Machine, fd: number): KernelLink | number => getHeld(machine, fd, isLink)
export const btfOf = (machine: Machine, fd: number): KernelBtf | number => getHeld(machine, fd, isBtf)
export const tokenOf = (machine: Machine, fd: number): KernelToken | number => getHeld(machine, fd, isToken)

/** As `bpf_get_file_flag`: O_* of BPF_F_RDONLY and BPF_F_WRONLY, or -EINVAL. */
export const fileFlag = (flags: number): number => {
  if ((flags & BPF_F_RDONLY) !== 0 && (flags & BPF_F_WRONLY) !== 0) return -EINVAL
  return (flags & BPF_F_RDONLY) !== 0 ? O_RDONLY : (flags & BPF_F_WRONLY) !== 0 ? O_WRONLY : O_RDWR
}
