/** Whether an access is aligned: stack always, other memory where the flags ask for it. */
import { tnumText } from './format.ts'
import { isConst, Num, setConst } from './num.ts'
import type { Reg } from './reg.ts'
import {
  baseOf, PTR_TO_ARENA, PTR_TO_CTX, PTR_TO_FLOW_KEYS, PTR_TO_MAP_KEY, PTR_TO_MAP_VALUE, PTR_TO_PACKET,
  PTR_TO_PACKET_META, PTR_TO_SOCK_COMMON, PTR_TO_SOCKET, PTR_TO_STACK, PTR_TO_TCP_SOCK, PTR_TO_XDP_SOCK,
} from './reg-type.ts'
import type { Session } from './session.ts'
import { tnumAdd } from './tnum.ts'

/** Where the network layer begins in a packet buffer, so that IP headers are aligned. */
const IP_ALIGN = 2

const names: Readonly<Record<number, string>> = {
  [PTR_TO_FLOW_KEYS]: 'flow keys ', [PTR_TO_MAP_KEY]: 'key ', [PTR_TO_MAP_VALUE]: 'value ', [PTR_TO_CTX]: 'context ',
  [PTR_TO_STACK]: 'stack ', [PTR_TO_SOCKET]: 'sock ', [PTR_TO_SOCK_COMMON]: 'sock_common ',
  [PTR_TO_TCP_SOCK]: 'tcp_sock ',
  [PTR_TO_XDP_SOCK]: 'xdp_sock ',
}

const isPacketBase = (base: number): boolean => base === PTR_TO_PACKET || base === PTR_TO_PACKET_META

export const checkAligned = (session: Session, reg: Reg, off: number, size: number, strictOnce: boolean): void => {
  const base = baseOf(reg.type)
  const strict = session.strictAlignment || strictOnce || base === PTR_TO_STACK
  if (!strict || size === 1 || base === PTR_TO_ARENA) return
  const packet = isPacketBase(base)
  if (isConst(reg.num) && ((reg.num.vl + reg.off + off + (isPacketBase(base) ? IP_ALIGN : 0)) & (size - 1)) === 0)
    return
  const constant = new Num()
  const total = reg.off + off + (packet ? IP_ALIGN : 0)
  setConst(constant, total, total >> 31)
  const sum = new Num()
  tnumAdd(sum, reg.num, constant)
  if (((sum.vl | sum.ml) & (size - 1)) === 0) return
  const place = `${tnumText(reg.num)}+${reg.off}+${off} size ${size}`
  session.refuse(packet
    ? `misaligned packet access off ${IP_ALIGN}+${place}` : `misaligned ${names[base] ?? ''}access off ${place}`)
}
