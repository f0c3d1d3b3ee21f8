/** io_uring as C programs use it: the recorder's ring, one request at a time. */
import {
  IORING_OFF_SQES, IORING_OFF_SQ_RING, IORING_OP_OPENAT, IORING_OP_READ, IORING_OP_WRITE, MAP_POPULATE, MAP_SHARED,
  PROT_READ, PROT_WRITE,
} from '@lsmkit/abi'
import { userRing } from '@lsmkit/kernel'
import type { IoUringParams, IoUringSqe, UserRing } from '@lsmkit/kernel'
import type { Actor } from './actor.ts'
import type { Builtin, CMachine } from './machine.ts'

const SQE = 'io_uring_sqe'
const PARAMS = 'io_uring_params'
const ENTRIES = 4
const NAMED = [
  'opcode', 'flags', 'ioprio', 'fd', 'off', 'len', 'rw_flags', 'buf_index', 'personality', 'file_index',
] as const

export const URING_HEADERS = `
struct ${SQE} {
  uint8_t opcode; uint8_t flags; uint16_t ioprio; int fd;
  union { uint64_t off; uint64_t addr2; uint32_t cmd_op; };
  union { uint64_t addr; uint64_t splice_off_in; };
  uint32_t len; union { uint32_t rw_flags; uint32_t open_flags; uint32_t msg_flags; };
  uint64_t user_data; uint16_t buf_index; uint16_t personality;
  union { int splice_fd_in; uint32_t file_index; }; uint64_t addr3; uint64_t pad;
};
struct ${PARAMS} {
  uint32_t sq_entries; uint32_t cq_entries; uint32_t flags; uint32_t sq_thread_cpu; uint32_t sq_thread_idle;
  uint32_t features; uint32_t wq_fd; uint32_t resv[3]; uint32_t sq_off[10]; uint32_t cq_off[10];
};
`
export const URING_GLOBALS = `struct ${SQE} the_sqe; struct ${SQE} *sqe = &the_sqe; struct ${PARAMS} up;`

/** The ring that a text has mapped last. */
const rings = new WeakMap<CMachine, UserRing>()

const paramsOf = (m: CMachine, at: number): IoUringParams => ({
  flags: m.get(at, PARAMS, 'flags'), sq_thread_idle: m.get(at, PARAMS, 'sq_thread_idle'),
})

/** What the address points to, for the operations that texts use. */
const pointerOf = (m: CMachine, at: number, opcode: number, len: number): unknown => {
  if (opcode === IORING_OP_OPENAT) return m.text(at)
  return opcode === IORING_OP_READ || opcode === IORING_OP_WRITE ? m.slice(at, len) : undefined
}

const sqeAt = (m: CMachine, at: number): IoUringSqe => {
  const fields = Object.fromEntries(NAMED.map((name) => [name, m.get(at, SQE, name)]))
  const opcode = fields['opcode']!
  const addr = pointerOf(m, m.get(at, SQE, 'addr'), opcode, fields['len']!)
  return { ...fields, opcode, cmd_op: m.get(at, SQE, 'cmd_op'), ...(addr === undefined ? {} : { addr }) }
}

/** The result of the oldest answer of the text's ring; 0 where there is none. */
export const firstAnswer = (m: CMachine): number => rings.get(m)?.shift()?.res ?? 0

/** Makes a ring and maps its two parts: its descriptor, or the first error. */
const ring = (m: CMachine, { sys, kernel, task }: Actor, flags: number): number => {
  const fd = sys.io_uring_setup(ENTRIES, { flags })
  if (fd < 0) return fd
  const addresses: number[] = []
  for (const offset of [IORING_OFF_SQ_RING, IORING_OFF_SQES]) {
    const at = sys.mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset)
    if (at < 0) return at
    addresses.push(at)
  }
  rings.set(m, userRing(kernel.machine, task, addresses[0]!, addresses[1]!)!)
  const at = m.addressOf('the_sqe')!
  m.bytes.fill(0, at, at + 64)
  return fd
}

export const uringCalls = (m: CMachine, actor: Actor): Record<string, Builtin> => ({
  io_uring_setup: (entries, at) => actor.sys.io_uring_setup(entries, at === 0 ? null : paramsOf(m, at)),
  io_uring_enter: (fd, count, least, flags) => actor.sys.io_uring_enter(fd, count, least, flags, null, 8),
  io_uring_register: (fd, command, at, count) =>
    actor.sys.io_uring_register(fd, command, at === 0 ? null : [m.view.getInt32(at, true)], count),
  ring: (flags) => ring(m, actor, flags),
  push: () => (rings.get(m)!.push(sqeAt(m, m.addressOf('the_sqe')!)) ? 0 : -1),
})
