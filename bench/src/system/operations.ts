/** A program's calls to the kernel, each as in real programs: objects are made, used and dropped. */
import { AF_UNIX, AT_FDCWD, O_CREAT, O_RDONLY, O_WRONLY, SOCK_STREAM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'

export const OPERATIONS = ['open', 'stat', 'create', 'fork', 'execve', 'pipe', 'socketpair'] as const
/** `deep` opens below 40 folders; it is for programs that walk. */
export type Operation = (typeof OPERATIONS)[number] | 'deep'

export const titles: Readonly<Record<Operation, string>> = {
  open: 'open, read, close',
  stat: 'stat of 4 components',
  create: 'create, close, unlink',
  fork: 'fork, exit, wait',
  execve: 'execve',
  pipe: 'pipe write, read',
  socketpair: 'socketpair, close',
  deep: 'open, close below 40 folders',
}

const FILES = 64
const DEPTH = 40
const SIZE = 64
const content = new Uint8Array(SIZE).fill(0x61)
const buffer = new Uint8Array(SIZE)
const paths = Array.from({ length: FILES }, (_, i) => `/srv/files/file${i}`)

export const must = (rc: number): number => {
  if (rc < 0) throw new Error(`the bench's kernel refused a call: ${rc}`)
  return rc
}

/** Executable only when it is closed, for the program that is compared refuses writes to executables. */
const write = ({ sys, init }: Kernel, path: string, mode: number, bytes: Uint8Array): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644))
  must(sys.write(init, fd, bytes))
  must(sys.fchmod(init, fd, mode))
  must(sys.close(init, fd))
}

/** The files and folders that the operations use. */
const fill = (kernel: Kernel): void => {
  const { sys, init } = kernel
  for (const dir of ['/srv', '/srv/files', '/srv/files/deep', '/srv/files/deep/er', '/bin']) {
    must(sys.mkdirat(init, AT_FDCWD, dir, 0o755))
  }
  for (const path of [...paths, '/srv/files/deep/er/file']) write(kernel, path, 0o644, content)
  write(kernel, '/bin/program', 0o755, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))
}

/** A descriptor of the innermost of DEPTH folders, with a file in it. */
const innermost = (kernel: Kernel): number => {
  const { sys, init } = kernel
  let fd = must(sys.openat(init, AT_FDCWD, '/srv', O_RDONLY, 0))
  for (let i = 0; i < DEPTH; i++) {
    must(sys.mkdirat(init, fd, 'd', 0o755))
    const next = must(sys.openat(init, fd, 'd', O_RDONLY, 0))
    must(sys.close(init, fd))
    fd = next
  }
  must(sys.close(init, must(sys.openat(init, fd, 'file', O_CREAT | O_WRONLY, 0o644))))
  return fd
}

/** A task of root's that has nothing open but `deep`, where that is asked for. */
export const operationsOn = (kernel: Kernel): Readonly<Record<Operation, (i: number) => void>> => {
  const { sys, init, machine } = kernel
  fill(kernel)
  const deep = innermost(kernel)
  const task = machine.tasks.find(must(sys.fork(init))) as Task
  const stat = new Kstat()
  const ends: number[] = []
  must(sys.pipe2(task, ends, 0))
  const [reader, writer] = ends as [number, number]
  const pair: number[] = []
  return {
    open(i) {
      const fd = must(sys.openat(task, AT_FDCWD, paths[i % FILES]!, O_RDONLY, 0))
      must(sys.read(task, fd, buffer))
      must(sys.close(task, fd))
    },
    stat: () => void must(sys.stat(task, '/srv/files/deep/er/file', stat)),
    create() {
      must(sys.close(task, must(sys.openat(task, AT_FDCWD, '/srv/files/new', O_CREAT | O_WRONLY, 0o644))))
      must(sys.unlink(task, '/srv/files/new'))
    },
    fork() {
      const pid = must(sys.fork(task))
      sys.exit_group(machine.tasks.find(pid) as Task, 0)
      must(sys.wait4(task, pid, null, 0, null))
    },
    execve: () => void must(sys.execve(task, '/bin/program', ['program'], [])),
    pipe() {
      must(sys.write(task, writer, content))
      must(sys.read(task, reader, buffer))
    },
    socketpair() {
      pair.length = 0
      must(sys.socketpair(task, AF_UNIX, SOCK_STREAM, 0, pair))
      for (const fd of pair) must(sys.close(task, fd))
    },
    deep: () => void must(sys.close(task, must(sys.openat(task, deep, 'file', O_RDONLY, 0)))),
  }
}
