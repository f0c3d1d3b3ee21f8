/** Arguments of socket calls in the memory of a C program: addresses, headers of messages, options. */
import { SCM_CREDENTIALS, SO_ATTACH_FILTER, SO_BINDTODEVICE, SOL_SOCKET } from '@lsmkit/abi'
import { sockaddrUn } from '@lsmkit/kernel'
import type { Cmsg, UserMsghdr } from '@lsmkit/kernel'
import type { CMachine } from './machine.ts'

export const CMSG_HEAD = 16
export const align = (n: number): number => Math.ceil(n / 8) * 8

export const bytes = (m: CMachine, at: number, len: number) => (at === 0 ? null : m.slice(at, len))

const lenRef = (m: CMachine, at: number) => (at === 0 ? null : { value: m.view.getInt32(at, true) })

/** Reads ancillary data from memory. */
const takeControl = (m: CMachine, at: number, len: number): Cmsg[] => {
  const all: Cmsg[] = []
  for (let pos = at; pos + CMSG_HEAD <= at + len;) {
    const size = Number(m.view.getBigUint64(pos, true))
    if (size < CMSG_HEAD) break
    const count = (size - CMSG_HEAD) / 4
    const ints = Array.from({ length: count }, (_, i) => m.view.getInt32(pos + CMSG_HEAD + 4 * i, true))
    const cmsg_type = m.view.getInt32(pos + 12, true)
    const [pid = 0, uid = 0, gid = 0] = ints
    all.push({
      cmsg_level: m.view.getInt32(pos + 8, true), cmsg_type,
      data: cmsg_type === SCM_CREDENTIALS ? { pid, uid, gid } : ints,
    })
    pos += align(size)
  }
  return all
}

export const takeHeader = (m: CMachine, at: number, receives: boolean): UserMsghdr => {
  const field = (name: string) => m.get(at, 'msghdr', name)
  const name = field('msg_name')
  const control = field('msg_control')
  const vectors = field('msg_iov')
  return {
    msg_name: name === 0 ? null : receives ? new Uint8Array() : m.slice(name, field('msg_namelen')),
    msg_iov: Array.from({ length: field('msg_iovlen') }, (_, i) =>
      m.slice(m.get(vectors + 16 * i, 'iovec', 'iov_base'), m.get(vectors + 16 * i, 'iovec', 'iov_len'))),
    msg_control: control === 0 ? null : receives ? [] : takeControl(m, control, field('msg_controllen')),
    msg_flags: 0,
  }
}

export const headers = (m: CMachine, at: number, count: number, receives: boolean) =>
  Array.from({ length: count }, (_, i) => ({ msg_hdr: takeHeader(m, at + 64 * i, receives), msg_len: 0 }))

/** The value of an option: a number for most. */
export const optionValue = (m: CMachine, level: number, name: number, at: number, len: number): unknown => {
  if (level === SOL_SOCKET && name === SO_ATTACH_FILTER) {
    const from = m.get(at, 'sock_fprog', 'filter')
    const filter = Array.from({ length: m.get(at, 'sock_fprog', 'len') }, (_, i) => ({
      code: m.get(from + 8 * i, 'sock_filter', 'code'), jt: m.get(from + 8 * i, 'sock_filter', 'jt'),
      jf: m.get(from + 8 * i, 'sock_filter', 'jf'), k: m.get(from + 8 * i, 'sock_filter', 'k'),
    }))
    return { len: filter.length, filter }
  }
  if (len === 4 && !(level === SOL_SOCKET && name === SO_BINDTODEVICE)) return m.view.getInt32(at, true)
  return m.slice(at, len)
}

export const structOf = (m: CMachine, tag: string, raw: Uint8Array, size: number): number => {
  const at = m.define(`${tag} ${m.alloc(1)}`, m.struct(tag))
  m.bytes.fill(0, at, at + size)
  m.bytes.set(raw, at)
  return at
}

export const ua = (m: CMachine, name: number): number => structOf(m, 'sockaddr_un', sockaddrUn(m.text(name)!), 110)

export const giveLength = (m: CMachine, at: number, call: (ref: { value: number } | null) => number): number => {
  const ref = lenRef(m, at)
  const rc = call(ref)
  if (ref !== null) m.view.setInt32(at, ref.value, true)
  return rc
}
