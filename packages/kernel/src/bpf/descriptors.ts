/** Maps, programs, links, types and tokens as open files, and what they have counted (kernel/bpf/syscall.c). */
import {
  BPF_F_RDONLY, BPF_F_WRONLY, BPF_LINK_TYPE_CGROUP, BPF_LINK_TYPE_RAW_TRACEPOINT, BPF_LINK_TYPE_TRACING,
  BPF_MAP_TYPE_PROG_ARRAY,
  EBADF, EINVAL, ENOTSUPP, FMODE_CAN_READ, FMODE_CAN_WRITE, FMODE_READ, FMODE_WRITE, O_CLOEXEC, O_RDONLY, O_RDWR,
  O_WRONLY,
} from '@lsmkit/abi'
import type { File, KeyMap } from '@lsmkit/core'
import { fileOperations } from '../state/vfs/driver.ts'
import type { FileOperations } from '../state/vfs/driver.ts'
import type { Machine } from '../machine.ts'
import { fget } from '../state/vfs/fdtable.ts'
import { fileState } from '../state/vfs/state.ts'
import { Ids } from './ids.ts'
import { CgroupLink, KernelBtf, KernelLink, KernelMap, KernelProg, KernelToken } from '../state/bpf/objects.ts'

type Held = KernelMap | KernelProg | KernelLink | KernelBtf | KernelToken

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
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
  `frozen:\t${Number(map.frozen)}\n` +
  (map.owner_prog_type === null ? '' : `owner_prog_type:\t${map.owner_prog_type}\nowner_jited:\t1\n`)

const progText = ({ type, engine, id }: KernelProg): string =>
  `prog_type:\t${type}\nprog_jited:\t${Number(engine.isCompiled)}\nprog_tag:\t${hex(engine.tag)}\n` +
  `memlock:\t4096\nprog_id:\t${id}\nrun_time_ns:\t0\nrun_cnt:\t0\nrecursion_misses:\t0\n` +
  `verified_insns:\t${engine.verifiedInsns}\n`

/** Where it is: a hook, or a group. */
const linkPlace = (link: KernelLink): string =>
  link instanceof CgroupLink
    ? `cgroup_id:\t${link.cgroup?.kn.id ?? 0}\nattach_type:\t${link.attach_type}\n`
    : `attach_type:\t${link.attach_type}\ntarget_obj_id:\t1\ntarget_btf_id:\t${link.prog.attach_btf_id}\n`

const linkText = (link: KernelLink): string =>
  `link_type:\t${LINK_TYPES[link.type]}\nlink_id:\t${link.id}\nprog_tag:\t${hex(link.prog.engine.tag)}\n` +
  `prog_id:\t${link.prog.id}\n${linkPlace(link)}`

