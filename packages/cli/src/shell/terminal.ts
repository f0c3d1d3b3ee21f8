/** A terminal of the host's as one of the kernel's: a pseudo terminal whose master the host holds. */
import {
  AT_FDCWD, errnoName, ERESTARTSYS, O_NOCTTY, O_RDWR, TIOCGPTN, TIOCSPTLCK, TIOCSWINSZ,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { CommandError } from '../command-error.ts'
import type { HostTerminal } from '../io.ts'

const PART = 4096

/**
 * Makes `task` the leader of a session with the terminal as its descriptors 0, 1 and 2. What is typed goes to the
 * kernel's line discipline, echo and signals included, and what is written to `write`. The answer lets go of it.
 */
export const giveTerminal = (
  kernel: Kernel, task: Task, uid: number, host: HostTerminal, write: (bytes: Uint8Array) => void,
): (() => void) => {
  const { sys, init, machine } = kernel
  const keeper = machine.tasks.findByVpid(must(sys.fork(init), 'fork')) as Task
  const master = must(sys.openat(keeper, AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY, 0), '/dev/ptmx')
  const number = ref(0)
  must(sys.ioctl(keeper, master, TIOCGPTN, number), 'TIOCGPTN')
  must(sys.ioctl(keeper, master, TIOCSPTLCK, ref(0)), 'TIOCSPTLCK')
  const path = `/dev/pts/${number.value}`
  must(sys.chown(init, path, uid, uid), path)
  openFor(kernel, task, path)

  const resize = (): void => {
    const { rows, columns } = host.size()
    sys.ioctl(keeper, master, TIOCSWINSZ, { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 })
  }
  let isOpen = true
  /** Calls `step` as often as it gets on, and again when the kernel wakes it. */
  const whenever = (step: () => number): void => {
    if (!isOpen) return
    let rc = step()
    while (rc > 0) rc = step()
    if (rc === -ERESTARTSYS) machine.sleepOn?.subscribe(() => queueMicrotask(() => whenever(step)))
  }

  const buffer = new Uint8Array(PART)
  const readOnce = (): number => {
    const rc = sys.read(keeper, master, buffer)
    if (rc > 0) write(buffer.subarray(0, rc))
    return rc
  }
  let typed = new Uint8Array(0)
  const typeOnce = (): number => {
    if (typed.length === 0) return 0
    const rc = sys.write(keeper, master, typed)
    if (rc > 0) typed = typed.slice(rc)
    return rc
  }

  resize()
  host.begin((bytes) => {
    const isIdle = typed.length === 0
    typed = joined(typed, bytes)
    if (isIdle) whenever(typeOnce)
  }, resize)
  whenever(readOnce)
  return () => {
    while (readOnce() > 0);
    isOpen = false
    host.end()
    sys.exit_group(keeper, 0)
  }
}

const joined = (a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> => {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** The first terminal that the leader of a session opens is its own. */
const openFor = ({ sys }: Kernel, task: Task, path: string): void => {
  must(sys.setsid(task), 'setsid')
  const fd = must(sys.openat(task, AT_FDCWD, path, O_RDWR, 0), path)
  for (const to of [0, 1, 2]) if (to !== fd) must(sys.dup2(task, fd, to), path)
  if (fd > 2) sys.close(task, fd)
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new CommandError('badInput', `there is no terminal: ${what}: ${errnoName(rc)}`)
  return rc
}
