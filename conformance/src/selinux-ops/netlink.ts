/** Netlink messages, and addresses, of the texts of selinux-ops. */
import { AF_NETLINK, EACCES, EINVAL, EPERM, NLM_F_REQUEST } from '@lsmkit/abi'
import { sockaddrIn, sockaddrIn6 } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'
import type { Builtin, CMachine } from '../c/machine.ts'
import { leave } from '../operations/passing.ts'

const HEADER = 16
const LOOPBACK_6 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
const LETTERS: Readonly<Record<number, string>> = { [EINVAL]: 'I', [EACCES]: 'A', [EPERM]: 'P' }

/** A message of a type, with zeros behind its header. */
const message = (type: number, flags: number, body: number): Uint8Array => {
  const data = new Uint8Array(HEADER + body)
  const view = new DataView(data.buffer)
  view.setUint32(0, data.length, true)
  view.setUint16(4, type, true)
  view.setUint16(6, flags, true)
  return data
}

const groupAddress = (groups: number): Uint8Array => {
  const raw = new Uint8Array(12)
  raw[0] = AF_NETLINK
  raw[8] = groups
  return raw
}

export const netlinkHelpers = (m: CMachine, sys: Calls): Record<string, Builtin> => {
  const lay = (raw: Uint8Array): number => {
    const at = m.alloc(raw.length)
    m.bytes.set(raw, at)
    return at
  }
  const send = (socket: number, type: number, flags: number, body: number): number => {
    const data = message(type, flags, body)
    const kernel = groupAddress(0)
    return sys.sendto(socket, data, data.length, 0, kernel, kernel.length)
  }
  return {
    any4: (port) => lay(sockaddrIn('0.0.0.0', port)),
    i6: (port) => lay(sockaddrIn6(LOOPBACK_6, port)),
    netlink_group: (groups) => lay(groupAddress(groups)),
    netlink_send: send,
    /** Every type of a range: `.` it was taken, `I` EINVAL, `A` EACCES, `P` EPERM. */
    netlink_matrix: (socket, from, to) => {
      let taken = ''
      for (let type = from; type <= to; type++) {
        const rc = send(socket, type, NLM_F_REQUEST, 0)
        taken += rc >= 0 ? '.' : (LETTERS[-rc] ?? '?')
      }
      leave(m, taken)
      return 0
    },
  }
}
