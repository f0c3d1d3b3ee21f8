/** System V IPC (include/linux/{ipc,msg,sem,shm}.h). */
import type { Secured } from './secured.ts'

/** `struct kern_ipc_perm`: the head of every queue, segment and set. */
export interface KernIpcPerm extends Secured {
  /** Identifier, as msgget(2) and its like give it. */
  id: number
  /** Key; 0 is IPC_PRIVATE. */
  key: number
  /** Owner, a kuid. */
  uid: number
  /** Group of the owner, a kgid. */
  gid: number
  /** Creator, a kuid. */
  cuid: number
  /** Group of the creator, a kgid. */
  cgid: number
  /** Permission bits, with IPC flags above. */
  mode: number
  /** Grows when an identifier is used again. */
  seq: number
  /** Whether it has been removed and only waits to go. */
  deleted: boolean
}

/** One message in a System V queue (`struct msg_msg`). */
export interface MsgMsg extends Secured {
  /** Type, as msgsnd(2) was given it. */
  m_type: number
  /** Size of the text in bytes. */
  m_ts: number
  /** The text. */
  text: Uint8Array
}

/** One operation on a System V semaphore (`struct sembuf`). */
export interface Sembuf {
  /** Which semaphore of the set, from 0. */
  sem_num: number
  /** Added to the value; 0 waits for 0. */
  sem_op: number
  /** IPC_NOWAIT, SEM_UNDO. */
  sem_flg: number
}
