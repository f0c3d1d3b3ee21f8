/** Messages that a program sends: headers as `struct msghdr` has them, the data, and descriptors that go with them. */
import { EBADF, EFAULT, EMSGSIZE, ENOBUFS, EPERM, SCM_CREDENTIALS, SCM_RIGHTS, SOL_SOCKET } from '@lsmkit/abi'
import type { GuestMemory } from './guest-memory.ts'

/** Bytes of a program's memory. */
export interface Span {
  readonly at: number
  readonly size: number
}

export interface MessageHeader {
  /** `struct sockaddr`, read once; null where the message has none. */
  readonly address: Uint8Array | null
  /** The data in one piece, or as a vector: its place, and how many parts it has. */
  readonly data: Span | { readonly vector: number; readonly parts: number }
  readonly control: Span
  /** Where the program wants to read how much was sent; 0 for nowhere. */
  readonly lengthAt: number
}

export interface Message {
  readonly data: Uint8Array
  readonly control: Uint8Array
}

/** `sizeof(struct msghdr)`, and of `struct mmsghdr`, which has a length behind it. */
export const HEADER = 56
export const HEADER_WITH_LENGTH = 64
/** UIO_MAXIOV. */
export const MOST_PARTS = 1024
/** No socket takes a longer datagram. */
const MOST_DATA = 1 << 20
const MOST_CONTROL = 4096
const CHUNK = 65_536

const wordAt = (view: DataView, at: number): number => Number(view.getBigUint64(at, true))

/** The header in its bytes; `addressOf` reads the address. */
export const messageHeader = (
  bytes: Uint8Array, lengthAt: number, addressOf: (at: number, size: number) => Uint8Array | null,
): MessageHeader => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return {
    address: addressOf(wordAt(view, 0), view.getInt32(8, true)),
    data: { vector: wordAt(view, 16), parts: wordAt(view, 24) },
    control: { at: wordAt(view, 32), size: wordAt(view, 40) }, lengthAt,
  }
}

const readSpan = (memory: GuestMemory, pid: number, { at, size }: Span, into: Uint8Array[]): number => {
  for (let done = 0; done < size; done += CHUNK) {
    const bytes = memory.bytes(pid, at + done, Math.min(CHUNK, size - done))
    if (typeof bytes === 'number') return bytes
    into.push(bytes)
  }
  return 0
}

/** The parts of the data; or -errno. */
const spansOf = (memory: GuestMemory, pid: number, { data }: MessageHeader): readonly Span[] | number => {
  if ('at' in data) return [data]
  const { vector, parts } = data
  if (parts > MOST_PARTS) return -EMSGSIZE
  if (parts === 0) return []
  const bytes = memory.bytes(pid, vector, 16 * parts)
  if (typeof bytes === 'number') return bytes
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return Array.from({ length: parts }, (_, i) => ({ at: wordAt(view, 16 * i), size: wordAt(view, 16 * i + 8) }))
}

/** Reads the data and the control messages of a message; or -errno. */
export const readMessage = (memory: GuestMemory, pid: number, header: MessageHeader): Message | number => {
  const spans = spansOf(memory, pid, header)
  if (typeof spans === 'number') return spans
  if (spans.reduce((sum, { size }) => sum + size, 0) > MOST_DATA) return -EMSGSIZE
  const pieces: Uint8Array[] = []
  for (const span of spans) {
    const rc = readSpan(memory, pid, span, pieces)
    if (rc < 0) return rc
  }
  const { at, size } = header.control
  if (size > MOST_CONTROL) return -ENOBUFS
  const control = at === 0 || size === 0 ? new Uint8Array() : memory.bytes(pid, at, size)
  return typeof control === 'number' ? -EFAULT : { data: Buffer.concat(pieces), control }
}

const CMSG_HEADER = 16
const aligned = (length: number): number => Math.ceil(length / 8) * 8

/**
 * Puts descriptors of the watcher's in place of those of the program that a control message passes on: `copyOf` makes
 * each. 0, or -errno; the copies are in `copies` in every case. Credentials would be the watcher's: they are refused.
 */
export const exchangeDescriptors = (
  control: Uint8Array, copyOf: (fd: number) => number, copies: number[],
): number => {
  const view = new DataView(control.buffer, control.byteOffset, control.length)
  for (let at = 0; at + CMSG_HEADER <= control.length;) {
    const length = wordAt(view, at)
    if (length < CMSG_HEADER || at + length > control.length) return 0
    const isSocket = view.getInt32(at + 8, true) === SOL_SOCKET
    const type = view.getInt32(at + 12, true)
    if (isSocket && type === SCM_CREDENTIALS) return -EPERM
    const end = isSocket && type === SCM_RIGHTS ? at + length : 0
    for (let place = at + CMSG_HEADER; place + 4 <= end; place += 4) {
      const copy = copyOf(view.getInt32(place, true))
      if (copy < 0) return -EBADF
      copies.push(copy)
      view.setInt32(place, copy, true)
    }
    at += aligned(length)
  }
  return 0
}
