/** io_uring_register: what a ring knows beforehand, by command (io_uring/register.c). */
import {
  EACCES, EBADF, EBADFD, EBUSY, EEXIST, EFAULT, EINVAL, ENXIO, EOPNOTSUPP, IORING_OP_LAST, IORING_REGISTER_BUFFERS,
  IORING_REGISTER_ENABLE_RINGS, IORING_REGISTER_EVENTFD, IORING_REGISTER_EVENTFD_ASYNC, IORING_REGISTER_FILES,
  IORING_REGISTER_FILES_UPDATE, IORING_REGISTER_LAST, IORING_REGISTER_PERSONALITY, IORING_REGISTER_PROBE,
  IORING_REGISTER_RESTRICTIONS, IORING_REGISTER_RING_FDS, IORING_REGISTER_USE_REGISTERED_RING,
  IORING_RESTRICTION_REGISTER_OP, IORING_RESTRICTION_SQE_FLAGS_ALLOWED, IORING_RESTRICTION_SQE_FLAGS_REQUIRED,
  IORING_RESTRICTION_SQE_OP, IORING_SETUP_R_DISABLED, IORING_SETUP_SINGLE_ISSUER, IORING_UNREGISTER_BUFFERS,
  IORING_UNREGISTER_EVENTFD, IORING_UNREGISTER_FILES, IORING_UNREGISTER_PERSONALITY, IORING_UNREGISTER_RING_FDS,
  IO_URING_OP_SUPPORTED,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { isGuestBytes } from '../../state/guest-bytes.ts'
import { fget } from '../../state/vfs/fdtable.ts'
import { isEventfd } from '../event-fds.ts'
import type { IoUringProbe, IoUringRestriction } from '../../state/uring/entries.ts'
import { dropFiles, registerFiles, updateFiles } from './files.ts'
import { numberOf } from './operation.ts'
import { isSupported } from './operations.ts'
import { ringOfFd } from './ring-of-fd.ts'
import { registerRings, unregisterRings } from './registered-rings.ts'
import type { Restrictions, Ring } from '../../state/uring/ring.ts'

type Command = (machine: Machine, ring: Ring, arg: unknown, nr_args: number) => number

const IORING_MAX_REG_BUFFERS = 1 << 14
const MAX_PERSONALITIES = 0xffff
const IORING_MAX_RESTRICTIONS = IORING_RESTRICTION_SQE_FLAGS_REQUIRED + 1 + IORING_REGISTER_LAST + IORING_OP_LAST

/** The fields of a struct; of anything else there are none. */
const fieldsOf = (arg: unknown): Readonly<Record<string, unknown>> =>
  typeof arg === 'object' && arg !== null ? (arg as Readonly<Record<string, unknown>>) : {}

/** Commands that take nothing. */
const bare = (run: (machine: Machine, ring: Ring) => number): Command => (machine, ring, arg, nr_args) =>
  ((arg ?? 0) !== 0 || nr_args !== 0 ? -EINVAL : run(machine, ring))

const registerBuffers: Command = (_machine, ring, arg, nr_args) => {
  if (!Array.isArray(arg)) return -EFAULT
  if (ring.buffers !== null) return -EBUSY
  if (nr_args === 0 || nr_args > IORING_MAX_REG_BUFFERS) return -EINVAL
  const buffers = arg.slice(0, nr_args) as unknown[]
  if (buffers.length < nr_args) return -EFAULT
  if (!buffers.every((buffer) => buffer === null || isGuestBytes(buffer))) return -EFAULT
  ring.buffers = buffers
  return 0
}

const registerEventfd: Command = (machine, ring, arg, nr_args) => {
  if (nr_args !== 1) return -EINVAL
  if (ring.eventfd !== null) return -EBUSY
  const { value } = fieldsOf(arg)
  if (!Number.isInteger(value)) return -EFAULT
  const file = fget(machine.current.task, value as number)
  if (file === null) return -EBADF
  if (!isEventfd(machine, file)) return -EINVAL
  file.f_count++
  ring.eventfd = file
  return 0
}

export const dropEventfd = (machine: Machine, ring: Ring): void => {
  if (ring.eventfd !== null) machine.vfs.fput(ring.eventfd)
  ring.eventfd = null
}

const probe: Command = (_machine, _ring, arg, nr_args) => {
  if ((arg ?? 0) === 0 || nr_args > 256) return -EINVAL
  if (typeof arg !== 'object' || Array.isArray(arg)) return -EFAULT
  const found = arg as IoUringProbe
  if ((found.last_op ?? 0) !== 0 || (found.ops_len ?? 0) !== 0 || (found.ops ?? []).length > 0) return -EINVAL
  const count = Math.min(nr_args, IORING_OP_LAST)
  found.last_op = IORING_OP_LAST - 1
  found.ops_len = count
  found.ops = Array.from({ length: count }, (_, op) => ({ op, flags: isSupported(op) ? IO_URING_OP_SUPPORTED : 0 }))
  return 0
}

/** A number for the caller's credentials; numbers are not given again soon. */
const registerPersonality = (machine: Machine, ring: Ring): number => {
  if (ring.personalities.size >= MAX_PERSONALITIES) return -EBUSY
  let id = ring.nextPersonality
  while (ring.personalities.has(id)) id = id % MAX_PERSONALITIES + 1
  ring.nextPersonality = id % MAX_PERSONALITIES + 1
  ring.personalities.set(id, machine.creds.get_cred(machine.current.task.cred))
  return id
}

const unregisterPersonality: Command = (machine, ring, arg, id) => {
  if ((arg ?? 0) !== 0) return -EINVAL
  const creds = ring.personalities.get(id)
  if (creds === undefined) return -EINVAL
  ring.personalities.delete(id)
  machine.creds.put_cred(creds)
  return 0
}

const restrict = (restrictions: Restrictions, { opcode, value }: IoUringRestriction): number => {
  switch (opcode) {
    case IORING_RESTRICTION_REGISTER_OP:
      restrictions.commands.add(value)
      return value >= IORING_REGISTER_LAST ? -EINVAL : 0
    case IORING_RESTRICTION_SQE_OP:
      restrictions.operations.add(value)
      return value >= IORING_OP_LAST ? -EINVAL : 0
    case IORING_RESTRICTION_SQE_FLAGS_ALLOWED:
      restrictions.allowed = value
      return 0
    case IORING_RESTRICTION_SQE_FLAGS_REQUIRED:
      restrictions.required = value
      return 0
    default:
      return -EINVAL
  }
}

/** Once, while the ring is disabled. */
const registerRestrictions: Command = (_machine, ring, arg, nr_args) => {
  if ((ring.flags & IORING_SETUP_R_DISABLED) === 0) return -EBADFD
  if (ring.restrictions !== null) return -EBUSY
  if ((arg ?? 0) === 0 || nr_args > IORING_MAX_RESTRICTIONS) return -EINVAL
  if (!Array.isArray(arg) || arg.length < nr_args) return -EFAULT
  const restrictions: Restrictions = { commands: new Set(), operations: new Set(), allowed: 0, required: 0 }
  for (const entry of (arg as readonly unknown[]).slice(0, nr_args)) {
    const { opcode, value } = fieldsOf(entry)
    const rc = restrict(restrictions, { opcode: numberOf(opcode), value: numberOf(value) })
    if (rc !== 0) return rc
  }
  ring.restrictions = restrictions
  return 0
}

const enable = (machine: Machine, ring: Ring): number => {
  if ((ring.flags & IORING_SETUP_R_DISABLED) === 0) return -EBADFD
  if ((ring.flags & IORING_SETUP_SINGLE_ISSUER) !== 0) ring.submitter ??= machine.current.task
  ring.isRestricted = ring.restrictions !== null
  ring.flags &= ~IORING_SETUP_R_DISABLED
  ring.poller?.noticed()
  return 0
}

/** Forgets what is registered, or -ENXIO where nothing is. */
const forget = (isThere: (ring: Ring) => boolean, drop: (machine: Machine, ring: Ring) => void): Command =>
  bare((machine, ring) => {
    if (!isThere(ring)) return -ENXIO
    drop(machine, ring)
    return 0
  })

const commands: ReadonlyMap<number, Command> = new Map<number, Command>([
  [IORING_REGISTER_BUFFERS, registerBuffers],
  [IORING_UNREGISTER_BUFFERS, forget(({ buffers }) => buffers !== null, (_machine, ring) => (ring.buffers = null))],
  [IORING_REGISTER_FILES, registerFiles],
  [IORING_UNREGISTER_FILES, forget(({ files }) => files !== null, dropFiles)],
  [IORING_REGISTER_FILES_UPDATE, (machine, ring, arg, nr_args) => {
    const { offset, fds } = fieldsOf(arg)
    if (!Array.isArray(fds)) return -EFAULT
    return updateFiles(machine, ring, numberOf(offset), fds as readonly number[], nr_args)
  }],
  [IORING_REGISTER_EVENTFD, registerEventfd],
  [IORING_REGISTER_EVENTFD_ASYNC, registerEventfd],
  [IORING_UNREGISTER_EVENTFD, forget(({ eventfd }) => eventfd !== null, dropEventfd)],
  [IORING_REGISTER_PROBE, probe],
  [IORING_REGISTER_PERSONALITY, bare(registerPersonality)],
  [IORING_UNREGISTER_PERSONALITY, unregisterPersonality],
  [IORING_REGISTER_RESTRICTIONS, registerRestrictions],
  [IORING_REGISTER_ENABLE_RINGS, bare(enable)],
  [IORING_REGISTER_RING_FDS, registerRings],
  [IORING_UNREGISTER_RING_FDS, unregisterRings],
])

export const io_uring_register = (
  machine: Machine, fd: number, opcode: number, arg: unknown, nr_args: number,
): number => {
  const isRegistered = (opcode & IORING_REGISTER_USE_REGISTERED_RING) !== 0
  const command = (opcode & ~IORING_REGISTER_USE_REGISTERED_RING) >>> 0
  if (command >= IORING_REGISTER_LAST) return -EINVAL
  const ring = ringOfFd(machine, fd, isRegistered)
  if (typeof ring === 'number') return ring
  if (ring.submitter !== null && ring.submitter !== machine.current.task) return -EEXIST
  if (ring.isRestricted && !ring.restrictions!.commands.has(command)) return -EACCES
  const run = commands.get(command)
  return run === undefined ? -EOPNOTSUPP : run(machine, ring, arg, nr_args)
}
