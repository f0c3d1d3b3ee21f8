/** `net.connect` for one task: the address that was asked about is the one that is connected to. */
import { lookup } from 'node:dns'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { connect, isIP, Socket } from 'node:net'
import type { LookupFunction, TcpSocketConnectOpts } from 'node:net'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { mayConnect } from './permission.ts'

export type Connect = (options: TcpSocketConnectOpts, listener?: () => void) => Socket

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

/** A socket that tells a refusal as Node tells that nobody listens. */
const refused = (error: unknown): Socket => {
  const socket = new Socket()
  process.nextTick(() => socket.destroy(error as Error))
  return socket
}

/** TCP alone. `lookup` of the options is not used. */
export const guardedConnect = (kernel: Kernel, task: Task): Connect => (options, listener) => {
  const { host = 'localhost', port } = options
  try {
    if (isIP(host) !== 0) mayConnect(kernel, task, host, port)
  } catch (error) {
    return refused(error)
  }
  return connect({ ...options, host, lookup: guardedLookup(kernel, task, port) }, listener)
}
