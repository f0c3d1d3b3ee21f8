/** System V IPC beside what ipc/msg.c, ipc/sem.c and ipc/shm.c promise; whole sessions are in conformance. */
import {
  CLONE_NEWIPC, CLONE_NEWPID, E2BIG, EACCES, EAGAIN, EEXIST, EFAULT, EFBIG, EIDRM, EINVAL, ENOENT, ENOMSG, EPERM,
  ERESTARTSYS, GETNCNT, GETVAL, IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, MSG_COPY,
  MSG_NOERROR, SEM_UNDO, SETVAL, O_RDONLY, SHM_LOCK, SHM_RDONLY, SHM_RND, SIGKILL, ENOMEM,
} from '@lsmkit/abi'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { mappedFiles } from '../mm/mapped-files.ts'
import { threadOf } from '../state/task/thread.ts'
import { bootForTest } from '../testing/boot.ts'
import type { MsqidDs } from './msgctl.ts'
import type { SemidDs } from './semctl.ts'
import type { ShmidDs } from './shmctl.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)
const op = (sem_num: number, sem_op: number, sem_flg = 0) => ({ sem_num, sem_op, sem_flg })

describe('keys and ids', () => {
  test.each([
    { flags: 0, rc: -ENOENT, why: 'nobody made it' },
    { flags: IPC_CREAT | 0o600, rc: 0, why: 'made' },
    { flags: 0o600, rc: 0, why: 'found by its owner' },
    { flags: IPC_CREAT | IPC_EXCL | 0o600, rc: -EEXIST, why: 'exclusive' },
  ])('msgget with $flags: $rc, $why', ({ flags, rc, why }) => {
    const { sys, init } = bootForTest()
    if (why !== 'nobody made it' && why !== 'made') sys.msgget(init, 7, IPC_CREAT | 0o600)
    expect(sys.msgget(init, 7, flags)).toBe(rc)
  })

  test('an id is not used again at once, and a stale one is nobody', () => {
    const { sys, init } = bootForTest()
    const first = sys.msgget(init, IPC_PRIVATE, 0o600)
    sys.msgctl(init, first, IPC_RMID, null)
    expect(sys.msgget(init, IPC_PRIVATE, 0o600)).toBe(first + 1)
    expect(sys.msgctl(init, first, IPC_RMID, null)).toBe(-EINVAL)
  })

  test('mode bits, ownership and namespaces keep others off', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.semget(init, 9, 2, IPC_CREAT | 0o640)
    const other = fork(init, 1000)
    expect(sys.semget(other, 9, 0, 0o400)).toBe(-EACCES)
    expect(sys.semctl(other, id, 0, GETVAL, 0)).toBe(-EACCES)
    expect(sys.semctl(other, id, 0, IPC_RMID, 0)).toBe(-EPERM)
    const elsewhere = fork()
    expect(sys.unshare(elsewhere, CLONE_NEWIPC)).toBe(0)
    expect(sys.semget(elsewhere, 9, 0, 0)).toBe(-ENOENT)
    expect(sys.semctl(init, id, 0, IPC_SET, { uid: 1000, gid: 1000, mode: 0o600 })).toBe(0)
    expect(sys.semctl(other, id, 0, IPC_RMID, 0)).toBe(0)
  })
})

