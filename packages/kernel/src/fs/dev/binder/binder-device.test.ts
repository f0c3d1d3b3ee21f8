/** Binder: the context manager, calls and replies, what is handed over, what the hooks refuse, and deaths. */
import {
  BC_ACQUIRE, BC_ENTER_LOOPER, BC_FREE_BUFFER, BC_RELEASE, BC_REPLY, BC_REQUEST_DEATH_NOTIFICATION, BC_TRANSACTION,
  BINDER_GET_NODE_INFO_FOR_REF, BINDER_MINOR, BINDER_SET_CONTEXT_MGR, BINDER_SET_CONTEXT_MGR_EXT, BINDER_TYPE_BINDER,
  BINDER_TYPE_FD, BINDER_TYPE_HANDLE, BINDER_VERSION, BINDER_WRITE_READ, BR_ACQUIRE, BR_DEAD_BINDER, BR_DEAD_REPLY,
  BR_DECREFS, BR_FAILED_REPLY, BR_INCREFS, BR_NOOP, BR_RELEASE, BR_REPLY, BR_TRANSACTION, BR_TRANSACTION_COMPLETE,
  EACCES, EAGAIN, EBUSY, EINVAL, EPERM, ERESTARTSYS, FLAT_BINDER_FLAG_ACCEPTS_FDS, FLAT_BINDER_FLAG_TXN_SECURITY_CTX,
  MAP_PRIVATE, O_NONBLOCK, O_RDWR, PROT_READ, PROT_WRITE, S_IFCHR, TF_ACCEPT_FDS, TF_ONE_WAY,
} from '@lsmkit/abi'
import type { Cred, Task } from '@lsmkit/core'
import { expect, test } from 'vitest'
import type {
  BinderCommand, BinderReturn, BinderTransactionData, BinderWriteRead,
} from '../../../state/binder/entries.ts'
import { bootForTest } from '../../../testing/boot.ts'

/** Major 10, as mknod(2) takes it. */
const MISC = 10 << 8

/** A kernel with a context manager and a client, each with a device of its own. */
const withBinder = (managerFlags = FLAT_BINDER_FLAG_ACCEPTS_FDS) => {
  const kernel = bootForTest()
  const { sys, init, fork } = kernel
  sys.mknod(init, '/binder', S_IFCHR | 0o666, MISC | BINDER_MINOR)
  const open = (task: Task) => {
    const fd = sys.open(task, '/binder', O_RDWR | O_NONBLOCK, 0)
    sys.mmap(task, 0, 65536, PROT_READ, MAP_PRIVATE, fd, 0)
    /** Writes commands, and reads what is there. */
    const io = (...write: readonly BinderCommand[]): readonly BinderReturn[] => {
      const bwr: BinderWriteRead = { write, write_consumed: 0, read_size: 16, read: [] }
      const rc = sys.ioctl(task, fd, BINDER_WRITE_READ, bwr)
      expect([0, -EAGAIN]).toContain(rc)
      return bwr.read.filter(({ cmd }) => cmd !== BR_NOOP)
    }
    const call = (data: Partial<BinderTransactionData>): readonly BinderReturn[] =>
      io({ cmd: BC_TRANSACTION, transaction: { code: 1, flags: 0, data: new Uint8Array(), ...data } })
    const reply = (data: Partial<BinderTransactionData>): readonly BinderReturn[] =>
      io({ cmd: BC_REPLY, transaction: { code: 0, flags: 0, data: new Uint8Array(), ...data } })
    return { task, fd, io, call, reply }
  }
  const manager = open(fork())
  const client = open(fork())
  const manage = (flags: number) =>
    sys.ioctl(manager.task, manager.fd, BINDER_SET_CONTEXT_MGR_EXT, { type: 0, binder: 0, cookie: 0, flags })
  expect(manage(managerFlags)).toBe(0)
  manager.io({ cmd: BC_ENTER_LOOPER })
  return { ...kernel, manager, client, open, manage }
}
const kinds = (returns: readonly BinderReturn[]): number[] => returns.map(({ cmd }) => cmd)
const OWN = { type: BINDER_TYPE_BINDER, binder: 0x1000, cookie: 0x2000, flags: 0 }

