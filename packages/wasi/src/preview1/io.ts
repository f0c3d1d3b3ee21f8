/** The state of calls that move bytes: the process, and the list of buffers of the call under way. */
import type { UserMsghdr } from '@lsmkit/kernel'
import { Iovecs } from '../iovec.ts'
import type { Process } from '../process.ts'

/** Fields of the process that these calls use, taken once: a call of 40 ns notices each further step to them. */
export class Io {
  readonly sys: Process['sys']
  readonly task: Process['task']
  readonly memory: Process['memory']
  readonly descriptors: Process['descriptors']
  readonly budget: Process['budget']
  readonly waits: Process['waits']
  readonly iovecs: Iovecs

  constructor({ sys, task, memory, descriptors, budget, waits }: Process) {
    this.sys = sys
    this.task = task
    this.memory = memory
    this.descriptors = descriptors
    this.budget = budget
    this.waits = waits
    this.iovecs = new Iovecs(memory, budget.isTimed)
  }
}

/** A message of the buffers that were gathered; `msg_name` is the address, or room for one. */
export const messageInto = ({ iovecs: { only, all } }: Io, msg_name: Uint8Array | null): UserMsghdr =>
  ({ msg_name, msg_iov: only === null ? all : [only], msg_control: null, msg_flags: 0 })
