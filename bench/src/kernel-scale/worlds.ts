/** Kernels with so many objects of one kind, and the calls that should not notice how many there are. */
import { AT_FDCWD, O_CREAT, O_RDONLY, O_WRONLY, SIGKILL } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { yama } from '@lsmkit/yama'

export type Kind = 'inodes' | 'names' | 'tasks' | 'mounts'

export interface World {
  /** Makes one more, as the first were made. */
  add(): void
  /** Calls by name; each is one system call, or a pair that leaves everything unchanged. */
  readonly calls: Readonly<Record<string, (i: number) => number>>
}

/** Calls of a pass go through so many objects in turn, whatever the number of all: what is in use at a time. */
export const IN_USE: Readonly<Record<Kind, number>> = { inodes: 100, names: 1, tasks: 100, mounts: 10 }
const IN_A_DIRECTORY = 1000

export const boot = (): Kernel => bootKernel({ stack: createStack({ lsms: [capability(), yama(), smack()] }) })

const must = (rc: number): number => {
  if (rc < 0) throw new Error(`the bench's kernel refused its own set-up: ${rc}`)
  return rc
}

/** `some` numbers out of a thousand neighbours amid `count`: those in use lie the same way for few and for many. */
const inUse = (count: number, some: number): number[] => {
  const among = Math.min(count, IN_A_DIRECTORY)
  const first = Math.floor((count - among) / 2 / IN_A_DIRECTORY) * IN_A_DIRECTORY
  return Array.from({ length: some }, (_, i) => first + Math.floor((i * among) / some))
}

const inodes = ({ sys, init }: Kernel, count: number): World => {
  let made = 0
  const pathOf = (i: number): string => `/srv/${Math.floor(i / IN_A_DIRECTORY)}/file${i}`
  must(sys.mkdirat(init, AT_FDCWD, '/srv', 0o755))
  const add = (): void => {
    if (made % IN_A_DIRECTORY === 0) must(sys.mkdirat(init, AT_FDCWD, `/srv/${made / IN_A_DIRECTORY}`, 0o755))
    must(sys.close(init, must(sys.openat(init, AT_FDCWD, pathOf(made), O_CREAT | O_WRONLY, 0o644))))
    made++
  }
  for (let i = 0; i < count; i++) add()
  const paths = inUse(count, IN_USE.inodes).map(pathOf)
  const others = paths.map((path) => `${path}.new`)
  const stat = new Kstat()
  return {
    add,
    calls: {
      'stat': (i) => sys.stat(init, paths[i]!, stat),
      'open and close': (i) => sys.close(init, sys.openat(init, AT_FDCWD, paths[i]!, O_RDONLY, 0)),
      'create and unlink': (i) => {
        sys.close(init, sys.openat(init, AT_FDCWD, others[i]!, O_CREAT | O_WRONLY, 0o644))
        return sys.unlink(init, others[i]!)
      },
      'rename, and back': (i) => sys.rename(init, paths[i]!, others[i]!) || sys.rename(init, others[i]!, paths[i]!),
    },
  }
}

