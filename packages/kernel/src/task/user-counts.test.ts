/** What is counted by user is what a count of all tasks would find. */
import {
  CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, SI_QUEUE, SIG_BLOCK, SIG_UNBLOCK, SIGKILL, SIGUSR1, WNOHANG,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bootForTest } from '../testing/boot.ts'
import { signalOf, threadOf } from '../state/task/thread.ts'

const UIDS = [0, 1000, 1001]
const step = fc.record({
  what: fc.constantFrom('fork', 'thread', 'setuid', 'exit', 'exit_group', 'kill', 'queue', 'block', 'unblock', 'wait'),
  who: fc.nat(), uid: fc.constantFrom(...UIDS),
})

test('threads and waiting signals', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const { sys, init, machine } = bootForTest()
    const all = (): Task[] => [...machine.tasks.threads()]
    const rt = 1n << 39n
    for (const { what, who, uid } of steps) {
      const living = all().filter((task) => task !== init && task.exit_state === 0)
      const task = living[who % living.length] ?? init
      const mayEnd = task !== init
      if (what === 'fork') sys.fork(task)
      else if (what === 'thread') sys.clone(task, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0)
      else if (what === 'setuid' && mayEnd) sys.setresuid(task, uid, -1, -1)
      else if (what === 'exit' && mayEnd) sys.exit(task, 0)
      else if (what === 'exit_group' && mayEnd) sys.exit_group(task, 0)
      else if (what === 'kill') sys.kill(init, task.pid, mayEnd && uid === 0 ? SIGKILL : SIGUSR1)
      else if (what === 'queue') {
        const info = { si_signo: 40, si_errno: 0, si_code: SI_QUEUE, si_pid: 1, si_uid: 0 }
        sys.rt_sigqueueinfo(init, task.pid, 40, info)
      } else if (what === 'block' || what === 'unblock')
        sys.rt_sigprocmask(task, what === 'block' ? SIG_BLOCK : SIG_UNBLOCK, rt | (1n << BigInt(SIGUSR1 - 1)), null, 8)
      else if (what === 'wait') sys.wait4(init, -1, null, WNOHANG, null)
    }
    const threads = (uid: number): number => all().filter(({ real_cred }) => real_cred.uid === uid).length
    expect(UIDS.map((uid) => machine.tasks.ofUser.of(uid))).toEqual(UIDS.map(threads))
    const waiting = all().reduce((sum, task) => sum + threadOf(task).pending.details.length, 0) +
      [...machine.tasks.processes].reduce((sum, task) => sum + signalOf(task).shared_pending.details.length, 0)
    expect(UIDS.reduce((sum, uid) => sum + machine.tasks.queuedSignals.of(uid), 0)).toBe(waiting)
    for (const task of machine.tasks.processes)
      expect(signalOf(task).live).toBe([...signalOf(task).threads].filter(({ flags }) => !(flags & 4)).length)
  }), { numRuns: 60 })
})