test('there is one context manager', () => {
  const { sys, client, manage } = withBinder()
  expect([manage(0), sys.ioctl(client.task, client.fd, BINDER_SET_CONTEXT_MGR, 0)]).toEqual([-EBUSY, -EBUSY])
  const version = { value: 0 }
  expect([sys.ioctl(client.task, client.fd, BINDER_VERSION, version), version.value]).toEqual([0, 8])
  expect(sys.mmap(client.task, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, client.fd, 0)).toBe(-EPERM)
})

test('a call, its reply, and what the callee sees of the caller', () => {
  const { client, manager } = withBinder()
  expect(kinds(client.call({ code: 7, data: Uint8Array.of(1, 2) }))).toEqual([BR_TRANSACTION_COMPLETE])
  const [got] = manager.io()
  const sender = { sender_pid: client.task.pid, sender_euid: 0 }
  expect(got).toMatchObject({ cmd: BR_TRANSACTION, transaction: { code: 7, ...sender } })
  expect([...got!.transaction!.data]).toEqual([1, 2])
  expect(kinds(manager.reply({ data: Uint8Array.of(9) }))).toEqual([BR_TRANSACTION_COMPLETE])
  expect(client.io()).toMatchObject([{ cmd: BR_REPLY, transaction: { data: Uint8Array.of(9) } }])
  // nobody asked
  expect(kinds(manager.reply({}))).toEqual([BR_FAILED_REPLY])
})

test('an object becomes a handle, by which its owner is called back within the call', () => {
  const { client, manager } = withBinder()
  client.call({ objects: [OWN] })
  const [got] = manager.io()
  expect(got!.transaction!.objects).toEqual([{ type: BINDER_TYPE_HANDLE, handle: 1, cookie: 0 }])
  expect(kinds(manager.call({ handle: 1, code: 3 }))).toEqual([BR_TRANSACTION_COMPLETE])
  const back = client.io()
  expect(back.find(({ cmd }) => cmd === BR_TRANSACTION))
    .toMatchObject({ transaction: { code: 3, ptr: 0x1000, cookie: 0x2000 } })
  client.reply({})
  expect(kinds(manager.io())).toEqual([BR_REPLY])
  const objects = [{ type: BINDER_TYPE_HANDLE, handle: 1 }]
  expect(kinds(manager.reply({ objects }))).toEqual([BR_TRANSACTION_COMPLETE])
  // its own object comes back as what it is
  const reply = client.io().find(({ cmd }) => cmd === BR_REPLY)
  expect(reply!.transaction!.objects).toEqual([{ type: BINDER_TYPE_BINDER, binder: 0x1000, cookie: 0x2000 }])
})

test('handles go with the buffer, unless they are held', () => {
  const { sys, client, manager } = withBinder()
  expect(kinds(client.call({ objects: [OWN], flags: TF_ONE_WAY })))
    .toEqual([BR_TRANSACTION_COMPLETE, BR_INCREFS, BR_ACQUIRE])
  const [got] = manager.io()
  const { buffer } = got!.transaction!
  const info = { handle: 1 }
  const counts = () => sys.ioctl(manager.task, manager.fd, BINDER_GET_NODE_INFO_FOR_REF, info)
  expect([counts(), info]).toEqual([0, { handle: 1, strong_count: 1, weak_count: 0 }])
  manager.io({ cmd: BC_ACQUIRE, handle: 1 }, { cmd: BC_FREE_BUFFER, buffer: buffer! })
  expect([counts(), info]).toEqual([0, { handle: 1, strong_count: 1, weak_count: 0 }])
  manager.io({ cmd: BC_RELEASE, handle: 1 })
  expect(counts()).toBe(-EINVAL)
  expect(kinds(client.io())).toEqual([BR_RELEASE, BR_DECREFS])
})

