/** Labels of tasks: files under /proc/PID/attr, and the lsm_*_self_attr calls. */
import { LSM_ID_APPARMOR, O_RDONLY } from '@lsmkit/abi'
import { percentText } from '../percent.ts'
import { writeTo } from './files.ts'
import { bytes, num } from './play.ts'
import type { Answer, Play } from './play.ts'

const HEAD = 32

/** struct lsm_ctx: id, flags, len, ctx_len, text. */
const context = (id: number, flags: number, length: number, size: number, text: Uint8Array): Uint8Array => {
  const all = new Uint8Array(HEAD + text.length)
  const view = new DataView(all.buffer)
  for (const [i, value] of [id, flags, length, size].entries()) view.setBigUint64(i * 8, BigInt(value), true)
  all.set(text, HEAD)
  return all
}

const set: Play = ({ kernel }, { task }, [attribute, text, id]) => {
  const value = bytes(text)
  const length = HEAD + value.length
  const ctx = context(id === undefined ? LSM_ID_APPARMOR : num(id), 0, length, value.length, value)
  return [kernel.syscall(task, 'lsm_set_self_attr', num(attribute), ctx, length, 0)]
}

const setRaw: Play = ({ kernel }, { task }, [attribute, id, flags, length, size, text, whole, callFlags]) => {
  const ctx = context(num(id), num(flags), num(length), num(size), bytes(text))
  return [kernel.syscall(task, 'lsm_set_self_attr', num(attribute), ctx, num(whole), num(callFlags))]
}

const show = (buf: Uint8Array, rc: number, size: number): string => {
  const view = new DataView(buf.buffer)
  const word = (i: number): number => Number(view.getBigUint64(i * 8, true))
  const text = percentText(buf.subarray(HEAD, HEAD + word(3)), true)
  return `ret=${rc} size=${size} id=${word(0)} flags=${word(1)} len=${word(2)} ctx_len=${word(3)} ctx=${text}`
}

const get: Play = ({ kernel }, { task }, [attribute, room = '4096', flags, id]) => {
  const buf = room === 'null' ? null : new Uint8Array(num(room))
  const size: { value: number } = { value: room === 'null' ? 0 : num(room) }
  const names = id !== undefined && buf !== null && buf.length >= 8
  if (names) new DataView(buf.buffer).setBigUint64(0, BigInt(num(id)), true)
  const rc = kernel.syscall(task, 'lsm_get_self_attr', num(attribute), buf, size, num(flags))
  if (rc < 0) return [rc, `size=${size.value}`]
  return [0, buf === null ? `ret=${rc} size=${size.value}` : show(buf, rc, size.value)]
}

export const attributeOperations: Readonly<Record<string, Play>> = {
  attr: (world, { task }, [file, text]) => writeTo(world, task, `/proc/self/attr/${file}`, bytes(text)),
  rattr(world, { task }, [file, of]): Answer {
    const { sys } = world.kernel
    const whose = of === undefined ? 'self' : String(world.actors.get(Number(of))?.task.pid ?? 0)
    const fd = sys.open(task, `/proc/${whose}/attr/${file}`, O_RDONLY, 0)
    if (fd < 0) return [fd]
    const buf = new Uint8Array(4096)
    const rc = sys.read(task, fd, buf)
    sys.close(task, fd)
    return rc < 0 ? [rc] : [0, percentText(buf.subarray(0, rc), true)]
  },
  wattr: (world, { task }, [file, of, text]) =>
    writeTo(world, task, `/proc/${world.actors.get(Number(of))?.task.pid ?? 0}/attr/${file}`, bytes(text)),
  lsmset: set,
  lsmsetraw: setRaw,
  lsmget: get,
}
