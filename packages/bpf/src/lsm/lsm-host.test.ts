/** What a stack tells programs: tasks, control groups by address, attributes that the task may read. */
import { EACCES, EOPNOTSUPP } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, noHost } from '@lsmkit/core'
import type { Cgroup, CgroupTree, Host, KernelServices } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { KernelObjects } from '../kobject/kernel-objects.ts'
import { kernelStructs, vmlinuxBtf, widestStruct } from '../vmlinux/index.ts'
import { lsmHost } from './lsm-host.ts'

const types = vmlinuxBtf()
const objects = new KernelObjects(types, { start: 0x8000_0000, end: 0xf000_0000 }, widestStruct(types))
const stack = createStack({ lsms: [capability()] })
const { current } = stack
const idle = current.task

const hostOf = (host: Partial<Host> = {}, cgroups?: CgroupTree) =>
  lsmHost({
    current: () => current, host: () => ({ ...noHost, ...host }), objects: () => objects, trace: () => {},
    retval: { get: () => 0, set: () => 0 }, cookie: () => 0, fault: () => {},
    attachedTo: () => ({ group: 1, type: 0 }),
  }, cgroups === undefined ? {} : { cgroups })

const child = (pid: number) => {
  const task = stack.objects.task(pid, pid, idle.real_cred, idle.cred)
  task.real_parent = idle
  return task
}

describe('tasks', () => {
  const [one, two] = [child(1), child(2)]

  test('without services: the running task and its ancestors', () => {
    const host = hostOf()
    expect(host.processes!()).toEqual([host.task!()])
    current.task = one
    expect(host.processes!()).toHaveLength(2)
    expect([host.taskOf!(1) === host.task!(), host.taskOf!(2), host.taskOf!(0)]).toEqual([true, 0, 0])
    current.task = idle
  })

  test('with them: all, the idle task first', () => {
    const services = { for_each_process: () => [one, two], for_each_thread: (task: unknown) => [task] }
    const host = hostOf({ services: services as unknown as KernelServices })
    const [first, ...others] = host.processes!()
    expect(first).toBe(host.task!())
    expect(others.map((address) => objects.objectAt(address))).toEqual([one, two])
    expect(objects.objectAt(host.taskOf!(2))).toBe(two)
  })
})

describe('control groups', () => {
  const root: Cgroup = { parent: null }
  const slice: Cgroup = { parent: root }
  const unit: Cgroup = { parent: slice }
  const ids = new Map([[root, 1], [slice, 40], [unit, 41]])
  const tree: CgroupTree = {
    root, ofTask: () => unit, id: (group) => ids.get(group)!,
    byId: (id) => [...ids].find(([, own]) => own === id)?.[0] ?? null,
    children: (group) => [...ids.keys()].filter(({ parent }) => parent === group),
  }
  const { groups, task } = hostOf({}, tree)
  const own = groups!.ofTask(task!())

  test('each has one address, where its level and its id can be read', () => {
    expect(groups!.ofTask(task!())).toBe(own)
    const { fields } = kernelStructs().cgroup!
    expect(objects.load(own + fields.level!.offset, 0, 4)).toBe(2)
    expect([groups!.level(own), groups!.id(own)]).toEqual([2, 41])
    expect([groups!.fromId(41), groups!.fromId(7)]).toEqual([own, 0])
  })

  test('up, down and below', () => {
    const above = groups!.parent(own)
    expect([groups!.id(above), groups!.parent(groups!.parent(above)), groups!.children(above)]).toEqual([40, 0, [own]])
    const under = groups!.isUnder
    expect([under(own, above), under(above, own), under(own, own)]).toEqual([true, false, true])
    expect([groups!.of(slice) === above, groups!.level(12345), groups!.parent(12345)]).toEqual([true, 0, 0])
  })

  test('all in one where nobody keeps a tree', () => {
    const alone = hostOf().groups!
    expect([alone.id(alone.ofTask(0)), alone.level(alone.ofTask(0)), alone.fromId(2)]).toEqual([1, 0, 0])
  })
})

test('an attribute is read when the inode may be', () => {
  const inode = { i_ino: 5, s: 1 }
  const dentry = { d_inode: inode, d_name: { name: 'tool' } }
  const [at, negative] = [dentry, { d_inode: null }].map((one) => objects.pointerTo(one, 'dentry'))
  const asked: string[] = []
  const answering = (rc: number) => hostOf({
    __vfs_getxattr: (of, name) => {
      asked.push(name)
      return (of as unknown) === inode ? new Uint8Array([7]) : -EOPNOTSUPP
    },
    services: { inode_permission: () => rc } as unknown as KernelServices,
  })
  expect(answering(0).xattr!(at!, 'dentry', 'user.a')).toEqual(new Uint8Array([7]))
  expect([answering(-EACCES).xattr!(at!, 'dentry', 'user.b'), asked]).toEqual([-EACCES, ['user.a']])
  expect([answering(0).xattr!(negative!, 'dentry', 'user.a'), answering(0).xattr!(3, 'file', 'user.a')])
    .toEqual([-EOPNOTSUPP, -EOPNOTSUPP])
})
