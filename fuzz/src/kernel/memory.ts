/**
 * Random calls of guests that make and unmake things under a small account: it says at any time what a walk over all
 * objects comes to, is never beyond its limit by more than what cannot be refused, and is where it was when the guests
 * have ended.
 */
import { ownValue } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { guestOf, heldBy, takers } from '@lsmkit/kernel/fuzz'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'

const KIB = 1024
const SIGKILL = 9
const WNOHANG_WALL = 0x40000001
const AT_FDCWD = -100
/** Calls between two walks, and walks. */
const BETWEEN = 40
const WALKS = 6
/** What the calls that cannot be refused may add beyond the limit. */
const OVER = 16 * KIB

const open = (kernel: Kernel, task: Task, random: Random): number =>
  kernel.sys.openat(task, AT_FDCWD, random.pick(['/', '/tmp', '/proc/self/maps', '/proc/self/mountinfo']), 0, 0)

/** What takes away again, any of it. */
const undo: readonly ((kernel: Kernel, task: Task, random: Random) => number)[] = [
  ({ sys }, task, random) => sys.close(task, random.below(40)),
  ({ sys }, task, random) => sys.close(task, random.below(400)),
  ({ sys }, task, random) => sys.close_range(task, random.below(30), 2 ** 31 - 1, 0),
  ({ sys }, task, random) => sys.unlink(task, `/tmp/${random.below(60)}`),
  ({ sys }, task, random) => sys.rename(task, `/tmp/${random.below(60)}`, `/tmp/${random.below(60)}`),
  ({ sys }, task, random) => sys.ftruncate(task, random.below(20), random.below(200_000)),
  ({ sys }, task, random) => sys.read(task, random.below(60), new Uint8Array(random.below(5000))),
  ({ sys }, task, random) => sys.munmap(task, 0x10_0000 + 4096 * random.below(100), 4096 * (1 + random.below(20))),
  ({ sys }, task, random) => sys.timer_delete(task, random.below(10)),
  ({ sys }, task, random) => sys.umount2(task, '/tmp/m', random.pick([0, 2])),
  ({ sys }, task, random) => sys.dup2(task, random.below(30), random.below(600)),
  ({ sys }, task, random) => sys.setresuid(task, random.below(3), -1, -1),
  ({ sys }, task, random) => sys.unshare(task, random.pick([0x400, 0x200, 0x20000, 0x08000000, 0x02000000])),
  ({ sys, init }, task) => sys.exit_group(task, 0) || sys.wait4(init, -1, null, WNOHANG_WALL, null),
  open,
]

/** Everybody but process 1 ends, and what is cached of procfs, which is nobody's, goes. */
const endAll = ({ sys, init, machine }: Kernel): void => {
  for (const task of [...machine.tasks.byPid.values()].reverse()) {
    if (task.tgid === 1) continue
    sys.kill(init, task.pid, SIGKILL)
    sys.exit_group(task, 0)
  }
  while (sys.wait4(init, -1, null, WNOHANG_WALL, null) > 0);
  for (const path of ['/proc', '/sys/fs/cgroup']) {
    const place = machine.vfs.user_path_at(AT_FDCWD, path, 0)
    if (typeof place !== 'number') machine.vfs.shrink_dcache_sb(place.mnt.mnt_sb)
  }
  sys.getpid(init)
}

const NAMES = Object.keys(takers)

/** What is wrong, or null. */
const play = (seed: number, step: (count: number) => void): string | null => {
  const random = new Random(seed)
  const thrown: string[] = []
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability()] }),
    hostMemory: (500 + random.below(1500)) * KIB,
    onPanic: (call, error) => thrown.push(`${call}: ${error instanceof Error ? error.stack : String(error)}`),
  })
  const { machine, sys, init } = kernel
  const { memory } = machine
  sys.mkdir(init, '/tmp', 0o777)
  sys.mkdir(init, '/tmp/m', 0o777)
  // so that the inode which all files without a place share is within reach from the start
  sys.eventfd2(init, 0, 0)
  endAll(kernel)
  const start = memory.used
  // what the kernel alone has, and nobody can reach
  const own = start - heldBy(machine)
  const living = (): Task[] => [...machine.tasks.byPid.values()].filter((one) => one.tgid !== 1 && one.exit_state === 0)
  const guests = [guestOf(kernel), guestOf(kernel)]
  const taking = Array.from({ length: 6 }, () => {
    const name = random.pick(NAMES.filter((one) => one !== 'lists of groups'))
    return { name, ...ownValue(takers, name)!(kernel, random.pick(guests)) }
  })
  const calls: string[] = []
  for (let walk = 0; walk < WALKS; walk++) {
    for (let i = 0; i < BETWEEN; i++) {
      const tasks = living()
      if (tasks.length === 0) break
      if (random.oneIn(3)) undo[random.below(undo.length)]!(kernel, random.pick(tasks), random)
      else {
        const { name, take } = random.pick(taking)
        calls.push(name)
        if (living().includes(guests[0]!) && living().includes(guests[1]!)) take()
      }
      machine.runRcu()
    }
    step(BETWEEN)
    const held = own + heldBy(machine)
    if (thrown.length > 0) return `thrown: ${thrown[0]}`
    if (held !== memory.used) return `the account says ${memory.used}, the walk ${held}, after ${calls.join(', ')}`
    if (memory.used > memory.max + OVER) return `${memory.used} of ${memory.max} bytes, after ${calls.join(', ')}`
  }
  endAll(kernel)
  for (const { clean } of taking) clean?.()
  machine.current.task = init
  endAll(kernel)
  if (thrown.length > 0) return `thrown: ${thrown[0]}`
  return memory.used === start ? null : `${memory.used - start} bytes are left of ${calls.join(', ')}`
}

export const memory = seedFuzzer((seed, session) => {
  const wrong = play(seed, (count) => { session.step(count) })
  if (wrong !== null) session.found('wrong-answer', `${seed}\n`, wrong)
})
