/**
 * Every system call that there is, against what lies outside of `allow`: nothing there changes, nothing of it is read,
 * and which calls succeed at all is what the README lists. All of it is the guest's own by mode and owner, so that
 * nothing but the policy is in the way.
 */
import { readFileSync } from 'node:fs'
import {
  AF_INET, AF_UNIX, AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, EPOLL_CTL_ADD, F_SETLEASE,
  FAN_REPORT_FID, IN_MODIFY, IPC_CREAT,
  MS_BIND, MS_REMOUNT, O_CREAT, O_DIRECTORY, O_NONBLOCK, O_PATH, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY, RLIMIT_NOFILE,
  S_IFIFO, SIGKILL, SOCK_DGRAM, SOCK_STREAM,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { callNames, sockaddrIn, sockaddrUn, syscallTable } from '@lsmkit/kernel'
import type { SyscallName } from '@lsmkit/kernel'
import { CALL_SHAPES, ENDING_CALLS } from '@lsmkit/kernel/fuzz'
import { TaskFiles } from '@lsmkit/kernel/files'
import { expect, test } from 'vitest'
import { attributesOf } from './fs/fs-calls.ts'
import { createSandbox } from './index.ts'
import { insideOf } from './inside.ts'
import { argumentMaker, generator } from './testing/call-arguments.ts'

const SECRET = 'SECRET'
const TRIES = 60
/** Take a text that is not a path. */
const NO_PATH = new Set(['memfd_create', 'sysfs'])
const PORT = 7

const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes)

const setUp = async () => {
  const box = await createSandbox({
    inline: true, subsystems: 'all', allow: { read: ['/in', '/own'], write: ['/own'], exec: ['/in'] },
  })
  await box.fs.mkdir('/outside/dir/full', { recursive: true })
  await box.fs.writeFile('/outside/file', SECRET)
  await box.fs.writeFile('/outside/program', `#!/in/sh\n${SECRET}`)
  await box.fs.symlink(`/${SECRET}`, '/outside/link')
  await box.fs.setxattr('/outside/file', 'user.note', 'noted')
  for (const path of ['/outside', '/outside/dir', '/outside/dir/full', '/outside/file', '/outside/program']) {
    await box.fs.chown(path, 1000, 1000)
    await box.fs.chmod(path, 0o777)
  }
  const { kernel: { sys, init, machine }, task } = insideOf(box)
  const { syscall } = insideOf(box).kernel
  const must = (rc: number, what: string): number => {
    if (rc < 0) throw new Error(`${what}: ${rc}`)
    return rc
  }
  must(sys.mknod(init, '/outside/fifo', S_IFIFO | 0o777, 0), 'fifo')
  must(sys.chmod(init, '/outside/fifo', 0o777), 'fifo')
  // a process outside that listens on everything
  const outsider = machine.tasks.findByVpid(must(sys.fork(init), 'fork')) as Task
  const named = must(sys.socket(outsider, AF_UNIX, SOCK_DGRAM, 0), 'socket')
  const address = sockaddrUn('/outside/socket')
  must(sys.bind(outsider, named, address, address.length), 'bind')
  must(sys.chmod(init, '/outside/socket', 0o777), 'socket')
  const abstract = must(sys.socket(outsider, AF_UNIX, SOCK_DGRAM, 0), 'socket')
  const hidden = sockaddrUn('\0hidden')
  must(sys.bind(outsider, abstract, hidden, hidden.length), 'bind')
  const tcp = must(sys.socket(outsider, AF_INET, SOCK_STREAM, 0), 'socket')
  const port = sockaddrIn('127.0.0.1', PORT)
  must(sys.bind(outsider, tcp, port, port.length), 'bind')
  must(sys.listen(outsider, tcp, 5), 'listen')
  const shm = must(sys.shmget(outsider, 77, 4096, IPC_CREAT | 0o666), 'shmget')
  const msg = must(sys.msgget(outsider, 77, IPC_CREAT | 0o666), 'msgget')
  const sem = must(sys.semget(outsider, 77, 1, IPC_CREAT | 0o666), 'semget')
  const files = new TaskFiles({ sys }, init)
  const buffer = new Uint8Array(64)
  const priority = (): number => sys.getpriority(init, 0, outsider.pid)
  const hostname = (): string => {
    const name = {}
    sys.uname(init, name as never)
    return JSON.stringify(name)
  }
  const nofile = { rlim_cur: 0, rlim_max: 0 }

  /** All that a guest must not change. */
  const fingerprint = (): unknown => {
    const look = (path: string): unknown[] => {
      const { mode, uid, gid, size, ino, nlink, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec } = files.lstat(path)
      const attributes = attributesOf(files, path, false)
      const own = [path, mode, uid, gid, size, ino, nlink, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec,
        attributes.list().map((name) => [name, ...attributes.get(name)])]
      return (mode & 0o170000) === 0o040000
        ? [own, ...files.readdir(path).map(({ name }) => look(`${path}/${name}`))]
        : [own, (mode & 0o170000) === 0o100000 ? text(files.readFile(path)) : null]
    }
    sys.prlimit64(init, outsider.pid, RLIMIT_NOFILE, null, nofile)
    const info = {}
    return {
      tree: look('/outside'),
      alive: outsider.exit_state, priority: priority(), nofile: { ...nofile },
      scheduler: sys.sched_getscheduler(init, outsider.pid), group: sys.getpgid(init, outsider.pid),
      heard: [named, abstract].map((fd) => {
        sys.fcntl(outsider, fd, 4, O_NONBLOCK)
        return sys.read(outsider, fd, buffer)
      }),
      called: sys.accept4(outsider, tcp, null, null, O_NONBLOCK),
      ipc: [sys.shmctl(init, shm, 2, info as never), sys.msgctl(init, msg, 2, info as never), JSON.stringify(info),
        sys.semctl(init, sem, 0, 12, null as never)],
      hostname: hostname(),
      mounts: text(files.readFile('/proc/1/mountinfo')),
    }
  }
  return { box, sys, syscall, task, outsider, shm, msg, sem, fingerprint, must }
}

