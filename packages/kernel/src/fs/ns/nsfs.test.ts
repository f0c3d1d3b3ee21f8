/** ioctl(2) on the files of namespaces: numbers of mount namespaces, and of processes in pid namespaces. */
import {
  CLONE_NEWNS, CLONE_NEWPID, EFAULT, EINVAL, ENOENT, ENOTTY, EPERM, ESRCH, NS_GET_MNTNS_ID, NS_GET_PID_FROM_PIDNS,
  NS_GET_PID_IN_PIDNS, NS_GET_TGID_FROM_PIDNS, NS_GET_TGID_IN_PIDNS, NS_MNT_GET_INFO, NS_MNT_GET_NEXT, NS_MNT_GET_PREV,
  O_RDONLY,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'

const world = () => {
  const kernel = bootForTest()
  const { sys, init } = kernel
  const nsFile = (of: Task, name: string): number => sys.open(init, `/proc/${of.pid}/ns/${name}`, O_RDONLY, 0)
  return { ...kernel, nsFile }
}

describe('mount namespaces', () => {
  const three = () => {
    const kernel = world()
    const { sys, init, fork, nsFile } = kernel
    const others = [fork(), fork()] as const
    for (const task of others) sys.unshare(task, CLONE_NEWNS)
    sys.mkdir(others[1], '/tmp/m', 0o755)
    sys.mount(others[1], 't', '/tmp/m', 'tmpfs', 0, null)
    const info = (fd: number) => {
      const arg = { mnt_ns_id: 0, nr_mounts: 0 }
      expect(sys.ioctl(init, fd, NS_MNT_GET_INFO, arg)).toBe(0)
      return arg
    }
    return { ...kernel, others, fds: [init, ...others].map((task) => nsFile(task, 'mnt')), info }
  }

  test('are counted from 2, and tell how much is mounted', () => {
    const { sys, init, fds, info } = three()
    const infos = fds.map(info)
    expect(infos.map(({ mnt_ns_id }) => mnt_ns_id)).toEqual([2, 3, 4])
    expect(infos[2]!.nr_mounts).toBe(infos[1]!.nr_mounts + 1)
    const id = { value: 0 }
    expect([sys.ioctl(init, fds[1]!, NS_GET_MNTNS_ID, id), id.value]).toEqual([0, 3])
    expect(sys.ioctl(init, fds[1]!, NS_GET_MNTNS_ID, null)).toBe(-EFAULT)
    expect(sys.ioctl(init, fds[1]!, NS_MNT_GET_INFO, null)).toBe(-EINVAL)
  })

  test('lead to one another', () => {
    const { sys, init, fds, info } = three()
    const arg = { mnt_ns_id: 0, nr_mounts: 0 }
    const next = sys.ioctl(init, fds[0]!, NS_MNT_GET_NEXT, arg)
    expect([next > 0, arg, info(next)]).toEqual([true, info(fds[1]!), info(fds[1]!)])
    const last = sys.ioctl(init, next, NS_MNT_GET_NEXT, null)
    expect(info(last).mnt_ns_id).toBe(4)
    expect(sys.ioctl(init, last, NS_MNT_GET_NEXT, null)).toBe(-ENOENT)
    expect(info(sys.ioctl(init, last, NS_MNT_GET_PREV, null)).mnt_ns_id).toBe(3)
    expect(sys.ioctl(init, fds[0]!, NS_MNT_GET_PREV, null)).toBe(-ENOENT)
  })

  test('show who is next to the administrator alone', () => {
    const { sys, fork, init } = three()
    const user = fork(init, 1000)
    const fd = sys.open(user, '/proc/self/ns/mnt', O_RDONLY, 0)
    expect(sys.ioctl(user, fd, NS_MNT_GET_NEXT, null)).toBe(-EPERM)
    expect(sys.ioctl(user, fd, NS_GET_MNTNS_ID, { value: 0 })).toBe(0)
  })
})

test('numbers of processes go in and out of a pid namespace', () => {
  const { sys, init, fork, nsFile } = world()
  const parent = fork()
  sys.unshare(parent, CLONE_NEWPID)
  const child = fork(parent)
  const fd = nsFile(child, 'pid')
  for (const cmd of [NS_GET_PID_IN_PIDNS, NS_GET_TGID_IN_PIDNS]) {
    expect(sys.ioctl(init, fd, cmd, child.pid)).toBe(1)
    expect(sys.ioctl(init, fd, cmd, parent.pid)).toBe(-ESRCH)
    expect(sys.ioctl(init, fd, cmd, 999)).toBe(-ESRCH)
  }
  for (const cmd of [NS_GET_PID_FROM_PIDNS, NS_GET_TGID_FROM_PIDNS]) {
    expect(sys.ioctl(init, fd, cmd, 1)).toBe(child.pid)
    expect(sys.ioctl(init, fd, cmd, 2)).toBe(-ESRCH)
  }
})

test.each([NS_GET_MNTNS_ID, NS_MNT_GET_INFO, NS_MNT_GET_NEXT, NS_GET_PID_IN_PIDNS])(
  '%i is not for files of other kinds', (cmd) => {
    const { sys, init, nsFile } = world()
    expect(sys.ioctl(init, nsFile(init, 'uts'), cmd, { value: 0 })).toBe(-EINVAL)
    expect(sys.ioctl(init, nsFile(init, 'uts'), 0xb7ff, null)).toBe(-ENOTTY)
  })
