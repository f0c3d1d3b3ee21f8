/** Binder as C programs use it: commands and objects in buffers of bytes, by what the ioctl's argument points to. */
import { BC_TRANSACTION, BINDER_SET_CONTEXT_MGR_EXT, BINDER_TYPE_FD, BINDER_WRITE_READ } from '@lsmkit/abi'
import type { BinderCommand, BinderWriteRead, FlatBinderObject } from '@lsmkit/kernel'
import type { CMachine } from './machine.ts'

const u32 = (m: CMachine, at: number): number => m.view.getUint32(at, true)
const u64 = (m: CMachine, at: number): number => Number(m.view.getBigUint64(at, true))

/** `struct flat_binder_object`: 24 bytes. */
const object = (m: CMachine, at: number): FlatBinderObject => {
  const type = u32(m, at)
  const cookie = u64(m, at + 16)
  if (type === BINDER_TYPE_FD) return { type, fd: u32(m, at + 8), cookie }
  return { type, flags: u32(m, at + 4), binder: u64(m, at + 8), cookie }
}

/** `struct binder_transaction_data`: 64 bytes. */
const transaction = (m: CMachine, at: number): BinderCommand['transaction'] => {
  const [size, count, data, offsets] = [32, 40, 48, 56].map((offset) => u64(m, at + offset)) as [
    number, number, number, number,
  ]
  return {
    handle: u32(m, at), code: u32(m, at + 16), flags: u32(m, at + 20), data: m.slice(data, size),
    objects: Array.from({ length: count / 8 }, (_, i) => object(m, data + u64(m, offsets + 8 * i))),
  }
}

const writeRead = (m: CMachine, at: number): BinderWriteRead => {
  const [size, consumed, buffer, room] = [0, 8, 16, 24].map((offset) => u64(m, at + offset)) as [
    number, number, number, number,
  ]
  const write: BinderCommand[] = []
  for (let place = buffer + consumed; place < buffer + size;) {
    const cmd = u32(m, place)
    write.push(cmd === BC_TRANSACTION ? { cmd, transaction: transaction(m, place + 4) } : { cmd })
    // the size of what follows stands in the command (_IOC_SIZE)
    place += 4 + ((cmd >>> 16) & 0x3fff)
  }
  return { write, write_consumed: 0, read_size: Math.floor(room / 4), read: [] }
}

/** The argument of an ioctl of binder; undefined for the ioctls of others. */
export const binderArg = (m: CMachine, cmd: number, at: number): unknown => {
  if (cmd === BINDER_WRITE_READ) return writeRead(m, at)
  return cmd === BINDER_SET_CONTEXT_MGR_EXT ? object(m, at) : undefined
}