describe('message queues', () => {
  test('types choose: any, one, lowest up to', () => {
    const { sys, init } = bootForTest()
    const id = sys.msgget(init, IPC_PRIVATE, 0o600)
    for (const mtype of [3, 1, 2]) sys.msgsnd(init, id, { mtype, mtext: bytes(`m${mtype}`) }, 2, 0)
    const buf = { mtype: 0, mtext: new Uint8Array() }
    const receive = (type: number) => (sys.msgrcv(init, id, buf, 8, type, IPC_NOWAIT) < 0 ? null : text(buf.mtext))
    expect([receive(2), receive(-3), receive(0), receive(0)]).toEqual(['m2', 'm1', 'm3', null])
    expect(sys.msgrcv(init, id, buf, 8, 0, IPC_NOWAIT)).toBe(-ENOMSG)
  })

  test('a copy is made before it is known of what, and is never cut', () => {
    const { sys, init, trace } = bootForTest()
    const id = sys.msgget(init, IPC_PRIVATE, 0o600)
    sys.msgsnd(init, id, { mtype: 5, mtext: bytes('five') }, 4, 0)
    const buf = { mtype: 0, mtext: new Uint8Array() }
    const copy = (size: number, number: number) =>
      sys.msgrcv(init, id, buf, size, number, MSG_COPY | MSG_NOERROR | IPC_NOWAIT)
    expect([copy(4, 1), copy(3, 0), copy(4, 0), text(buf.mtext)]).toEqual([-ENOMSG, -EINVAL, 4, 'five'])
    expect(trace(() => copy(4, 1)))
      .toEqual(['msg_msg_alloc_security', 'ipc_permission', 'msg_queue_msgrcv', 'msg_msg_free_security'])
  })

  test('a full queue: EAGAIN, or sleep until there is room', () => {
    const { sys, init, machine } = bootForTest()
    const id = sys.msgget(init, IPC_PRIVATE, 0o600)
    const buf: Partial<MsqidDs> = {}
    sys.msgctl(init, id, IPC_STAT, buf)
    sys.msgctl(init, id, IPC_SET, { ...buf, msg_qbytes: 4 })
    const message = { mtype: 1, mtext: bytes('four') }
    expect(sys.msgsnd(init, id, message, 4, 0)).toBe(0)
    expect(sys.msgsnd(init, id, message, 4, IPC_NOWAIT)).toBe(-EAGAIN)
    expect(sys.msgsnd(init, id, message, 4, 0)).toBe(-ERESTARTSYS)
    let woken = false
    machine.sleepOn!.subscribe(() => (woken = true))
    sys.msgrcv(init, id, { mtype: 0, mtext: new Uint8Array() }, 8, 0, 0)
    expect(woken).toBe(true)
    expect(sys.msgsnd(init, id, message, 4, 0)).toBe(0)
  })

  test('a sleeper is handed the message, and asked about as the receiver', () => {
    const { sys, init, machine, fork, trace } = bootForTest()
    const id = sys.msgget(init, IPC_PRIVATE, 0o600)
    const reader = fork()
    const buf = { mtype: 0, mtext: new Uint8Array() }
    expect(sys.msgrcv(reader, id, buf, 8, 0, 0)).toBe(-ERESTARTSYS)
    machine.sleepOn!.subscribe(() => {})
    const hooks = trace(() => sys.msgsnd(init, id, { mtype: 4, mtext: bytes('hi') }, 2, 0))
    expect(hooks).toEqual(['msg_msg_alloc_security', 'ipc_permission', 'msg_queue_msgsnd', 'msg_queue_msgrcv'])
    expect(sys.msgrcv(init, id, buf, 8, 0, IPC_NOWAIT)).toBe(-ENOMSG)
    expect([sys.msgrcv(reader, id, buf, 8, 0, 0), text(buf.mtext)]).toEqual([2, 'hi'])
  })

  test('a queue that goes away wakes its sleepers with EIDRM', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.msgget(init, IPC_PRIVATE, 0o600)
    const reader = fork()
    const receive = () => sys.msgrcv(reader, id, { mtype: 0, mtext: new Uint8Array() }, 8, 0, 0)
    expect(receive()).toBe(-ERESTARTSYS)
    sys.msgctl(init, id, IPC_RMID, null)
    expect(receive()).toBe(-EIDRM)
    expect(receive()).toBe(-EINVAL)
  })
})

