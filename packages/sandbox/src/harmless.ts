/**
 * System calls, of those the kernel reports, that change no file of a box's tree except its access times. Any other
 * call may change one.
 */
import {
  __O_TMPFILE, F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL, O_CREAT, O_TRUNC,
} from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fdTable } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'

/** Of a call, by its first arguments. */
type MayChange = (task: Task, a?: unknown, b?: unknown, c?: unknown) => boolean

const always: MayChange = () => true

const harmless: ReadonlySet<string> = new Set([
  // opening and reading
  'close', 'close_range', 'dup', 'dup2', 'dup3', 'read', 'readv', 'pread64', 'preadv', 'preadv2', 'lseek', 'getdents64',
  'poll', 'ppoll', 'select', 'pselect6', 'pipe', 'pipe2',
  'stat', 'lstat', 'fstat', 'newfstatat', 'statx', 'statfs', 'fstatfs', 'access', 'faccessat', 'faccessat2',
  'readlink', 'readlinkat', 'getxattr', 'lgetxattr', 'fgetxattr', 'listxattr', 'llistxattr', 'flistxattr',
  'chdir', 'fchdir', 'getcwd', 'umask', 'fadvise64', 'fsync', 'fdatasync',
  // processes
  'fork', 'vfork', 'clone', 'execve', 'execveat', 'exit', 'exit_group', 'wait4', 'waitid', 'kill', 'tkill', 'tgkill',
  'getpid', 'getppid', 'gettid', 'getpgid', 'getpgrp', 'setpgid', 'getsid', 'setsid', 'sched_yield', 'pause',
  'getuid', 'geteuid', 'getgid', 'getegid', 'getresuid', 'getresgid', 'getgroups', 'getrlimit', 'uname', 'getrandom',
  'rt_sigaction', 'rt_sigprocmask', 'rt_sigpending', 'rt_sigtimedwait', 'rt_sigsuspend',
  // time
  'clock_gettime', 'clock_getres', 'clock_nanosleep', 'nanosleep', 'gettimeofday', 'time',
])

const harmlessFcntl: ReadonlySet<unknown> = new Set([F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_SETFD, F_SETFL])
const MAKES = O_CREAT | O_TRUNC | __O_TMPFILE
const opens = (flags: unknown): boolean => typeof flags !== 'number' || (flags & MAKES) !== 0

/** Whether a call of this name may change a file; null: never. */
export const mayChange = ({ machine }: Kernel, name: string): MayChange | null => {
  if (harmless.has(name)) return null
  switch (name) {
    case 'open': return (_task, _path, flags) => opens(flags)
    case 'openat': return (_task, _dfd, _path, flags) => opens(flags)
    case 'openat2': return (_task, _dfd, _path, how) => opens((how as { flags?: unknown } | null)?.flags)
    case 'fcntl': return (_task, _fd, command) => !harmlessFcntl.has(command)
    // pipes, and the streams of the host
    case 'write': case 'writev':
      return (task, fd) => typeof fd !== 'number' || task.files === null ||
        fdTable(task).get(fd)?.f_path.mnt !== machine.pipe_mnt
    default: return always
  }
}
