/** proc_exit, proc_raise, sched_yield, random_get. */
import {
  SIGABRT, SIGALRM, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGIO, SIGKILL, SIGPIPE, SIGPROF, SIGPWR,
  SIGQUIT, SIGSEGV, SIGSTOP, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM,
  SIGWINCH, SIGXCPU, SIGXFSZ, wasiErrno, WASI_ERRNO_FAULT, WASI_ERRNO_INVAL, WASI_ERRNO_SUCCESS,
} from '@lsmkit/abi'
import type { Process } from '../process.ts'
import type { Answer } from '../waiting/waits.ts'
import type { Preview1 } from './table.ts'

/** What a host's generator gives at most at a time. */
const CHUNK = 65536

/** Signals of preview 1 by number; it lacks SIGSTKFLT, so that everything behind it sits one lower than on Linux. */
const SIGNALS = [
  0, SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2, SIGPIPE,
  SIGALRM, SIGTERM, SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF,
  SIGWINCH, SIGIO, SIGPWR, SIGSYS,
]

export const procImports = (process: Process) => {
  const { sys, task, memory, random } = process
  return {
    proc_exit(code) {
      return process.stop({ kind: 'exited', status: code >>> 0 })
    },
    /** Sent to the program itself by tgkill; one that ends it is noticed when the call returns. */
    proc_raise(sig) {
      const signal = SIGNALS[sig >>> 0]
      if (signal === undefined) return WASI_ERRNO_INVAL
      return process.waits(() => sys.tgkill(task, sys.getpid(task), sys.gettid(task), signal), wasiErrno)
    },
    sched_yield: () => process.waits(() => sys.sched_yield(task), wasiErrno),
    random_get(buf, buf_len) {
      buf >>>= 0
      buf_len >>>= 0
      if (!memory.has(buf, buf_len)) return WASI_ERRNO_FAULT
      for (let done = 0; done < buf_len; done += CHUNK) {
        if (done > 0) process.looksAgain()
        memory.bytes.set(random(Math.min(CHUNK, buf_len - done)), buf + done)
      }
      return WASI_ERRNO_SUCCESS
    },
  } satisfies Partial<Preview1<Answer>>
}
