/** Run by host-memory-hostile.test.ts with a small heap: every taker takes until it is refused; a line of JSON each. */
import { errnoName } from '@lsmkit/abi'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '../boot/kernel.ts'
import { capability } from './capability.ts'
import { guestOf, takers } from './takers.ts'

const MIB = 2 ** 20
const MOST = 1_000_000
const SIGKILL = 9

const only = process.argv.slice(2)
for (const [name, make] of Object.entries(takers)) {
  if (only.length > 0 && !only.includes(name)) continue
  const panics: string[] = []
  const kernel = bootKernel({
    stack: createStack({ lsms: [capability()] }), hostMemory: 4 * MIB,
    onPanic: (call, error) => panics.push(`${call}: ${String(error)}`),
  })
  const { machine, sys, init } = kernel
  const { memory } = machine
  sys.mkdir(init, '/tmp', 0o777)
  const run = (most: number): { rc: number; taken: number } => {
    const guest = guestOf(kernel)
    const { take, clean } = make(kernel, guest)
    let taken = 0
    let rc = 0
    while (rc >= 0 && taken < most) {
      rc = take()
      taken++
    }
    for (const task of [...machine.tasks.byPid.values()].reverse()) {
      if (task.tgid !== 1) sys.kill(init, task.pid, SIGKILL)
      if (task.tgid !== 1) sys.exit_group(task, 0)
    }
    machine.current.task = init
    while (sys.wait4(init, -1, null, 0x4000_0001, null) > 0);
    clean?.()
    // what is cached of procfs is nobody's
    for (const path of ['/proc', '/sys/fs/cgroup']) {
      const place = machine.vfs.user_path_at(-100, path, 0)
      if (typeof place !== 'number') machine.vfs.shrink_dcache_sb(place.mnt.mnt_sb)
    }
    sys.getpid(init)
    return { rc, taken }
  }
  run(2)
  const before = memory.used
  const started = Date.now()
  const { rc, taken } = run(MOST)
  const told = rc >= 0 ? 'NEVER' : errnoName(-rc)
  process.stdout.write(`${JSON.stringify({
    name, told, taken, left: memory.used - before, tasks: machine.tasks.byPid.size, panics: panics.slice(0, 3),
    ms: Date.now() - started, rss: Math.round(process.memoryUsage().rss / MIB),
  })}\n`)
}
