/** Asks whether a task may connect, without connecting. The host makes the connection itself afterwards. */
import { EBADF, SOCK_STREAM } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { opsOf, setOps } from '../state/net/proto.ts'
import { fget } from '../state/vfs/fdtable.ts'
import type { SysCalls } from './entry.ts'

/** The members of a kernel that are needed. */
interface Asked {
  readonly sys: SysCalls
  readonly machine: Machine
}

/**
 * 0, or the -errno of `socket` or `connect`. The network of this socket accepts every address, so a refusal always
 * comes from a filter, a module or the kernel's own checks.
 */
export const askConnect = ({ sys, machine }: Asked, task: Task, address: Uint8Array): number => {
  const fd = sys.socket(task, (address[0] ?? 0) | ((address[1] ?? 0) << 8), SOCK_STREAM, 0)
  if (fd < 0) return fd
  try {
    const file = fget(task, fd)
    const sock = file === null ? null : machine.net.sock_from_file(file)
    if (sock === null) return -EBADF
    setOps(sock, Object.assign(Object.create(opsOf(sock)), { connect: () => 0 }))
    return sys.connect(task, fd, address, address.length)
  } finally {
    sys.close(task, fd)
  }
}
