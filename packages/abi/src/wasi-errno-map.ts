/** Error numbers of Linux and WASI preview 1 turned into one another. */
import * as linux from './errno.ts'
import * as wasi from './wasi-errno.ts'

/** One line a pair that means the same on both sides. */
const same = [
  [linux.E2BIG, wasi.WASI_ERRNO_2BIG],
  [linux.EACCES, wasi.WASI_ERRNO_ACCES],
  [linux.EADDRINUSE, wasi.WASI_ERRNO_ADDRINUSE],
  [linux.EADDRNOTAVAIL, wasi.WASI_ERRNO_ADDRNOTAVAIL],
  [linux.EAFNOSUPPORT, wasi.WASI_ERRNO_AFNOSUPPORT],
  [linux.EAGAIN, wasi.WASI_ERRNO_AGAIN],
  [linux.EALREADY, wasi.WASI_ERRNO_ALREADY],
  [linux.EBADF, wasi.WASI_ERRNO_BADF],
  [linux.EBADMSG, wasi.WASI_ERRNO_BADMSG],
  [linux.EBUSY, wasi.WASI_ERRNO_BUSY],
  [linux.ECANCELED, wasi.WASI_ERRNO_CANCELED],
  [linux.ECHILD, wasi.WASI_ERRNO_CHILD],
  [linux.ECONNABORTED, wasi.WASI_ERRNO_CONNABORTED],
  [linux.ECONNREFUSED, wasi.WASI_ERRNO_CONNREFUSED],
  [linux.ECONNRESET, wasi.WASI_ERRNO_CONNRESET],
  [linux.EDEADLK, wasi.WASI_ERRNO_DEADLK],
  [linux.EDESTADDRREQ, wasi.WASI_ERRNO_DESTADDRREQ],
  [linux.EDOM, wasi.WASI_ERRNO_DOM],
  [linux.EDQUOT, wasi.WASI_ERRNO_DQUOT],
  [linux.EEXIST, wasi.WASI_ERRNO_EXIST],
  [linux.EFAULT, wasi.WASI_ERRNO_FAULT],
  [linux.EFBIG, wasi.WASI_ERRNO_FBIG],
  [linux.EHOSTUNREACH, wasi.WASI_ERRNO_HOSTUNREACH],
  [linux.EIDRM, wasi.WASI_ERRNO_IDRM],
  [linux.EILSEQ, wasi.WASI_ERRNO_ILSEQ],
  [linux.EINPROGRESS, wasi.WASI_ERRNO_INPROGRESS],
  [linux.EINTR, wasi.WASI_ERRNO_INTR],
  [linux.EINVAL, wasi.WASI_ERRNO_INVAL],
  [linux.EIO, wasi.WASI_ERRNO_IO],
  [linux.EISCONN, wasi.WASI_ERRNO_ISCONN],
  [linux.EISDIR, wasi.WASI_ERRNO_ISDIR],
  [linux.ELOOP, wasi.WASI_ERRNO_LOOP],
  [linux.EMFILE, wasi.WASI_ERRNO_MFILE],
  [linux.EMLINK, wasi.WASI_ERRNO_MLINK],
  [linux.EMSGSIZE, wasi.WASI_ERRNO_MSGSIZE],
  [linux.EMULTIHOP, wasi.WASI_ERRNO_MULTIHOP],
  [linux.ENAMETOOLONG, wasi.WASI_ERRNO_NAMETOOLONG],
  [linux.ENETDOWN, wasi.WASI_ERRNO_NETDOWN],
  [linux.ENETRESET, wasi.WASI_ERRNO_NETRESET],
  [linux.ENETUNREACH, wasi.WASI_ERRNO_NETUNREACH],
  [linux.ENFILE, wasi.WASI_ERRNO_NFILE],
  [linux.ENOBUFS, wasi.WASI_ERRNO_NOBUFS],
  [linux.ENODEV, wasi.WASI_ERRNO_NODEV],
  [linux.ENOENT, wasi.WASI_ERRNO_NOENT],
  [linux.ENOEXEC, wasi.WASI_ERRNO_NOEXEC],
  [linux.ENOLCK, wasi.WASI_ERRNO_NOLCK],
  [linux.ENOLINK, wasi.WASI_ERRNO_NOLINK],
  [linux.ENOMEM, wasi.WASI_ERRNO_NOMEM],
  [linux.ENOMSG, wasi.WASI_ERRNO_NOMSG],
  [linux.ENOPROTOOPT, wasi.WASI_ERRNO_NOPROTOOPT],
  [linux.ENOSPC, wasi.WASI_ERRNO_NOSPC],
  [linux.ENOSYS, wasi.WASI_ERRNO_NOSYS],
  [linux.ENOTCONN, wasi.WASI_ERRNO_NOTCONN],
  [linux.ENOTDIR, wasi.WASI_ERRNO_NOTDIR],
  [linux.ENOTEMPTY, wasi.WASI_ERRNO_NOTEMPTY],
  [linux.ENOTRECOVERABLE, wasi.WASI_ERRNO_NOTRECOVERABLE],
  [linux.ENOTSOCK, wasi.WASI_ERRNO_NOTSOCK],
  [linux.EOPNOTSUPP, wasi.WASI_ERRNO_NOTSUP],
  [linux.ENOTTY, wasi.WASI_ERRNO_NOTTY],
  [linux.ENXIO, wasi.WASI_ERRNO_NXIO],
  [linux.EOVERFLOW, wasi.WASI_ERRNO_OVERFLOW],
  [linux.EOWNERDEAD, wasi.WASI_ERRNO_OWNERDEAD],
  [linux.EPERM, wasi.WASI_ERRNO_PERM],
  [linux.EPIPE, wasi.WASI_ERRNO_PIPE],
  [linux.EPROTO, wasi.WASI_ERRNO_PROTO],
  [linux.EPROTONOSUPPORT, wasi.WASI_ERRNO_PROTONOSUPPORT],
  [linux.EPROTOTYPE, wasi.WASI_ERRNO_PROTOTYPE],
  [linux.ERANGE, wasi.WASI_ERRNO_RANGE],
  [linux.EROFS, wasi.WASI_ERRNO_ROFS],
  [linux.ESPIPE, wasi.WASI_ERRNO_SPIPE],
  [linux.ESRCH, wasi.WASI_ERRNO_SRCH],
  [linux.ESTALE, wasi.WASI_ERRNO_STALE],
  [linux.ETIMEDOUT, wasi.WASI_ERRNO_TIMEDOUT],
  [linux.ETXTBSY, wasi.WASI_ERRNO_TXTBSY],
  [linux.EXDEV, wasi.WASI_ERRNO_XDEV],
] as const
/** What WASI cannot say: the nearest it can. A number in neither list is told as WASI_ERRNO_IO. */
const nearest = [
  [linux.ENOTSUPP, wasi.WASI_ERRNO_NOTSUP],
  [linux.ENOTBLK, wasi.WASI_ERRNO_NOTSUP],
  [linux.EPFNOSUPPORT, wasi.WASI_ERRNO_AFNOSUPPORT],
  [linux.ESOCKTNOSUPPORT, wasi.WASI_ERRNO_PROTONOSUPPORT],
  [linux.ESHUTDOWN, wasi.WASI_ERRNO_PIPE],
  [linux.EHOSTDOWN, wasi.WASI_ERRNO_HOSTUNREACH],
  [linux.EBADFD, wasi.WASI_ERRNO_BADF],
  [linux.ENODATA, wasi.WASI_ERRNO_NOENT],
  [linux.ENOKEY, wasi.WASI_ERRNO_NOENT],
  [linux.EKEYEXPIRED, wasi.WASI_ERRNO_ACCES],
  [linux.EKEYREVOKED, wasi.WASI_ERRNO_ACCES],
  [linux.EKEYREJECTED, wasi.WASI_ERRNO_ACCES],
  [linux.ETIME, wasi.WASI_ERRNO_TIMEDOUT],
  [linux.EUSERS, wasi.WASI_ERRNO_AGAIN],
  [linux.ELIBBAD, wasi.WASI_ERRNO_NOEXEC],
  [linux.ENOPARAM, wasi.WASI_ERRNO_INVAL],
  [linux.ENOIOCTLCMD, wasi.WASI_ERRNO_NOTTY],
  [linux.ERESTART, wasi.WASI_ERRNO_INTR],
  [linux.ERESTARTSYS, wasi.WASI_ERRNO_INTR],
  [linux.ERESTARTNOINTR, wasi.WASI_ERRNO_INTR],
  [linux.ERESTARTNOHAND, wasi.WASI_ERRNO_INTR],
  [linux.ERESTART_RESTARTBLOCK, wasi.WASI_ERRNO_INTR],
] as const

const toWasi = /* @__PURE__ */ (() => {
  const table = new Uint8Array(1024).fill(wasi.WASI_ERRNO_IO)
  table[0] = wasi.WASI_ERRNO_SUCCESS
  for (const [from, to] of [...same, ...nearest]) table[from] = to
  return table
})()

const fromWasi = /* @__PURE__ */ (() => {
  const table = new Uint8Array(wasi.WASI_ERRNO_NOTCAPABLE + 1)
  for (const [to, from] of same) table[from] = to
  table[wasi.WASI_ERRNO_NOTCAPABLE] = linux.EPERM
  return table
})()

/** The WASI error of a Linux one, given as `errno` or `-errno`; 0 stays 0. */
export const wasiErrno = (rc: number): number => toWasi[rc < 0 ? -rc : rc] ?? wasi.WASI_ERRNO_IO

/** The positive Linux errno of a WASI error: EPERM for `notcapable`, EIO for a number WASI does not have. */
export const linuxErrno = (error: number): number => fromWasi[error] ?? linux.EIO
