/** System V IPC as C programs call it, with the recorder's helpers: one object of each kind, and one message. */
import { GETALL, IPC_PRIVATE, IPC_RMID, IPC_SET, IPC_STAT, SETALL, dictionary } from '@lsmkit/abi'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

export const IPC_HEADERS = `
struct ipc_perm { int key; uint32_t uid; uint32_t gid; uint32_t cuid; uint32_t cgid; uint32_t mode; char rest[24]; };
struct shmid_ds { struct ipc_perm shm_perm; uint64_t shm_segsz; long shm_atime; long shm_dtime; long shm_ctime;
  int shm_cpid; int shm_lpid; uint64_t shm_nattch; char rest[16]; };
struct msqid_ds { struct ipc_perm msg_perm; long msg_stime; long msg_rtime; long msg_ctime; uint64_t msg_cbytes;
  uint64_t msg_qnum; uint64_t msg_qbytes; int msg_lspid; int msg_lrpid; char rest[16]; };
struct semid_ds { struct ipc_perm sem_perm; long sem_otime; long r1; long sem_ctime; long r2; uint64_t sem_nsems;
  char rest[16]; };
struct msginfo { char rest[64]; };
struct seminfo { char rest[64]; };
struct shminfo { char rest[128]; };
struct shm_info { char rest[128]; };
`
export const IPC_GLOBALS = `
struct { long t; char x[64]; } mb = { 1 };
int gq;
char *MQU = "hooks";
`

type Struct = Record<string, number>
const PERM = ['uid', 'gid', 'mode']

export const ipcCalls = (m: CMachine, { sys }: Actor): Record<string, Builtin> => {
  /** The fields of IPC_SET and IPC_STAT that anybody looks at. */
  const control = (name: 'shmctl' | 'msgctl', tag: string, own: readonly string[]): Builtin =>
    (id, cmd, at = 0) => {
      if (at === 0) return sys[name](id, cmd, null)
      const buf: Struct = dictionary()
      if (cmd === IPC_SET) {
        for (const field of PERM) buf[field] = m.get(at, 'ipc_perm', field)
        for (const field of own) buf[field] = m.get(at, tag, field)
      }
      const rc = sys[name](id, cmd, buf)
      if (cmd === IPC_STAT && rc >= 0) {
        for (const field of PERM) m.set(at, 'ipc_perm', field, buf[field]!)
        for (const field of own) m.set(at, tag, field, buf[field]!)
      }
      return rc
    }
  const semctl: Builtin = (id, num, cmd, arg = 0) => {
    if (cmd === IPC_STAT || cmd === IPC_SET) {
      const buf: Struct = dictionary()
      if (cmd === IPC_SET) for (const field of PERM) buf[field] = m.get(arg, 'ipc_perm', field)
      const rc = sys.semctl(id, num, cmd, buf)
      if (cmd === IPC_STAT && rc >= 0) for (const field of PERM) m.set(arg, 'ipc_perm', field, buf[field]!)
      return rc
    }
    if (cmd === GETALL || cmd === SETALL) return sys.semctl(id, num, cmd, [0, 0, 0, 0])
    return sys.semctl(id, num, cmd, cmd === IPC_RMID || arg < 4096 ? arg : {})
  }
  const sops = (at: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      sem_num: m.get(at + 6 * i, 'sembuf', 'sem_num'),
      sem_op: m.get(at + 6 * i, 'sembuf', 'sem_op'),
      sem_flg: m.get(at + 6 * i, 'sembuf', 'sem_flg'),
    }))
  return {
    shm: () => sys.shmget(IPC_PRIVATE, 4096, 0o600),
    mq: () => sys.msgget(IPC_PRIVATE, 0o600),
    sm: () => sys.semget(IPC_PRIVATE, 2, 0o600),
    shmat: (id, addr, flags) => sys.shmat(id, addr === 0 ? null : addr, flags),
    shmctl: control('shmctl', 'shmid_ds', []),
    msgctl: control('msgctl', 'msqid_ds', ['msg_qbytes']),
    semctl,
    semop: (id, at, count) => sys.semop(id, sops(at, count), count),
    semtimedop: (id, at, count) => sys.semtimedop(id, sops(at, count), count, null),
    msgsnd: (id, at, size, flags) =>
      sys.msgsnd(id, { mtype: Number(m.view.getBigInt64(at, true)), mtext: m.slice(at + 8, size) }, size, flags),
    msgrcv: (id, at, size, type, flags) => {
      const buf = { mtype: 0, mtext: new Uint8Array() }
      const rc = sys.msgrcv(id, buf, size, type, flags)
      if (rc < 0) return rc
      m.view.setBigInt64(at, BigInt(buf.mtype), true)
      m.bytes.set(buf.mtext, at + 8)
      return rc
    },
  }
}