/** One directory, in which one name comes and goes. */
const names = ({ sys, init }: Kernel, count: number): World => {
  let made = 0
  const create = (path: string): number =>
    sys.close(init, sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
  must(sys.mkdirat(init, AT_FDCWD, '/srv', 0o755))
  const add = (): void => void must(create(`/srv/file${made++}`))
  for (let i = 0; i < count; i++) add()
  return {
    add,
    calls: {
      'create and unlink one name': () => create('/srv/lock') || sys.unlink(init, '/srv/lock'),
      'rename one, and back': () =>
        sys.rename(init, '/srv/file0', '/srv/other') || sys.rename(init, '/srv/other', '/srv/file0'),
    },
  }
}

/** The parents that tasks are spread over, as a real machine's are. */
const PARENTS = 100

const tasks = ({ sys, init, machine }: Kernel, count: number): World => {
  const parents: Task[] = []
  const pids: number[] = []
  const fork = (parent: Task): number => must(sys.fork(parent))
  const add = (): void => {
    const parent = parents.length < PARENTS ? init : parents[pids.length % PARENTS]!
    const pid = fork(parent)
    if (parents.length < PARENTS) parents.push(machine.tasks.find(pid)!)
    pids.push(pid)
  }
  for (let i = 0; i < count; i++) add()
  const some = inUse(count, IN_USE.tasks).map((i) => pids[i]!)
  const caller = machine.tasks.find(fork(init))!
  return {
    add,
    calls: {
      'kill with signal 0': (i) => sys.kill(caller, some[i]!, 0),
      'getpgid': (i) => sys.getpgid(caller, some[i]!),
      'fork, exit and wait': () => {
        const pid = sys.fork(caller)
        sys.exit_group(machine.tasks.find(pid)!, 0)
        return sys.wait4(caller, pid, null, 0, null)
      },
      'open of /proc/N/status': (i) =>
        sys.close(caller, sys.openat(caller, AT_FDCWD, `/proc/${some[i]!}/status`, O_RDONLY, 0)),
    },
  }
}

const mounts = ({ sys, init }: Kernel, count: number): World => {
  let made = 0
  must(sys.mkdirat(init, AT_FDCWD, '/mnt', 0o755))
  must(sys.mkdirat(init, AT_FDCWD, '/mnt/new', 0o755))
  const add = (): void => {
    const path = `/mnt/${made++}`
    must(sys.mkdirat(init, AT_FDCWD, path, 0o755))
    must(sys.mount(init, 'tmpfs', path, 'tmpfs', 0, null))
    must(sys.close(init, must(sys.openat(init, AT_FDCWD, `${path}/file`, O_CREAT | O_WRONLY, 0o644))))
  }
  for (let i = 0; i < count; i++) add()
  const paths = inUse(count, IN_USE.mounts).map((i) => `/mnt/${i}/file`)
  const stat = new Kstat()
  return {
    add,
    calls: {
      'stat across a mount': (i) => sys.stat(init, paths[i]!, stat),
      'mount and umount': () =>
        sys.mount(init, 'tmpfs', '/mnt/new', 'tmpfs', 0, null) || sys.umount2(init, '/mnt/new', 0),
    },
  }
}

export const worlds: Readonly<Record<Kind, (kernel: Kernel, count: number) => World>> =
  { inodes, names, tasks, mounts }

/** Things made and unmade by name: after each there must be as much as before. */
export const cycles = ({ sys, init, machine }: Kernel): Readonly<Record<string, () => void>> => {
  must(sys.mkdirat(init, AT_FDCWD, '/tmp', 0o777))
  must(sys.mkdirat(init, AT_FDCWD, '/tmp/mnt', 0o777))
  const path = '/tmp/file'
  return {
    'file': () => {
      const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
      must(sys.write(init, fd, new Uint8Array(64)))
      must(sys.close(init, fd))
      must(sys.unlink(init, path))
    },
    'names of their own': (() => {
      let n = 0
      return () => {
        const name = `/tmp/${n++}`
        must(sys.mkdirat(init, AT_FDCWD, name, 0o755))
        sys.stat(init, `${name}/not-there`, new Kstat())
        must(sys.rmdir(init, name))
      }
    })(),
    'process': () => {
      const pid = must(sys.fork(init))
      sys.kill(init, pid, SIGKILL)
      sys.exit_group(machine.tasks.find(pid)!, 0)
      must(sys.wait4(init, pid, null, 0, null))
    },
    'mount': () => {
      must(sys.mount(init, 'tmpfs', '/tmp/mnt', 'tmpfs', 0, null))
      must(sys.umount2(init, '/tmp/mnt', 0))
    },
    'pipe': () => {
      const fds: number[] = []
      must(sys.pipe2(init, fds, 0))
      must(sys.write(init, fds[1]!, new Uint8Array(16)))
      for (const fd of fds) must(sys.close(init, fd))
    },
  }
}
