/** The calls of subsystems that a kernel may be built without, and how many arguments each takes: filters see them. */
import type { ChosenName } from './subsystem.ts'

export const ABSENT_CALLS: Readonly<Record<ChosenName, Readonly<Record<string, number>>>> = {
  aio: {
    io_setup: 2, io_destroy: 1, io_submit: 3, io_getevents: 5, io_pgetevents: 6, io_cancel: 0,
  },
  binder: {},
  bpf: {
    bpf: 2,
  },
  devpts: {},
  fanotify: {
    fanotify_init: 2, fanotify_mark: 5,
  },
  'file-handles': {
    name_to_handle_at: 5, open_by_handle_at: 3,
  },
  inotify: {
    inotify_init: 0, inotify_init1: 1, inotify_add_watch: 3, inotify_rm_watch: 2,
  },
  'io-uring': {
    io_uring_setup: 2, io_uring_enter: 6, io_uring_register: 4,
  },
  ipc: {
    shmget: 3, shmctl: 3, shmat: 3, shmdt: 1, semget: 3, semop: 3, semtimedop: 4, semctl: 4, msgget: 2, msgsnd: 4,
    msgrcv: 5, msgctl: 3, mq_open: 4, mq_unlink: 1, mq_timedsend: 5, mq_timedreceive: 5, mq_notify: 2,
    mq_getsetattr: 3,
  },
  keys: {
    add_key: 5, request_key: 4, keyctl: 5,
  },
  net: {
    socket: 3, socketpair: 4, bind: 3, connect: 3, listen: 2, accept: 3, accept4: 4, shutdown: 2, getsockname: 3,
    getpeername: 3, sendto: 6, recvfrom: 6, sendmsg: 3, recvmsg: 3, sendmmsg: 4, recvmmsg: 5, setsockopt: 5,
    getsockopt: 5,
  },
  numa: {
    set_mempolicy: 3, get_mempolicy: 5, mbind: 6, set_mempolicy_home_node: 4,
  },
  overlay: {},
  perf: {
    perf_event_open: 5,
  },
  proc: {},
  quota: {
    quotactl: 4, quotactl_fd: 4,
  },
  tracing: {},
}
