/** System V IPC and POSIX message queues, as the rest of the kernel sees them. */
import type { Ref, Sembuf } from '@lsmkit/core'
import type { GuestBytes } from '../state/guest-bytes.ts'
import type { FileSystem } from '../state/vfs/driver.ts'
import type { MqAttr } from '../state/ipc/mqueue-inode.ts'
import type { IpcNamespace } from '../state/ipc/namespace.ts'
import type { Timespec } from '../state/timespec.ts'
import type { PlainNamespace } from '../state/task/namespaces.ts'
import type { Sigevent } from '../state/task/sigset.ts'

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
  free_ipc_ns(plain: PlainNamespace): void
  readonly mqueues: {
    readonly type: FileSystem
    /** 0 or -errno. */
    mountFor(plain: PlainNamespace): number
  }
  /** What the files of /proc/sysvipc say. */
  readonly texts: { msg(): string; sem(): string; shm(): string }
  readonly calls: IpcCalls
}

export interface IpcCalls {
  mq_open(name: unknown, oflag: number, mode: number, attr: MqAttr | null): number
  mq_unlink(name: unknown): number
  mq_timedsend(fd: number, text: GuestBytes | null, len: number, priority: number, timeout: Timespec | null): number
  mq_timedreceive(
    fd: number, buf: GuestBytes | null, len: number, priority: Ref<number> | null, timeout: Timespec | null,
  ): number
  mq_notify(fd: number, event: Sigevent | null): number
  mq_getsetattr(fd: number, next: MqAttr | null, old: Partial<MqAttr> | null): number
  shmget(key: number, size: number, flag: number): number
  shmctl(id: number, cmd: number, buf: object | null): number
  shmat(id: number, shmaddr: number | null, flags: number): number
  shmdt(addr: number): number
  semget(key: number, nsems: number, flag: number): number
  semop(id: number, sops: readonly Sembuf[] | null, nsops: number): number
  semtimedop(id: number, sops: readonly Sembuf[] | null, nsops: number, timeout: Timespec | null): number
  semctl(id: number, num: number, cmd: number, arg: unknown): number
  msgget(key: number, flag: number): number
  msgsnd(id: number, msgp: Msgbuf | null, size: number, flags: number): number
  msgrcv(id: number, msgp: Msgbuf | null, size: number, type: number, flags: number): number
  msgctl(id: number, cmd: number, buf: object | null): number
}
