/** Takes requests out of a ring, checks them, and begins them alone or as chains (`io_submit_sqes`). */
import {
  EACCES, EAGAIN, ECANCELED, EINVAL, EOPNOTSUPP, IORING_OP_LAST, IORING_SETUP_IOPOLL, IORING_SETUP_SUBMIT_ALL,
  IOSQE_ASYNC, IOSQE_BUFFER_SELECT, IOSQE_CQE_SKIP_SUCCESS, IOSQE_FIXED_FILE, IOSQE_IO_DRAIN, IOSQE_IO_HARDLINK,
  IOSQE_IO_LINK,
} from '@lsmkit/abi'
import type { Machine } from '../../machine.ts'
import { COST } from '../../state/memory-costs.ts'
import type { IoUringSqe } from '../../state/uring/entries.ts'
import { start } from './complete.ts'
import { operationOf } from './operations.ts'
import { uringTable } from './table.ts'
import { Request } from '../../state/uring/ring.ts'
import type { Restrictions, Ring } from '../../state/uring/ring.ts'

const VALID_FLAGS = IOSQE_FIXED_FILE | IOSQE_IO_DRAIN | IOSQE_IO_LINK | IOSQE_IO_HARDLINK | IOSQE_ASYNC |
  IOSQE_BUFFER_SELECT | IOSQE_CQE_SKIP_SUCCESS

const isRestricted = ({ operations, allowed, required }: Restrictions, { sqe, flags }: Request): boolean =>
  !operations.has(sqe.opcode) || (flags & required) !== required || (flags & ~(allowed | required)) !== 0

const NUMBERS = [
  'opcode', 'flags', 'ioprio', 'fd', 'off', 'len', 'rw_flags', 'buf_index', 'personality', 'splice_fd_in',
  'splice_off_in', 'file_index', 'cmd_op', 'level', 'optname', 'optlen',
] as const

const POINTERS = ['addr', 'addr2', 'addr3', 'user_data', 'optval'] as const
const FIELDS: ReadonlySet<string> = new Set<keyof IoUringSqe>([...NUMBERS, ...POINTERS])

/** A field that no request has, a fraction or NaN: a mistake of JavaScript code. */
const fitsNoMemory = (sqe: IoUringSqe): boolean =>
  Object.keys(sqe).some((name) => !FIELDS.has(name)) ||
  NUMBERS.some((name) => sqe[name] !== undefined && !Number.isInteger(sqe[name]))

/** Registered credentials, which the LSMs are asked about. */
const takePersonality = (machine: Machine, request: Request, id: number): number => {
  const creds = request.ring.personalities.get(id)
  if (creds === undefined) return -EINVAL
  const rc = machine.lsm.uring_override_creds.ask(creds)
  if (rc === 0) request.creds = machine.creds.get_cred(creds)
  return rc
}

/** As `io_init_req`: what is wrong with the request, or 0. */
const check = (machine: Machine, request: Request): number => {
  const { ring, sqe, flags } = request
  const { opcode } = sqe
  if (fitsNoMemory(sqe) || opcode < 0 || opcode >= IORING_OP_LAST) return -EINVAL
  const operation = operationOf(opcode)
  if ((flags & ~VALID_FLAGS) !== 0) return -EINVAL
  // no operation here picks its buffer from a group
  if ((flags & IOSQE_BUFFER_SELECT) !== 0) return -EOPNOTSUPP
  if ((flags & IOSQE_CQE_SKIP_SUCCESS) !== 0) ring.canDrain = false
  if ((flags & IOSQE_IO_DRAIN) !== 0 && !ring.canDrain) return -EOPNOTSUPP
  if (ring.isRestricted && isRestricted(ring.restrictions!, request)) return -EACCES
  if (!operation.hasIoprio && (sqe.ioprio ?? 0) !== 0) return -EINVAL
  if (!operation.isPollable && (ring.flags & IORING_SETUP_IOPOLL) !== 0) return -EINVAL
  const personality = sqe.personality ?? 0
  const rc = personality === 0 ? 0 : takePersonality(machine, request, personality)
  return rc !== 0 ? rc : operation.prep(request)
}

/** A chain that is being put together. */
class Chain {
  head: Request | null = null
  #last: Request | null = null

  add(request: Request): void {
    if (this.head === null) this.head = request
    else this.#last!.link = request
    this.#last = request
  }

  /** A request of it is wrong: none of it is begun. */
  fail(): void {
    if (this.head !== null && this.head.error === 0) this.head.error = -ECANCELED
  }

  take(): Request | null {
    const { head } = this
    this.head = null
    return head
  }
}

/** Submits at most `count` requests: how many were taken, or -EAGAIN where there is no memory for any. */
export const submit = (machine: Machine, ring: Ring, count: number): number => {
  const wanted = Math.min(count, ring.sq.length)
  const chain = new Chain()
  let taken = 0
  while (taken < wanted && ring.account.charge(COST.event)) {
    // read once: the program may change it from here on (IORING_FEAT_SUBMIT_STABLE)
    const request = new Request(ring, { ...ring.sq.shift()! }, machine.current.task)
    taken++
    ring.inflight.add(request)
    uringTable(machine).of(request.task).rings.add(ring)
    request.error = check(machine, request)
    if (request.error !== 0) chain.fail()
    if (chain.head !== null || request.isLinked) chain.add(request)
    if (!request.isLinked) start(machine, chain.take() ?? request)
    uringTable(machine).runReady()
    const stops = request.error !== 0 && !request.isLinked && (ring.flags & IORING_SETUP_SUBMIT_ALL) === 0
    if (stops) break
  }
  const rest = chain.take()
  if (rest !== null) start(machine, rest)
  uringTable(machine).runReady()
  return taken === 0 && wanted > 0 ? -EAGAIN : taken
}
