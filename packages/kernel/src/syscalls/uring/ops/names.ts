/** Operations on names: opening, changing directories, attributes (io_uring/openclose.c, fs.c, xattr.c, statx.c). */
import {
  EINVAL, O_CLOEXEC, O_CREAT, O_TRUNC, RESOLVE_CACHED, __O_TMPFILE,
} from '@lsmkit/abi'
import type { Machine } from '../../../machine.ts'
import type { Kstat } from '../../../state/vfs/kstat.ts'
import { nameSyscalls } from '../../names.ts'
import { openSyscalls } from '../../opens.ts'
import { statSyscalls } from '../../stats.ts'
import { xattrSyscalls } from '../../xattrs.ts'
import { direct, guestBytes, withDescriptor } from '../operation.ts'
import type { OperationRow } from '../operation.ts'
import type { Request } from '../../../state/uring/ring.ts'

interface How {
  readonly flags: number
  readonly mode: number
  readonly resolve: number
}

const howOf = ({ sqe }: Request): How | null => (typeof sqe.addr2 === 'object' ? (sqe.addr2 as How | null) : null)

/** Opening a name that is known does not wait; making a file, or making it empty, does. */
const mayWait = (flags: number): boolean => (flags & (O_TRUNC | O_CREAT | __O_TMPFILE)) !== 0

/** A registered file is closed by no exec. */
const isMixed = ({ sqe }: Request, flags: number): boolean => (sqe.file_index ?? 0) !== 0 && (flags & O_CLOEXEC) !== 0

const dirOf = ({ sqe }: Request): number => sqe.fd ?? 0
const flagsOf = ({ sqe }: Request): number => sqe.rw_flags ?? 0

/** Changes of names always wait for the disk. */
const change = (issue: (machine: Machine, request: Request) => number): OperationRow => ({ isAsync: 'always', issue })

export const nameOperations = {
  openat: {
    isAsync: (request: Request) => mayWait(flagsOf(request)),
    prep: (request: Request) => (isMixed(request, flagsOf(request)) ? -EINVAL : 0),
    issue: (machine: Machine, request: Request) =>
      direct(machine, request,
        openSyscalls.openat(machine, dirOf(request), request.sqe.addr, flagsOf(request), request.sqe.len ?? 0)),
  },
  openat2: {
    isAsync: (request: Request) => {
      const how = howOf(request)
      return how !== null && (mayWait(how.flags) || (how.resolve & RESOLVE_CACHED) !== 0)
    },
    prep: (request: Request) => (isMixed(request, howOf(request)?.flags ?? 0) ? -EINVAL : 0),
    issue: (machine: Machine, request: Request) =>
      direct(machine, request, openSyscalls.openat2(machine, dirOf(request), request.sqe.addr, howOf(request))),
  },
  statx: change((machine, request) =>
    statSyscalls.statx(machine, dirOf(request), request.sqe.addr, flagsOf(request), request.sqe.len ?? 0,
      (request.sqe.addr2 ?? null) as Kstat | null)),
  renameat: change((machine, request) =>
    nameSyscalls.renameat2(machine, dirOf(request), request.sqe.addr, request.sqe.len ?? 0, request.sqe.addr2,
      flagsOf(request))),
  unlinkat: change((machine, request) =>
    nameSyscalls.unlinkat(machine, dirOf(request), request.sqe.addr, flagsOf(request))),
  mkdirat: change((machine, request) =>
    nameSyscalls.mkdirat(machine, dirOf(request), request.sqe.addr, request.sqe.len ?? 0)),
  symlinkat: change((machine, request) =>
    nameSyscalls.symlinkat(machine, request.sqe.addr, dirOf(request), request.sqe.addr2)),
  linkat: change((machine, request) =>
    nameSyscalls.linkat(machine, dirOf(request), request.sqe.addr, request.sqe.len ?? 0, request.sqe.addr2,
      flagsOf(request))),
  setxattr: change((machine, { sqe }) =>
    xattrSyscalls.setxattr(machine, sqe.addr3, sqe.addr, guestBytes(sqe.addr2), sqe.rw_flags ?? 0)),
  getxattr: change((machine, { sqe }) =>
    xattrSyscalls.getxattr(machine, sqe.addr3, sqe.addr, guestBytes(sqe.addr2))),
  fsetxattr: {
    ...change((machine, request) => withDescriptor(machine, request, (fd) =>
      xattrSyscalls.fsetxattr(machine, fd, request.sqe.addr, guestBytes(request.sqe.addr2),
        flagsOf(request)))),
    needsFile: true,
  },
  fgetxattr: {
    ...change((machine, request) => withDescriptor(machine, request, (fd) =>
      xattrSyscalls.fgetxattr(machine, fd, request.sqe.addr, guestBytes(request.sqe.addr2)))),
    needsFile: true,
  },
} as const satisfies Record<string, OperationRow>
