/** `net.connect` for one task: the address that was asked about is the one that is connected to. */
import { lookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { connect, isIP, Socket } from 'node:net'
import type { LookupFunction, NetConnectOpts } from 'node:net'
import type { Task } from '@lsmkit/core'
import { OptionError } from '@lsmkit/core/option-rules'
import type { Kernel } from '@lsmkit/kernel'
import { connectOptions } from './connect-options.ts'
import type { ConnectOptions } from './connect-options.ts'
import { mayConnect } from './permission.ts'

export type Connect = (options: ConnectOptions, listener?: () => void) => Socket

/** Of what a name resolves to, those that the task may connect to; an error where it may to none. */
export const guardedLookup = (kernel: Kernel, task: Task, port: number): LookupFunction =>
  (hostname: string, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, [])
      const allowed: LookupAddress[] = []
      let refusal: Error | null = null
      for (const one of addresses) {
        try {
          mayConnect(kernel, task, one.address, port)
          allowed.push(one)
        } catch (refused) {
          refusal = refused as Error
        }
      }
      const [first] = allowed
      if (first === undefined) return callback(refusal ?? new Error(`${hostname} has no address`), [])
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }

/** The socket keeps to the connection that was asked about: its own `connect` would ask nobody. */
const once = (socket: Socket): Socket =>
  Object.defineProperty(socket, 'connect', {
    value: () => {
      throw new OptionError('refused-option', 'a socket is connected once', { place: 'connect', hint: 'make another' })
    },
  })

/** A socket that ends with the refusal as Node's does where nobody listens. */
const refused = (error: unknown): Socket => {
  const socket = new Socket()
  process.nextTick(() => socket.destroy(error as Error))
  return once(socket)
}

/** TCP alone. Throws OptionError for options that cannot be asked about, such as `path`. */
export const guardedConnect = (kernel: Kernel, task: Task): Connect => (given, listener) => {
  const options = connectOptions(given)
  const { host, port } = options
  try {
    if (isIP(host) !== 0) mayConnect(kernel, task, host, port)
  } catch (error) {
    return refused(error)
  }
  return once(connect({ ...options, lookup: guardedLookup(kernel, task, port) } as NetConnectOpts, listener))
}
