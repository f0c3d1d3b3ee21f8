/** The state of calls that move bytes: the process, and the list of buffers of the call under way. */
import type { UserMsghdr } from '@lsmkit/kernel'
import { Iovecs } from '../iovec.ts'
import type { Process } from '../process.ts'

export class Io {
  readonly process: Process
  readonly iovecs: Iovecs

  constructor(process: Process) {
    this.process = process
    this.iovecs = new Iovecs(process.memory, process.budget.isTimed)
  }
}

/** A message of the buffers that were gathered; `msg_name` is the address, or room for one. */
export const messageInto = ({ iovecs: { only, all } }: Io, msg_name: Uint8Array | null): UserMsghdr =>
  ({ msg_name, msg_iov: only === null ? all : [only], msg_control: null, msg_flags: 0 })
