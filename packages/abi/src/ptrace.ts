/** Requests, options and events of ptrace(2), and the access modes of the ptrace hooks. */

// requests
export const PTRACE_TRACEME = 0
export const PTRACE_PEEKTEXT = 1
export const PTRACE_PEEKDATA = 2
export const PTRACE_PEEKUSR = 3
export const PTRACE_POKETEXT = 4
export const PTRACE_POKEDATA = 5
export const PTRACE_POKEUSR = 6
export const PTRACE_CONT = 7
export const PTRACE_KILL = 8
export const PTRACE_SINGLESTEP = 9
export const PTRACE_ATTACH = 16
export const PTRACE_DETACH = 17
export const PTRACE_SYSCALL = 24
export const PTRACE_SETOPTIONS = 0x4200
export const PTRACE_GETEVENTMSG = 0x4201
export const PTRACE_GETSIGINFO = 0x4202
export const PTRACE_SETSIGINFO = 0x4203
export const PTRACE_GETREGSET = 0x4204
export const PTRACE_SETREGSET = 0x4205
export const PTRACE_SEIZE = 0x4206
export const PTRACE_INTERRUPT = 0x4207
export const PTRACE_LISTEN = 0x4208
export const PTRACE_PEEKSIGINFO = 0x4209
export const PTRACE_GETSIGMASK = 0x420a
export const PTRACE_SETSIGMASK = 0x420b
export const PTRACE_SECCOMP_GET_FILTER = 0x420c
export const PTRACE_SECCOMP_GET_METADATA = 0x420d
export const PTRACE_GET_SYSCALL_INFO = 0x420e
export const PTRACE_GET_RSEQ_CONFIGURATION = 0x420f
export const PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG = 0x4210
export const PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG = 0x4211
export const PTRACE_PEEKSIGINFO_SHARED = 1
export const PTRACE_GETREGS = 12
export const PTRACE_SETREGS = 13
export const PTRACE_GETFPREGS = 14
export const PTRACE_SETFPREGS = 15
export const PTRACE_GETFPXREGS = 18
export const PTRACE_SETFPXREGS = 19
export const PTRACE_OLDSETOPTIONS = 21
export const PTRACE_GET_THREAD_AREA = 25
export const PTRACE_SET_THREAD_AREA = 26
export const PTRACE_ARCH_PRCTL = 30
export const PTRACE_SYSEMU = 31
export const PTRACE_SYSEMU_SINGLESTEP = 32
export const PTRACE_SINGLEBLOCK = 33

// options
export const PTRACE_O_TRACESYSGOOD = 0x1
export const PTRACE_O_TRACEFORK = 0x2
export const PTRACE_O_TRACEVFORK = 0x4
export const PTRACE_O_TRACECLONE = 0x8
export const PTRACE_O_TRACEEXEC = 0x10
export const PTRACE_O_TRACEVFORKDONE = 0x20
export const PTRACE_O_TRACEEXIT = 0x40
export const PTRACE_O_TRACESECCOMP = 0x80
export const PTRACE_O_EXITKILL = 0x100000
export const PTRACE_O_SUSPEND_SECCOMP = 0x200000
export const PTRACE_O_MASK = 0x3000ff

// events
export const PTRACE_EVENTMSG_SYSCALL_ENTRY = 1
export const PTRACE_EVENTMSG_SYSCALL_EXIT = 2
export const PTRACE_EVENT_FORK = 1
export const PTRACE_EVENT_VFORK = 2
export const PTRACE_EVENT_CLONE = 3
export const PTRACE_EVENT_EXEC = 4
export const PTRACE_EVENT_VFORK_DONE = 5
export const PTRACE_EVENT_EXIT = 6
export const PTRACE_EVENT_SECCOMP = 7
export const PTRACE_EVENT_STOP = 128

// task->ptrace
export const PT_SEIZED = 0x10000
export const PT_PTRACED = 0x1
export const PT_TRACESYSGOOD = 0x8
export const PT_TRACE_FORK = 0x10
export const PT_TRACE_VFORK = 0x20
export const PT_TRACE_CLONE = 0x40
export const PT_TRACE_EXEC = 0x80
export const PT_TRACE_VFORK_DONE = 0x100
export const PT_TRACE_EXIT = 0x200
export const PT_TRACE_SECCOMP = 0x400
export const PT_EXITKILL = 0x800000
export const PT_SUSPEND_SECCOMP = 0x1000000

// mode of ptrace_access_check
export const PTRACE_MODE_READ = 0x1
export const PTRACE_MODE_ATTACH = 0x2
export const PTRACE_MODE_NOAUDIT = 0x4
export const PTRACE_MODE_FSCREDS = 0x8
export const PTRACE_MODE_REALCREDS = 0x10
export const PTRACE_MODE_READ_FSCREDS = 0x9
export const PTRACE_MODE_READ_REALCREDS = 0x11
export const PTRACE_MODE_ATTACH_FSCREDS = 0xa
export const PTRACE_MODE_ATTACH_REALCREDS = 0x12
