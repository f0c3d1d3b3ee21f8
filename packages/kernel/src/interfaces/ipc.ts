/** System V IPC and POSIX message queues, as the rest of the kernel sees them. */
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'

/** `struct msgbuf`. */
export interface Msgbuf {
  mtype: number
  mtext: Uint8Array
}

export interface Ipc {
  readonly namespaces: {
    of(ns: PlainNamespace): IpcNamespace
    /** The caller's. */
    own(): IpcNamespace
  }
  /** Fills a new namespace: 0 or -errno. */
  setup_ipc_ns(plain: PlainNamespace): number
  free_ipc_ns(plain: PlainNamespace): void
  /** Texts of the files of /proc/sysvipc. */
  readonly texts: { msg(): string; sem(): string; shm(): string }
}
