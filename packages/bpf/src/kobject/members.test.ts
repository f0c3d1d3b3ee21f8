/** Members that answer the same whatever the object is are listed, each with the reason. */
import { AF_UNIX } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { KernelObjects } from './kernel-objects.ts'
import { members } from './members.ts'
import { kernelStructs, vmlinuxBtf, widestStruct } from '../vmlinux/vmlinux.ts'

const SAME: Readonly<Record<string, string>> = {
  'cgroup_subsys_state.id': 'a group stands for the state of all its controllers',
  'sk_buff.mark': 'packets here carry no mark',
  'sk_buff.network_header': 'headers are laid out anew for each packet, from the network header on',
  'sock.sk_kern_sock': 'sockets of the kernel itself are not shown to hooks',
  'xfrm_user_sec_ctx.exttype': 'it is the number of its attribute',
}

test('functions that look at no object', () => {
  const found = Object.entries(members).flatMap(([struct, own]) => Object.entries(own)
    .filter(([, read]) => typeof read === 'function' && read.length === 0).map(([name]) => `${struct}.${name}`))
  expect(found.sort()).toEqual(Object.keys(SAME))
})

const types = vmlinuxBtf()

interface Row {
  readonly what: string
  readonly struct: string
  readonly object: object
  readonly off: number
  readonly size: number
  readonly value: number
}

const at = (struct: string, ...names: readonly string[]): number => {
  const [first, ...rest] = names
  const { offset } = kernelStructs()[struct]!.fields[first!]!
  return rest.length === 0 ? offset : offset + at(rest[0]!, ...rest.slice(1))
}
const idmap = { uid_map: [{ first: 1, lower_first: 1000, count: 5 }], gid_map: [] }
const operations = [{ sem_num: 3, sem_op: -1, sem_flg: 0 }, { sem_num: 4, sem_op: 1, sem_flg: 0 }]
const rule = { fields: [{ type: 13, op: 2, lsm_rule: null }, { type: 1, op: 1, lsm_rule: null }] }
const context = { id: 101, flags: 0, ctx: Uint8Array.of(65, 66, 0) }

test.each<Row>([
  { what: 'the first id of a mount', struct: 'mnt_idmap', object: idmap, off: 0, size: 4, value: 1 },
  { what: 'what it stands for', struct: 'mnt_idmap', object: idmap, off: 4, size: 4, value: 1000 },
  { what: 'how many do', struct: 'mnt_idmap', object: idmap, off: 8, size: 4, value: 5 },
  { what: 'extents of a map', struct: 'mnt_idmap', object: idmap, off: at('uid_gid_map', 'nr_extents'), size: 4,
    value: 1 },
  { what: 'the first operation on a semaphore', struct: 'sembuf', object: operations, off: 0, size: 2, value: 3 },
  { what: 'fields of an audit rule', struct: 'audit_krule', object: rule, off: 0, size: 4, value: 2 },
  { what: 'the module that a label is for', struct: 'lsm_ctx', object: context, off: 0, size: 8, value: 101 },
  { what: 'length of a label with its head', struct: 'lsm_ctx', object: context, off: at('lsm_ctx', 'len'), size: 8,
    value: 35 },
  { what: 'the second byte of a label', struct: 'lsm_ctx', object: context, off: at('lsm_ctx', 'ctx') + 1, size: 1,
    value: 66 },
  { what: 'a label that a program gave, as bytes', struct: 'lsm_ctx', object: Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0),
    off: 0, size: 8, value: 7 },
  { what: 'the operations of a file without an inode', struct: 'file', object: { f_inode: null },
    off: at('file', 'f_op'), size: 8, value: 0 },
  { what: 'the family of a name of AF_UNIX', struct: 'unix_address', off: at('unix_address', 'name'), size: 2,
    object: { len: 3, refcnt: 1, name: [{ sun_family: AF_UNIX, sun_path: Uint8Array.of(47) }] }, value: AF_UNIX },
])('$what', ({ struct, object, off, size, value }) => {
  const objects = new KernelObjects(types, { start: 0x8000_0000, end: 0xf000_0000 }, widestStruct(types))
  expect(objects.load(objects.pointerTo(object, struct) + off, 0, size)).toBe(value)
})
