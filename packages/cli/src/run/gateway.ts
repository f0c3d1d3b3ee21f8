/**
 * `--gateway ADDRESS:PORT[=HOST:PORT]`: which TCP connections of programs leave the kernel, and where they lead. The
 * hooks of the stack have agreed by then. Off unless it is given.
 */
import type { OutsideConnection, OutsideEvents } from '@lsmkit/kernel'
import { nodeDial } from '@lsmkit/sandbox/hosts'
import { CommandError } from '../command-error.ts'

interface Way {
  /** `*`: any. */
  readonly addr: string
  readonly port: string
  readonly host: string
  readonly to: string
}

/** Connections of the host's that there are at a time. */
const MOST = 512

type Open = (to: { readonly addr: string; readonly port: number }, events: OutsideEvents) => OutsideConnection | null

/**
 * Null when none is given. Throws a usage error for a text of another shape. `linger`: milliseconds for bytes that a
 * program has left behind.
 */
export const gatewayOf = (texts: readonly string[], linger?: number): Open | null => {
  if (texts.length === 0) return null
  const ways = texts.map(parse)
  const dial = nodeDial(linger)!
  let open = 0
  return ({ addr, port }, events) => {
    const way = ways.find((one) => ['*', addr].includes(one.addr) && ['*', String(port)].includes(one.port))
    if (way === undefined || open === MOST) return null
    open++
    const to = { address: way.host === '*' ? addr : way.host, port: way.to === '*' ? port : Number(way.to) }
    return dial(to, { ...events, closed: () => void open-- })
  }
}

const parse = (text: string): Way => {
  const [, addr, port, , host = addr, to = port] = /^(.+?):(\d+|\*)(=(.+):(\d+))?$/.exec(text) ?? []
  if (addr === undefined || port === undefined)
    throw new CommandError('usage', `\`${text}\` is not a way out`, '--gateway ADDRESS:PORT, or ADDRESS:PORT=HOST:PORT')
  return { addr: bare(addr), port, host: bare(host!), to: to! }
}

/** `[::1]` without its brackets. */
const bare = (address: string): string => address.replace(/^\[(.*)\]$/, '$1')