test('files arrive as descriptors where they are accepted', () => {
  const { sys, client, manager, file } = withBinder()
  file('/f', 'text')
  const fd = sys.open(client.task, '/f', 0, 0)
  const objects = [{ type: BINDER_TYPE_FD, fd }]
  client.call({ objects })
  const [got] = manager.io()
  const bytes = new Uint8Array(4)
  expect(sys.read(manager.task, got!.transaction!.objects![0]!.fd!, bytes)).toBe(4)
  // the caller did not say that it takes files
  const own = sys.open(manager.task, '/f', 0, 0)
  manager.reply({ objects: [{ type: BINDER_TYPE_FD, fd: own }] })
  expect(kinds(client.io())).toEqual([BR_FAILED_REPLY])
  client.call({ flags: TF_ACCEPT_FDS })
  manager.io()
  manager.reply({ objects: [{ type: BINDER_TYPE_FD, fd: own }] })
  expect(client.io()[0]!.transaction!.objects![0]!.fd).toBeGreaterThan(0)
})

test.each([
  { hook: 'binder_transaction', objects: [] },
  { hook: 'binder_transfer_binder', objects: [OWN] },
  { hook: 'binder_transfer_file', objects: [{ type: BINDER_TYPE_FD, fd: 0 }] },
] as const)('$hook refuses, and nothing arrives', ({ hook, objects }) => {
  const { stack, client, manager } = withBinder()
  const asked: unknown[] = []
  stack.attach(hook, (from: Cred, to: Cred) => {
    asked.push([from.uid, to.uid])
    return -EACCES
  })
  expect(kinds(client.call({ objects }))).toEqual([BR_FAILED_REPLY])
  expect(manager.io()).toEqual([])
  expect(asked).toEqual([[0, 0]])
})

test('binder_set_context_mgr refuses', () => {
  const { sys, init, stack } = bootForTest()
  stack.attach('binder_set_context_mgr', () => -EACCES)
  sys.mknod(init, '/binder', S_IFCHR | 0o666, MISC | BINDER_MINOR)
  const fd = sys.open(init, '/binder', O_RDWR, 0)
  expect(sys.ioctl(init, fd, BINDER_SET_CONTEXT_MGR, 0)).toBe(-EACCES)
})

test('without a context of any LSM an object that asks for it is not called', () => {
  const { client } = withBinder(FLAT_BINDER_FLAG_TXN_SECURITY_CTX)
  expect(kinds(client.call({}))).toEqual([BR_FAILED_REPLY])
})

test('deaths: of the callee, of an object, of the manager', () => {
  const { sys, client, manager, init } = withBinder()
  client.call({ objects: [OWN], flags: TF_ONE_WAY })
  manager.io()
  manager.io({ cmd: BC_ACQUIRE, handle: 1 }, { cmd: BC_REQUEST_DEATH_NOTIFICATION, handle: 1, cookie: 5 })
  sys.exit_group(client.task, 0)
  sys.getpid(init)
  expect(manager.io()).toEqual([{ cmd: BR_DEAD_BINDER, cookie: 5 }])
  expect(kinds(manager.call({ handle: 1 }))).toEqual([BR_DEAD_REPLY])
})

test('a caller whose callee dies is answered, and without a manager there is no handle 0', () => {
  const { sys, client, manager, init } = withBinder()
  client.call({})
  manager.io()
  sys.exit_group(manager.task, 0)
  sys.getpid(init)
  expect(kinds(client.io())).toEqual([BR_DEAD_REPLY])
  expect(kinds(client.call({}))).toEqual([BR_DEAD_REPLY])
})

test('a reader without work sleeps, and its commands are not carried out twice', () => {
  const { sys, client, manager } = withBinder()
  sys.fcntl(manager.task, manager.fd, 4, O_RDWR)
  const bwr: BinderWriteRead = { write: [{ cmd: BC_ENTER_LOOPER }], write_consumed: 0, read_size: 8, read: [] }
  const read = () => sys.ioctl(manager.task, manager.fd, BINDER_WRITE_READ, bwr)
  expect([read(), bwr.write_consumed]).toEqual([-ERESTARTSYS, 1])
  client.call({ flags: TF_ONE_WAY })
  expect([read(), kinds(bwr.read)]).toEqual([0, [BR_NOOP, BR_TRANSACTION]])
})
