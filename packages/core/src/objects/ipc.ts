/** System V IPC (include/linux/{ipc,msg,sem,shm}.h). */
import type { Secured } from './secured.ts'

/** `struct kern_ipc_perm`: the head of every queue, segment and set. */
export interface KernIpcPerm extends Secured {
  id: number
  key: number
  uid: number
  gid: number
  cuid: number
  cgid: number
  mode: number
  seq: number
  deleted: boolean
}

export interface MsgMsg extends Secured {
  m_type: number
  /** Size of the text in bytes. */
  m_ts: number
  text: Uint8Array
}

export interface Sembuf {
  sem_num: number
  sem_op: number
  sem_flg: number
}
