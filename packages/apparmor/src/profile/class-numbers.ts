/** Classes of strings in a policy, as their first byte; names beside those that 6.12 has. */
export {
  AA_CLASS_DBUS, AA_CLASS_FILE, AA_CLASS_IO_URING, AA_CLASS_LABEL, AA_CLASS_MOUNT, AA_CLASS_NET, AA_CLASS_NS,
  AA_CLASS_POSIX_MQUEUE, AA_CLASS_PTRACE, AA_CLASS_SIGNAL,
} from '../classes.ts'

/** The older class of sockets, which unix rules have on kernels without the newer one. */
export const CLASS_OLD_NET = 4
export const CLASS_SYSV_MQUEUE = 18
