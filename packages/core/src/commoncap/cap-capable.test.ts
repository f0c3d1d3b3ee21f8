import { CAP_CHOWN, CAP_SYS_ADMIN, CAP_SYS_RAWIO, CapSet, capSetOf, EPERM, PF_SUPERPRIV } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import type { Cred, UserNamespace } from '../objects/cred.ts'
import type { Task } from '../objects/task.ts'
import { plainObjects } from '../objects/factories.ts'
import { Current } from '../current.ts'
import { cap_capable } from './cap-capable.ts'
import { cap_mmap_addr, cap_vm_enough_memory } from './memory.ts'
import { capable, file_ns_capable, has_ns_capability, ns_capable, ptracer_capable } from './ns-capable.ts'
import { ptraceCapsCover } from './ptrace.ts'
import { initUserNamespace } from './user-ns.ts'

const init = initUserNamespace()
const below = (parent: UserNamespace, owner: number): UserNamespace => ({
  ...initUserNamespace(), parent, level: parent.level + 1, owner,
})
const owned = below(init, 1000)
const inner = below(owned, 0)
const foreign = below(init, 2000)

const cred = (user_ns: UserNamespace, euid: number, ...effective: number[]): Cred =>
  Object.assign(plainObjects.cred(user_ns), { euid, cap_effective: capSetOf(...effective) })

test.each([
  { rule: 'held in its own namespace', who: cred(init, 1000, CAP_CHOWN), over: init, rc: 0 },
  { rule: 'not held in its own namespace', who: cred(init, 0), over: init, rc: -EPERM },
  { rule: 'held above counts below', who: cred(init, 1000, CAP_CHOWN), over: foreign, rc: 0 },
  { rule: 'held above counts two levels below', who: cred(init, 5, CAP_CHOWN), over: inner, rc: 0 },
  { rule: 'the owner has all one level below, with none in hand', who: cred(init, 1000), over: owned, rc: 0 },
  { rule: 'the owner has all two levels below', who: cred(init, 1000), over: inner, rc: 0 },
  { rule: 'who owns another namespace has nothing', who: cred(init, 1000), over: foreign, rc: -EPERM },
  { rule: 'held below does not count above', who: cred(owned, 1000, CAP_CHOWN), over: init, rc: -EPERM },
  { rule: 'held in a sibling does not count', who: cred(foreign, 1000, CAP_CHOWN), over: owned, rc: -EPERM },
  { rule: 'an owner that has moved inside owns no more', who: cred(owned, 1000), over: owned, rc: -EPERM },
])('$rule: $rc', ({ who, over, rc }) => {
  expect(cap_capable(who, over, CAP_CHOWN)).toBe(rc)
})

test('a number that is not a capability is never held', () => {
  const full = Object.assign(plainObjects.cred(init), { cap_effective: new CapSet(-1, -1) })
  expect(cap_capable(full, init, 64)).toBe(-EPERM)
  expect(cap_capable(full, init, -1)).toBe(-EPERM)
})

const running = (who: Cred): Task => plainObjects.task(1, 1, who, who)

test('a yes leaves its mark on the task, a no does not; what is asked of others leaves none', () => {
  const asked: number[][] = []
  const lsm = {
    capable: {
      ask: (who: Cred, ns: UserNamespace, cap: number, opts: number) => {
        asked.push([ns.level, cap, opts])
        return cap_capable(who, ns, cap, opts)
      },
    },
  }
  const task = running(cred(owned, 1000, CAP_CHOWN))
  const current = new Current(task)
  expect(capable(lsm, current, CAP_CHOWN)).toBe(false)
  expect(ns_capable(lsm, current, owned, 41)).toBe(false)
  expect(task.flags & PF_SUPERPRIV).toBe(0)
  expect(has_ns_capability(lsm, task, owned, CAP_CHOWN)).toBe(true)
  expect(task.flags & PF_SUPERPRIV).toBe(0)
  expect(ns_capable(lsm, current, owned, CAP_CHOWN)).toBe(true)
  expect(task.flags & PF_SUPERPRIV).toBe(PF_SUPERPRIV)
  // an impossible capability was not asked of anybody
  expect(asked).toEqual([[0, 0, 0], [1, 0, 0], [1, 0, 0]])
  expect(file_ns_capable(lsm, { f_cred: cred(init, 0) } as never, init, CAP_CHOWN)).toBe(false)
  expect(ptracer_capable(lsm, task, owned)).toBe(true)
  task.ptracer_cred = cred(init, 1)
  expect(ptracer_capable(lsm, task, owned)).toBe(false)
})

test('memory: low addresses and the admin reserve need privilege in the initial namespace', () => {
  const root = cred(init, 0, CAP_SYS_ADMIN, CAP_SYS_RAWIO)
  const nested = cred(owned, 0, CAP_SYS_ADMIN, CAP_SYS_RAWIO)
  expect([cap_vm_enough_memory(root), cap_vm_enough_memory(nested)]).toEqual([0, -EPERM])
  const task = running(root)
  expect(cap_mmap_addr(task, 65536, 65536)).toBe(0)
  expect(task.flags & PF_SUPERPRIV).toBe(0)
  expect(cap_mmap_addr(task, 65535, 65536)).toBe(0)
  expect(task.flags & PF_SUPERPRIV).toBe(PF_SUPERPRIV)
  expect(cap_mmap_addr(running(nested), 0, 65536)).toBe(-EPERM)
})

test('tracing without CAP_SYS_PTRACE: at least the same capabilities, in the same namespace', () => {
  const caller = Object.assign(cred(init, 0), { cap_permitted: capSetOf(CAP_CHOWN, CAP_SYS_ADMIN) })
  const child = Object.assign(cred(init, 0), { cap_permitted: capSetOf(CAP_CHOWN) })
  expect(ptraceCapsCover(caller, child, 0x12)).toBe(true)
  // FSCREDS looks at the effective set
  expect(ptraceCapsCover(caller, child, 0x9)).toBe(false)
  expect(ptraceCapsCover(caller, Object.assign(child, { user_ns: owned }), 0x12)).toBe(false)
})