/** Names of the README's list. */
const listed = (): string[] => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, list = ''] = /<!-- visible -->\n([\s\S]*?)<!-- \/visible -->/.exec(readme) ?? []
  return [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort()
}

test('no call changes or reads what is outside; what succeeds is listed', async () => {
  const { box, sys, syscall, task, outsider, shm, msg, sem, fingerprint, must } = await setUp()
  const calls = callNames(sys) as SyscallName[]
  // every call of the table that is there has a shape: none is left out
  expect(calls.filter((name) => !(name in CALL_SHAPES) && !ENDING_CALLS.includes(name))).toEqual([])
  expect(Object.keys(CALL_SHAPES).filter((name) => !(name in syscallTable))).toEqual([])
  const paths = ['/outside/file', '/outside/dir', '/outside/dir/full', '/outside/link', '/outside/fifo',
    '/outside/program', '/outside/socket', '/outside/new', '/outside/dir/new', '/outside']
  let fds: number[] = []
  let pair: number[] = []
  /** One that nobody has done anything to, with descriptors that lead outside and some of its own. */
  const guest = (): Task => {
    const made = task()
    fds = [
      must(sys.openat(made, AT_FDCWD, '/outside/file', O_PATH, 0), 'O_PATH'),
      must(sys.openat(made, AT_FDCWD, '/outside/dir', O_PATH | O_DIRECTORY, 0), 'O_PATH'),
      must(sys.openat(made, AT_FDCWD, `/own/${made.pid}`, O_CREAT | O_RDWR, 0o666), 'own'),
    ]
    pair = []
    must(sys.socketpair(made, AF_UNIX, SOCK_STREAM, 0, pair), 'socketpair')
    fds.push(must(sys.inotify_init1(made, 0), 'inotify'), must(sys.fanotify_init(made, FAN_REPORT_FID, 0), 'fanotify'))
    return made
  }
  const addresses = [sockaddrUn('/outside/socket'), sockaddrUn('\0hidden'), sockaddrIn('127.0.0.1', PORT)]
  const numbers = [0, 1, 2, 3, 7, 16, 77, 1000, 4096, SIGKILL, outsider.pid, outsider.pid, shm, msg, sem, 0o777, 0o4777,
    O_RDONLY, O_RDWR, O_WRONLY | O_CREAT, O_WRONLY | O_TRUNC, O_PATH, O_DIRECTORY, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW,
    MS_BIND, MS_REMOUNT, IN_MODIFY, F_SETLEASE, EPOLL_CTL_ADD, 0x10000000, 0x20000, -1]
  const names = [
    '', 'user.note', 'user.new', 'security.capability', 'system.posix_acl_access', 'tmpfs', '../outside/file',
  ]
  const before = fingerprint()
  const visible = new Set<string>()
  for (const name of calls) {
    const shape = CALL_SHAPES[name]
    if (shape === undefined) continue
    const random = generator(name.length * 7919 + name.charCodeAt(0))
    const buffers: Uint8Array[] = []
    const argumentsFor = argumentMaker({
      name, shape, random, paths, names, numbers, addresses, buffers, fds: () => [...fds, ...fds, ...pair],
    })
    let child = null as Task | null
    for (let i = 0; i < TRIES; i++) {
      if (child === null || child.exit_state !== 0 || i % 15 === 0) {
        if (child !== null) sys.exit_group(child, 0)
        child = guest()
      }
      buffers.length = 0
      const args = argumentsFor(i)
      const rc = syscall(child, name, ...args)
      const isAbout = args.some((arg) => typeof arg === 'string' && arg.startsWith('/outside'))
      if (isAbout && rc >= 0 && !NO_PATH.has(name)) visible.add(name)
      for (const buffer of buffers) {
        if (text(buffer).includes(SECRET) && !name.startsWith('readlink')) throw new Error(`${name} has read it`)
      }
    }
    if (child !== null) sys.exit_group(child, 0)
    expect(fingerprint(), `${name} changes nothing`).toEqual(before)
  }
  expect([...visible].sort()).toEqual(listed())
  await box.close()
})
