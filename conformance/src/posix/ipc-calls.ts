/** System V IPC calls of a session: segments by handle, and the contents of the structs of the *ctl calls. */
import { EACCES, EINVAL, GETALL, IPC_SET, IPC_STAT, SETALL, SHM_RDONLY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { mappedFiles } from '@lsmkit/kernel'
import type { Answer, Replay } from './replay.ts'
import { showData, toBytes, toData, toNumber } from './session.ts'

interface Attached {
  readonly addr: number
  readonly readOnly: boolean
}
/** Attachments of an actor by handle: 1, 2, … */
const handles = new WeakMap<Task, Map<number, Attached>>()
const handlesOf = (task: Task): Map<number, Attached> => {
  const known = handles.get(task) ?? new Map<number, Attached>()
  handles.set(task, known)
  return known
}
const made = new WeakMap<Task, number>()

type Struct = Record<string, number>

const permissions = ({ key, uid, gid, cuid, cgid, mode }: Struct) =>
  ({ key, uid, gid, cuid, cgid, mode: (mode! & 0o7777).toString(8) })

const toStruct = (arg: unknown): Struct => {
  const { qbytes, mode, ...ids } = arg as Record<string, unknown>
  return {
    ...(ids as Struct),
    mode: toNumber(mode),
    ...(qbytes === undefined ? {} : { msg_qbytes: toNumber(qbytes) }),
  }
}

/** shmctl and msgctl: IPC_SET takes a struct, IPC_STAT shows one. */
const control = (
  name: 'shmctl' | 'msgctl', show: (buf: Struct) => object,
): Replay => ({ kernel }, task, [id, command, arg]) => {
  const cmd = toNumber(command)
  const buf: Struct = cmd === IPC_SET ? toStruct(arg) : {}
  const rc = kernel.sys[name](task, toNumber(id), cmd, buf)
  return rc >= 0 && cmd === IPC_STAT ? [rc, { ...permissions(buf), ...show(buf) }] : [rc]
}

const shmat: Replay = ({ kernel }, task, [id, flags]) => {
  const how = toNumber(flags)
  const addr = kernel.sys.shmat(task, toNumber(id), null, how)
  if (addr < 0) return [addr]
  const handle = (made.get(task) ?? 0) + 1
  made.set(task, handle)
  handlesOf(task).set(handle, { addr, readOnly: (how & SHM_RDONLY) !== 0 })
  return [handle]
}

const shmdt: Replay = ({ kernel }, task, [handle]) => {
  const attached = handlesOf(task).get(toNumber(handle))
  if (attached === undefined) return [-EINVAL]
  handlesOf(task).delete(toNumber(handle))
  return [kernel.sys.shmdt(task, attached.addr)]
}

const attachedTo = (task: Task, handle: unknown): Attached | undefined => handlesOf(task).get(toNumber(handle))

const shmpeek: Replay = (_world, task, [handle, offset, count]): Answer => {
  const attached = attachedTo(task, handle)
  if (attached === undefined) return [-EINVAL]
  return [0, showData(mappedFiles(task).read(attached.addr + toNumber(offset), toNumber(count)))]
}
const shmpoke: Replay = (_world, task, [handle, offset, text]): Answer => {
  const attached = attachedTo(task, handle)
  if (attached === undefined) return [-EINVAL]
  if (attached.readOnly) return [-EACCES]
  mappedFiles(task).write(attached.addr + toNumber(offset), toBytes(text as string))
  return [0]
}

const semctl: Replay = ({ kernel }, task, [id, num, command, arg]) => {
  const cmd = toNumber(command)
  const call = (value: unknown) => kernel.sys.semctl(task, toNumber(id), toNumber(num), cmd, value)
  if (cmd === IPC_SET) return [call(toStruct(arg))]
  if (cmd === SETALL) return [call((arg as unknown[]).map(toNumber))]
  if (cmd === GETALL) {
    const all: number[] = []
    const rc = call(all)
    return rc < 0 ? [rc] : [rc, Array.from({ length: 8 }, (_, i) => all[i] ?? 0)]
  }
  if (cmd === IPC_STAT) {
    const buf: Struct = {}
    const rc = call(buf)
    return rc < 0 ? [rc] : [rc, { ...permissions(buf), nsems: buf.sem_nsems }]
  }
  return [call(arg === undefined ? 0 : toNumber(arg))]
}

const msgrcv: Replay = ({ kernel }, task, [id, size, type, flags]) => {
  const buf = { mtype: 0, mtext: new Uint8Array() }
  const rc = kernel.sys.msgrcv(task, toNumber(id), buf, toNumber(size), toNumber(type), toNumber(flags))
  return rc < 0 ? [rc] : [rc, [buf.mtype, showData(buf.mtext)]]
}

export const ipcCalls: Readonly<Record<string, Replay>> = {
  shmget: ({ kernel }, task, [key, size, flags]) =>
    [kernel.sys.shmget(task, toNumber(key), toNumber(size), toNumber(flags))],
  semget: ({ kernel }, task, [key, nsems, flags]) =>
    [kernel.sys.semget(task, toNumber(key), toNumber(nsems), toNumber(flags))],
  msgget: ({ kernel }, task, [key, flags]) => [kernel.sys.msgget(task, toNumber(key), toNumber(flags))],
  shmat,
  shmdt,
  shmpeek,
  shmpoke,
  shmctl: control('shmctl', ({ shm_segsz, shm_nattch }) => ({ size: shm_segsz, nattch: shm_nattch })),
  semop: ({ kernel }, task, [id, operations]) => {
    const sops = (operations as unknown[][]).map(([num, op, flags]) =>
      ({ sem_num: toNumber(num), sem_op: toNumber(op), sem_flg: toNumber(flags) }))
    return [kernel.sys.semop(task, toNumber(id), sops, sops.length)]
  },
  semctl,
  msgsnd: ({ kernel }, task, [id, type, data, flags]) => {
    const mtext = toData(data)
    return [kernel.sys.msgsnd(task, toNumber(id), { mtype: toNumber(type), mtext }, mtext.length, toNumber(flags))]
  },
  msgrcv,
  msgctl: control('msgctl', ({ msg_cbytes, msg_qnum, msg_qbytes }) =>
    ({ cbytes: msg_cbytes, qnum: msg_qnum, qbytes: msg_qbytes })),
}
