/**
 * `--gateway ADDRESS:PORT[=HOST:PORT]`: which TCP connections of programs leave the kernel, and where they lead. The
 * hooks of the stack have agreed by then. Off unless it is given.
 */
import { connect } from 'node:net'
import { constants } from 'node:os'
import { ECONNREFUSED } from '@lsmkit/abi'
import type { Gateway } from '@lsmkit/kernel'
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
/** Milliseconds for what a program has left behind: a host that reads nothing would keep it for ever. */
const LINGER = 5000

/** Null when none is given. Throws a usage error for a text of another shape. `linger` is in milliseconds. */
export const gatewayOf = (texts: readonly string[], linger = LINGER): Gateway | null => {
  if (texts.length === 0) return null
  const ways = texts.map(parse)
  let open = 0
  return ({ addr, port }, events) => {
    const way = ways.find((one) => ['*', addr].includes(one.addr) && ['*', String(port)].includes(one.port))
    if (way === undefined || open === MOST) return null
    open++
    const socket = connect({
      host: way.host === '*' ? addr : way.host, port: way.to === '*' ? port : Number(way.to), allowHalfOpen: true,
    })
    let lingering: ReturnType<typeof setTimeout> | undefined
    const leave = (): void => void (lingering ??= setTimeout(() => socket.destroy(), linger).unref())
    socket.on('close', () => {
      open--
      clearTimeout(lingering)
    })
    socket.on('connect', () => events.opened())
    socket.on('data', (bytes: Buffer) => {
      if (!events.data(bytes)) socket.pause()
    })
    socket.on('end', () => events.ended())
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
      events.failed((constants.errno as Readonly<Record<string, number>>)[code] ?? ECONNREFUSED))
    return {
      write: (bytes, done) => void socket.write(bytes, () => done()),
      end: () => void socket.end(),
      resume: () => void socket.resume(),
      leave,
      destroy() {
        if (socket.connecting) return void socket.destroy()
        socket.destroySoon()
        leave()
      },
    }
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