describe('semaphores', () => {
  test('all operations of one call, or none', () => {
    const { sys, init } = bootForTest()
    const id = sys.semget(init, IPC_PRIVATE, 2, 0o600)
    expect(sys.semop(init, id, [op(0, 3), op(1, -1, IPC_NOWAIT)], 2)).toBe(-EAGAIN)
    expect(sys.semctl(init, id, 0, GETVAL, 0)).toBe(0)
    expect(sys.semop(init, id, [op(2, 1)], 1)).toBe(-EFBIG)
  })

  test('SEM_UNDO is taken back when the process ends', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.semget(init, IPC_PRIVATE, 1, 0o600)
    sys.semctl(init, id, 0, SETVAL, 5)
    const child = fork()
    expect(sys.semop(child, id, [op(0, -2, SEM_UNDO)], 1)).toBe(0)
    expect(sys.semctl(init, id, 0, GETVAL, 0)).toBe(3)
    sys.exit_group(child, 0)
    expect(sys.semctl(init, id, 0, GETVAL, 0)).toBe(5)
  })

  test('who asked for SEM_UNDO ends with a change, though nothing was done', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.semget(init, IPC_PRIVATE, 1, 0o600)
    const child = fork()
    expect(sys.semop(child, id, [op(4, 1, SEM_UNDO)], 1)).toBe(-EFBIG)
    const stat: Partial<SemidDs> = {}
    const changed = (): boolean => sys.semctl(init, id, 0, IPC_STAT, stat) === 0 && stat.sem_otime !== 0
    expect(changed()).toBe(false)
    sys.exit_group(child, 0)
    expect(changed()).toBe(true)
  })

  test('a sleeper that has ended, or does something else, is not counted', () => {
    const { sys, init, fork } = bootForTest()
    const [id, other] = [sys.semget(init, IPC_PRIVATE, 1, 0o600), sys.semget(init, IPC_PRIVATE, 1, 0o600)]
    const [killed, busy] = [fork(), fork()]
    for (const task of [killed, busy]) expect(sys.semop(task, id, [op(0, -1)], 1)).toBe(-ERESTARTSYS)
    expect(sys.semctl(init, id, 0, GETNCNT, 0)).toBe(2)
    sys.kill(init, killed.pid, SIGKILL)
    sys.semop(busy, other, [op(0, 0)], 1)
    expect(sys.semctl(init, id, 0, GETNCNT, 0)).toBe(0)
  })

  test('a wait has an end where one was asked for', () => {
    let ms = 1000
    const { sys, init } = bootForTest({ clock: () => ms })
    const id = sys.semget(init, IPC_PRIVATE, 1, 0o600)
    const wait = () => sys.semtimedop(init, id, [op(0, -1)], 1, { tv_sec: 1, tv_nsec: 0 })
    expect(wait()).toBe(-ERESTARTSYS)
    ms += 999
    expect(wait()).toBe(-ERESTARTSYS)
    ms += 1
    expect(wait()).toBe(-EAGAIN)
    expect(sys.semctl(init, id, 0, GETNCNT, 0)).toBe(0)
    expect(wait()).toBe(-ERESTARTSYS)
  })

  test.each([
    ['too many, and a bad id', -1, [op(0, 1)], 501, -E2BIG],
    ['fewer than none', -1, [op(0, 1)], -1, -E2BIG],
    ['none', -1, null, 0, -EINVAL],
    ['not there, and a bad id', -1, null, 1, -EFAULT],
    ['a bad id', -1, [op(0, 1)], 1, -EINVAL],
  ])('operations: %s', (_what, id, sops, nsops, rc) => {
    const { sys, init } = bootForTest()
    expect(sys.semop(init, id, sops, nsops)).toBe(rc)
  })

  test('sleepers are counted, and go on when the value allows it', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.semget(init, IPC_PRIVATE, 1, 0o600)
    const child = fork()
    expect(sys.semop(child, id, [op(0, -1)], 1)).toBe(-ERESTARTSYS)
    expect(sys.semctl(init, id, 0, GETNCNT, 0)).toBe(1)
    sys.semop(init, id, [op(0, 1)], 1)
    expect(sys.semop(child, id, [op(0, -1)], 1)).toBe(0)
    expect(sys.semctl(init, id, 0, GETNCNT, 0)).toBe(0)
  })
})

