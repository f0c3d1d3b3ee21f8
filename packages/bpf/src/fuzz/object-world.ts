/** Kernel objects with anything in them, hung together at random: what random typed programs read. */
import { ownValue } from '@lsmkit/abi'
import { plainObjects } from '@lsmkit/core'
import type { Random } from '../testing/random.ts'

/** By struct. */
export type World = ReadonlyMap<string, readonly object[]>

const NUMBERS = [
  0, 1, -1, 255, 0x7fff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x1_0000_0000, 0x1234_5678_9abc,
  -0x1_0000_0001, 2 ** 53 - 1, -(2 ** 53), 2 ** 63, 2 ** 64, -(2 ** 63), Infinity, -Infinity, 0.5, -1.5, 1e300,
]
const TEXTS = ['', 'a', 'init', 'fifteen letters', 'sixteen letters!', 'grüße', 'a much longer text than there is room']

/** A few of each kind; pointers lead among them, or nowhere. */
export const randomWorld = (random: Random): World => {
  const ns = {
    parent: null, level: 0, inum: 0xeffffffd, owner: 0, group: 0, uid_map: [], gid_map: [], parent_could_setfcap: true,
    flags: 1,
  }
  const type = { name: 'tmpfs', fs_flags: 8 }
  const of = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make)
  const cred = of(2, () => plainObjects.cred(ns))
  const super_block = of(2, () => plainObjects.super_block(1, type, ns))
  const inode = of(3, () => plainObjects.inode(0o100644, random.pick(super_block), 1))
  const dentry = of(4, () => plainObjects.dentry({ name: random.pick(TEXTS), len: 3 }, random.pick(super_block)))
  const vfsmount = of(2, () => ({
    mnt_root: random.pick(dentry), mnt_sb: random.pick(super_block), mnt_flags: 0,
    mnt_idmap: { uid_map: [], gid_map: [] }, mnt_parent: null, mnt_mountpoint: null, mnt_devname: 'none',
  }))
  const path = of(2, () => ({ mnt: random.pick(vfsmount), dentry: random.pick(dentry) }))
  const file = of(3, () => plainObjects.file(1, 0, random.pick(path), random.pick(inode), random.pick(cred)))
  const mm_struct = of(2, () => ({
    users: 1, total_vm: 1, dumpable: 1, user_ns: ns, exe_file: random.pick(file), vmas: [],
  }))
  const signal_struct = of(1, () => ({
    pgid: 1, sid: 1, rlim: of(16, () => ({ rlim_cur: 1, rlim_max: Infinity })), oom_score_adj: -17,
    is_child_subreaper: true,
  }))
  const task_struct = of(3, () => plainObjects.task(1, 1, random.pick(cred), random.pick(cred)))
  const socket = of(2, () => plainObjects.socket(1, random.pick(inode)))
  const sock = of(2, () => plainObjects.sock(2, 1, 6))
  const linux_binprm = of(2, () => ({
    cred: random.pick(cred), file: random.pick(file), executable: null, filename: '/x', interp: '/x', unsafe: 0,
    per_clear: 0, secureexec: false, argc: 1, envc: 2, buf: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46),
    mm: random.pick(mm_struct), point_of_no_return: false, is_check: false,
  }))
  const key = of(1, () => ({
    serial: 1, type: { name: 'user' }, description: 'd', uid: 1, gid: 2, perm: 3, flags: 4, security: null,
  }))
  const kern_ipc_perm = of(1, () => ({
    id: 1, key: 2, uid: 3, gid: 4, cuid: 5, cgid: 6, mode: 7, seq: 8, deleted: true, security: null,
  }))
  const world = {
    cred, super_block, inode, dentry, vfsmount, path, file, mm_struct, signal_struct, task_struct, socket, sock,
    linux_binprm, key, kern_ipc_perm,
  }
  for (const [struct, list] of Object.entries(world)) for (const object of list) shake(object, struct, world, random)
  return new Map(Object.entries(world))
}

/** Struct of a member that points to one. */
const POINTS_TO: Readonly<Record<string, string>> = {
  i_sb: 'super_block', d_sb: 'super_block', mnt_sb: 'super_block', s_root: 'dentry', d_parent: 'dentry',
  mnt_root: 'dentry', d_inode: 'inode', f_inode: 'inode', inode: 'inode', f_cred: 'cred', cred: 'cred',
  real_cred: 'cred', ptracer_cred: 'cred', real_parent: 'task_struct', parent: 'task_struct',
  group_leader: 'task_struct', mm: 'mm_struct', signal: 'signal_struct', sk: 'sock', sk_socket: 'socket',
  file: 'file', exe_file: 'file', executable: 'file', mnt: 'vfsmount', dentry: 'dentry',
}

/** Numbers become any number, pointers any object of their kind or null, texts any text. */
const shake = (
  object: object, struct: string, world: Readonly<Record<string, readonly object[]>>, random: Random,
): void => {
  const own = object as Record<string, unknown>
  for (const [name, value] of Object.entries(own)) {
    if (name === 'handle' || name === 'security' || random.below(4) === 0) continue
    const target = ownValue(POINTS_TO, name)
    if (typeof value === 'number') own[name] = random.pick(NUMBERS)
    else if (typeof value === 'boolean') own[name] = random.below(2) === 1
    else if (name.startsWith('cap_')) own[name] = { lo: random.pick(NUMBERS) | 0, hi: random.pick(NUMBERS) | 0 }
    else if (name === 'comm' || name === 's_id') own[name] = random.pick(TEXTS)
    else if (name === 'd_name') own[name] = { name: random.pick(TEXTS), len: random.pick(NUMBERS) }
    else if (name === 'f_path') own[name] = random.pick(world.path!)
    else if (target !== undefined) own[name] = random.below(5) === 0 ? null : random.pick(world[target]!)
  }
  if (struct !== 'signal_struct') return
  for (const limit of own.rlim as { rlim_cur: number }[]) limit.rlim_cur = random.pick(NUMBERS)
}
