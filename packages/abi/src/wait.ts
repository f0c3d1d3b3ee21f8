/** Options and id types of wait4(2) and waitid(2), and how a status word is made. */

export const WNOHANG = 0x00000001
export const WUNTRACED = 0x00000002
export const WSTOPPED = WUNTRACED
export const WEXITED = 0x00000004
export const WCONTINUED = 0x00000008
export const WNOWAIT = 0x01000000
export const __WNOTHREAD = 0x20000000
export const __WALL = 0x40000000
/** Bit 31: compare with `>>> 0`. */
export const __WCLONE = 0x80000000

// waitid(2)
export const P_ALL = 0
export const P_PID = 1
export const P_PGID = 2
export const P_PIDFD = 3

/** The status of a process that called exit with `code`. */
export const waitExited = (code: number): number => (code & 0xff) << 8
/** The status of a process that `signal` ended; bit 7 says that it dumped core. */
export const waitSignalled = (signal: number, dumped = false): number => (signal & 0x7f) | (dumped ? 0x80 : 0)
/** The status of a stopped process: the signal, and a ptrace event in the third byte. */
export const waitStopped = (signal: number, event = 0): number => 0x7f | ((signal & 0xff) << 8) | (event << 16)
export const WAIT_CONTINUED = 0xffff

export const WIFEXITED = (status: number): boolean => (status & 0x7f) === 0
export const WEXITSTATUS = (status: number): number => (status >> 8) & 0xff
export const WIFSIGNALED = (status: number): boolean =>
  (status & 0x7f) !== 0 && (status & 0xff) !== 0x7f && status !== WAIT_CONTINUED
export const WTERMSIG = (status: number): number => status & 0x7f
export const WIFSTOPPED = (status: number): boolean => (status & 0xff) === 0x7f
export const WSTOPSIG = (status: number): number => (status >> 8) & 0xff
export const WIFCONTINUED = (status: number): boolean => status === WAIT_CONTINUED
