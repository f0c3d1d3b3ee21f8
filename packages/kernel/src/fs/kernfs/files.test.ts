/** Files of control groups that become nodes when somebody looks, and the same with an LSM that sees each made. */
import {
  AT_FDCWD, AT_NO_AUTOMOUNT, EPOLLIN, EPOLLPRI, O_DIRECTORY, O_RDONLY, O_WRONLY, S_IFDIR, STATX_BASIC_STATS,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bootForTest } from '../../testing/boot.ts'
import { Kstat } from '../../state/vfs/kstat.ts'

const GROUPS = '/sys/fs/cgroup'
const USER = 1000

/** With `labels` an LSM is on the hook, which notes what it is asked about. */
const setUp = (labels: boolean) => {
  const asked: string[] = []
  const labeller = defineLsm({
    name: 'labeller',
    abi: '1.0', hooks: { kernfs_init_security: (_dir, { name }) => (asked.push(name), 0) },
  })
  const kernel = bootForTest({ lsms: labels ? [labeller] : [], clock: () => 1_700_000_000_000 })
  const { sys, init, machine } = kernel
  const nodes = machine.cgroups.root.kn
  const write = (place: string, text: string, by: Task = init): number => {
    const fd = sys.openat(by, AT_FDCWD, `${GROUPS}/${place}`, O_WRONLY, 0)
    if (fd < 0) return fd
    const rc = sys.write(by, fd, new TextEncoder().encode(text))
    sys.close(by, fd)
    return rc
  }
  const stat = (place: string): unknown[] => {
    const st = new Kstat()
    const rc = sys.statx(init, AT_FDCWD, `${GROUPS}/${place}`, AT_NO_AUTOMOUNT, STATX_BASIC_STATS, st)
    return [place, rc, st.ino, st.mode, st.uid, st.gid, st.nlink, st.mtime_sec, st.mtime_nsec]
  }
  const list = (place: string): string[] => {
    const fd = sys.openat(init, AT_FDCWD, `${GROUPS}/${place}`, O_RDONLY | O_DIRECTORY, 0)
    const buf = new Uint8Array(8192)
    const n = sys.getdents64(init, fd, buf)
    sys.close(init, fd)
    const view = new DataView(buf.buffer)
    const names: string[] = []
    for (let at = 0; at < n; at += view.getUint16(at + 16, true)) {
      const name = buf.subarray(at + 19, buf.indexOf(0, at + 19))
      names.push(`${view.getBigUint64(at, true)} ${new TextDecoder().decode(name)}`)
    }
    return names
  }
  return { ...kernel, asked, nodes, write, stat, list }
}

/** What a program sees of it all, and what is charged for it on the way. */
const story = (labels: boolean): { seen: unknown[]; asked: string[] } => {
  const { sys, init, machine, fork, asked, write, stat, list, cat } = setUp(labels)
  const user = fork(init, USER)
  asked.length = 0
  const seen: unknown[] = []
  const start = machine.memory.used
  const see = (...what: unknown[]): void => void seen.push([...what, machine.memory.used - start])
  see(sys.mkdir(init, `${GROUPS}/a`, 0o755), sys.mkdir(init, `${GROUPS}/b`, 0o2755))
  see(write('cgroup.subtree_control', '+pids'))
  see(sys.chown(init, `${GROUPS}/a`, USER, USER), sys.chown(init, `${GROUPS}/b`, USER, USER + 1))
  see(sys.mkdir(user, `${GROUPS}/a/own`, 0o755), sys.mkdir(user, `${GROUPS}/b/own`, 0o755))
  const child = fork()
  // told of before anybody has looked
  see(write('b/own/cgroup.procs', `${child.pid}`), sys.exit_group(child, 0))
  see(list('a'), list('a/own'), list('b/own'), list(''))
  for (const place of ['a', 'a/own', 'b/own', 'a/own/cgroup.procs', 'b/own/cgroup.kill', 'a/pids.max']) see(stat(place))
  see(cat(init, `${GROUPS}/b/own/cgroup.events`), write('a/pids.max', '1'), cat(init, `${GROUPS}/a/pids.max`))
  // files of a controller come and go, looked at or not
  see(write('cgroup.subtree_control', '-pids'), list('a'), write('cgroup.subtree_control', '+pids'))
  see(write('cgroup.subtree_control', '-pids'), sys.mkdir(init, `${GROUPS}/b/pids.max`, 0o755))
  see(write('cgroup.subtree_control', '+pids'), write('b/cgroup.subtree_control', '+pids'), list('b'), list('b/own'))
  for (const place of ['a/own', 'a', 'b/own', 'b/pids.max']) see(place, sys.rmdir(init, `${GROUPS}/${place}`))
  see(list(''))
  return { seen, asked }
}

test('what is seen, and charged, is the same whether nodes are made at once or when somebody looks', () => {
  const now = story(true)
  const later = story(false)
  expect(later.seen).toEqual(now.seen)
  // the LSM has seen each of them, in the kernel's order
  expect(now.asked.slice(0, 3)).toEqual(['a', 'cgroup.type', 'cgroup.procs'])
  expect(now.asked.filter((name) => name === 'cgroup.kill')).toHaveLength(5)
})

test('a group that nobody looks into has no nodes, and an LSM that comes later is not asked about them', () => {
  const { sys, init, nodes, stack, list } = setUp(false)
  sys.mkdir(init, `${GROUPS}/a`, 0o755)
  const a = nodes.children!.get('a')!
  expect([...a.nodes]).toEqual([])
  const asked: string[] = []
  stack.attach('kernfs_init_security', (_dir, { name }) => (asked.push(name), 0))
  expect(list('a').length).toBeGreaterThan(10)
  expect(asked).toEqual([])
  sys.mkdir(init, `${GROUPS}/a/b`, 0o755)
  expect(asked.slice(0, 2)).toEqual(['b', 'cgroup.type'])
  expect([...a.children!.get('b')!.nodes].every(({ mode }) => (mode & S_IFDIR) === 0)).toBe(true)
})

test('what was told before somebody looked is news to who polls, and a number finds a file unseen', () => {
  for (const labels of [true, false]) {
    const { sys, init, machine, fork, write, nodes } = setUp(labels)
    sys.mkdir(init, `${GROUPS}/a`, 0o755)
    const id = nodes.children!.get('a')!.id
    expect([machine.cgroups.programs.byId(id + 1), machine.cgroups.programs.byId(id + 99)]).toEqual([null, null])
    expect(write('a/cgroup.procs', `${fork().pid}`)).toBeGreaterThan(0)
    const fd = sys.openat(init, AT_FDCWD, `${GROUPS}/a/cgroup.events`, O_RDONLY, 0)
    const fds = [{ fd, events: EPOLLPRI | EPOLLIN, revents: 0 }]
    expect([sys.poll(init, fds, 1, 0), (fds[0]!.revents & EPOLLPRI) !== 0]).toEqual([1, true])
  }
})