describe('shared memory', () => {
  test('a segment that is there is too small for a size below none', () => {
    const { sys, init } = bootForTest()
    sys.shmget(init, 5, 4096, IPC_CREAT | 0o600)
    expect([sys.shmget(init, 5, -1, 0), sys.shmget(init, 5, 0, 0)]).toEqual([-EINVAL, 0])
  })

  test('nothing is attached at the far end of all addresses', () => {
    const { sys, init } = bootForTest()
    const id = sys.shmget(init, IPC_PRIVATE, 4096, 0o600)
    expect([sys.shmat(init, id, -4096, 0), sys.shmat(init, id, -5, SHM_RND), sys.shmat(init, id, -5, 0)])
      .toEqual([-ENOMEM, -ENOMEM, -EINVAL])
  })

  test('one memory in two processes; gone with the last attachment once removed', () => {
    const { sys, init, fork, cat } = bootForTest()
    const id = sys.shmget(init, 5, 5000, IPC_CREAT | 0o600)
    const a = sys.shmat(init, id, null, 0)
    const child = fork()
    const b = sys.shmat(child, id, null, SHM_RDONLY)
    mappedFiles(init).write(a + 4100, bytes('shared'))
    expect(text(mappedFiles(child).read(b + 4100, 6))).toBe('shared')
    expect(text(mappedFiles(child).read(a + 4100, 6))).toBe('shared')
    const stat: Partial<ShmidDs> = {}
    sys.shmctl(init, id, IPC_STAT, stat)
    // its own, the child's, and what the child got by fork
    expect(stat.shm_nattch).toBe(3)
    expect(cat(init, '/proc/sysvipc/shm')).toMatch(/^ +key.*\n +5 +0 +600 +5000 /)
    expect(sys.shmctl(init, id, IPC_RMID, null)).toBe(0)
    expect(sys.shmget(init, 5, 0, 0)).toBe(-ENOENT)
    sys.exit_group(child, 0)
    expect(sys.shmctl(init, id, IPC_STAT, stat)).toBe(0)
    expect(sys.shmdt(init, a)).toBe(0)
    expect(sys.shmctl(init, id, IPC_STAT, stat)).toBe(-EINVAL)
    expect(sys.shmdt(init, a)).toBe(-EINVAL)
  })

  test('read-only without write permission; locking is the owner\'s', () => {
    const { sys, init, fork } = bootForTest()
    const id = sys.shmget(init, IPC_PRIVATE, 100, 0o644)
    const other = fork(init, 1000)
    expect(sys.shmat(other, id, null, 0)).toBe(-EACCES)
    expect(sys.shmat(other, id, null, SHM_RDONLY)).toBeGreaterThan(0)
    expect(sys.shmctl(other, id, SHM_LOCK, null)).toBe(-EPERM)
  })
})

describe('a namespace ends with its last task, and what is in it with it', () => {
  /** What LSMs are told to free from then on. */
  const world = () => {
    const freed: string[] = []
    const kernel = bootForTest({
      lsms: [defineLsm({
        name: 'freed',
        abi: '1.0',
        hooks: {
          sem_free_security: () => void freed.push('sem'),
          msg_queue_free_security: () => void freed.push('msg'),
          msg_msg_free_security: () => void freed.push('message'),
          shm_free_security: () => void freed.push('shm'),
          sb_free_security: () => void freed.push('sb'),
        },
      })],
    })
    const { sys, fork } = kernel
    const task = fork()
    sys.unshare(task, CLONE_NEWIPC)
    const shm = sys.shmget(task, 5, 4096, IPC_CREAT | 0o600)
    sys.msgget(task, 5, IPC_CREAT | 0o600)
    const queue = sys.msgget(task, 6, IPC_CREAT | 0o600)
    sys.msgsnd(task, queue, { mtype: 1, mtext: bytes('x') }, 1, 0)
    sys.semget(task, 5, 2, IPC_CREAT | 0o600)
    return { ...kernel, task, shm, freed }
  }
  const all = ['message', 'sem', 'msg', 'msg', 'shm', 'sb']

  test('when it exits, or goes elsewhere', () => {
    const { sys, task, freed } = world()
    sys.exit_group(task, 0)
    expect(freed.toSorted()).toEqual(all.toSorted())
    const other = world()
    other.sys.unshare(other.task, CLONE_NEWIPC)
    expect(other.freed.toSorted()).toEqual(all.toSorted())
  })

  test('not while its file is open, a child is in it, or a segment is attached', () => {
    const { sys, init, task, shm, freed } = world()
    const fd = sys.open(init, `/proc/${task.pid}/ns/ipc`, O_RDONLY, 0)
    const at = sys.shmat(task, shm, null, 0)
    expect(at).toBeGreaterThan(0)
    const child = sys.fork(task)
    sys.unshare(task, CLONE_NEWIPC)
    sys.close(init, fd)
    sys.exit_group([...threadOf(task).children].find(({ pid }) => pid === child)!, 0)
    expect(freed).toEqual([])
    sys.shmdt(task, at)
    expect(freed.toSorted()).toEqual(all.toSorted())
  })

  test('or when the rest of a new one is refused', () => {
    const { sys, fork, freed } = world()
    const task = fork()
    expect(sys.unshare(task, CLONE_NEWPID)).toBe(0)
    expect(sys.unshare(task, CLONE_NEWIPC | CLONE_NEWPID)).toBe(-EINVAL)
    expect(freed).toEqual(['sb'])
  })
})