export const bpfDescriptors = (lsm: KeyMap, machine: Machine) => {
  const { current, vfs } = machine
  const maps = new Ids<KernelMap>()
  const progs = new Ids<KernelProg>()
  const links = new Ids<KernelLink>()
  const btfs = new Ids<KernelBtf>()

  const put_btf = (btf: KernelBtf | null): void => {
    if (btf !== null && --btf.refs === 0) btfs.remove(btf)
  }

  const put_token = (token: KernelToken | null): void => {
    if (token !== null && --token.refs === 0) machine.callRcu(() => lsm.bpf_token_free.tell(token))
  }

  /** What an element held, of a map that let it go. */
  const release = (held: KernelMap | KernelProg): void => {
    if (held instanceof KernelProg) put_prog(held)
    else put_map(held)
  }

  /** The element of that key holds `next` from now on. */
  const hold = (map: KernelMap, key: Uint8Array, next: KernelMap | KernelProg | null): void => {
    const name = hex(key)
    const before = map.held.get(name)
    if (next === null) map.held.delete(name)
    else {
      next.refs++
      map.held.set(name, next)
    }
    if (before !== undefined) release(before)
  }

  /** No user is left: its number goes at once, itself after the call. */
  const put_map = (map: KernelMap): void => {
    if (--map.refs !== 0) return
    maps.remove(map)
    machine.callRcu(() => {
      lsm.bpf_map_free.tell(map)
      for (const held of map.held.values()) release(held)
      map.engine.free()
      map.memory.release()
      put_btf(map.btf)
    })
  }

  /** The last descriptor or name of a PROG_ARRAY empties it: programs could hold it, and it them. */
  const put_map_with_uref = (map: KernelMap): void => {
    if (--map.userRefs === 0 && map.map_type === BPF_MAP_TYPE_PROG_ARRAY) clearPrograms(map)
    put_map(map)
  }

  const clearPrograms = (map: KernelMap): void => {
    for (const [key, held] of [...map.held]) {
      map.held.delete(key)
      map.engine.delete(Uint8Array.from(key.match(/../g) ?? [], (byte) => parseInt(byte, 16)))
      release(held)
    }
  }

  /** What a program that is no more had taken. */
  const free_prog = (prog: KernelProg): void => {
    lsm.bpf_prog_free.tell(prog)
    for (const map of prog.maps) put_map(map)
    put_btf(prog.btf)
    put_token(prog.token)
    prog.memory?.release()
  }

  const put_prog = (prog: KernelProg): void => {
    if (--prog.refs !== 0) return
    progs.remove(prog)
    machine.callRcu(() => {
      free_prog(prog)
      prog.engine.free()
    })
  }

  const put_link = (link: KernelLink): void => {
    if (--link.refs !== 0) return
    links.remove(link)
    link.engine.detach()
    put_prog(link.prog)
  }

  const fops = <T extends Held>(text: (held: T) => string, put: (held: T) => void): FileOperations =>
    fileOperations({
      release: (_inode, file) => put(fileState(file).data as T),
      show_fdinfo: (file) => text(fileState(file).data as T),
    })
  /** Being there, these make the file one that can be read and written, which map_perms asks. */
  const refused = { read: () => -EINVAL, write: () => -EINVAL }
  const map_fops = { ...fops<KernelMap>(mapText, put_map_with_uref), ...refused, mmap: () => -ENOTSUPP }
  const prog_fops = { ...fops<KernelProg>(progText, put_prog), ...refused }
  const link_fops = { ...fops<KernelLink>(linkText, put_link), ...refused }
  const btf_fops = fops<KernelBtf>(({ id }) => `btf_id:\t${id}\n`, put_btf)

  /** As `bpf_map_new_fd`: takes over the caller's reference when it succeeds. */
  const map_new_fd = (map: KernelMap, flags: number): number => {
    const mode = flags === O_RDONLY ? FMODE_READ : flags === O_WRONLY ? FMODE_WRITE : FMODE_READ | FMODE_WRITE
    const rc = lsm.bpf_map.ask(map, mode)
    return rc !== 0 ? rc : vfs.anon_inode_getfd('bpf-map', map_fops, map, flags | O_CLOEXEC, true)
  }
  const prog_new_fd = (prog: KernelProg): number => {
    const rc = lsm.bpf_prog.ask(prog)
    return rc !== 0 ? rc : vfs.anon_inode_getfd('bpf-prog', prog_fops, prog, O_RDWR | O_CLOEXEC, true)
  }
  /** `bpf_link` when it is made, `bpf-link` when it is found again. */
  const link_new_fd = (link: KernelLink, name = 'bpf-link'): number =>
    vfs.anon_inode_getfd(name, link_fops, link, O_CLOEXEC, true)
  const btf_new_fd = (btf: KernelBtf): number =>
    vfs.anon_inode_getfd('btf', btf_fops, btf, O_RDONLY | O_CLOEXEC, true)

  const held = (file: File): unknown => fileState(file).data
  const get = <T>(fd: number, is: (value: unknown) => value is T): { file: File; held: T } | number => {
    const file = fget(current.task, fd)
    if (file === null) return -EBADF
    const value = held(file)
    return is(value) ? { file, held: value } : -EINVAL
  }
  const getHeld = <T>(fd: number, is: (value: unknown) => value is T): T | number => {
    const found = get(fd, is)
    return typeof found === 'number' ? found : found.held
  }
  const isMap = (value: unknown): value is KernelMap => value instanceof KernelMap
  const isProg = (value: unknown): value is KernelProg => value instanceof KernelProg
  const isLink = (value: unknown): value is KernelLink => value instanceof KernelLink
  const isBtf = (value: unknown): value is KernelBtf => value instanceof KernelBtf
  const isToken = (value: unknown): value is KernelToken => value instanceof KernelToken

  /** FMODE_CAN_*: as the file was opened, and no writing once the map is frozen (`map_get_sys_perms`). */
  const map_perms = ({ file, held: map }: { file: File; held: KernelMap }): number =>
    file.f_mode & (map.frozen ? FMODE_CAN_READ : FMODE_CAN_READ | FMODE_CAN_WRITE)

  return {
    maps, progs, links, btfs,
    put_btf, put_token, put_map, put_map_with_uref, put_prog, free_prog, put_link, hold, release,
    map_new_fd, prog_new_fd, link_new_fd, btf_new_fd,
    heldOf: held,
    map_get: (fd: number) => get(fd, isMap),
    mapOf: (fd: number): KernelMap | number => getHeld(fd, isMap),
    progOf: (fd: number): KernelProg | number => getHeld(fd, isProg),
    linkOf: (fd: number): KernelLink | number => getHeld(fd, isLink),
    btfOf: (fd: number): KernelBtf | number => getHeld(fd, isBtf),
    tokenOf: (fd: number): KernelToken | number => getHeld(fd, isToken),
    map_perms,
  }
}
export type BpfDescriptors = ReturnType<typeof bpfDescriptors>

/** As `bpf_get_file_flag`: O_* of BPF_F_RDONLY and BPF_F_WRONLY, or -EINVAL. */
export const fileFlag = (flags: number): number => {
  if ((flags & BPF_F_RDONLY) !== 0 && (flags & BPF_F_WRONLY) !== 0) return -EINVAL
  return (flags & BPF_F_RDONLY) !== 0 ? O_RDONLY : (flags & BPF_F_WRONLY) !== 0 ? O_WRONLY : O_RDWR
}
