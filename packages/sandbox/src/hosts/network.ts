/** Functions of yours for the network of a box: who looks names up, and who opens connections. No data. */
import { aFunction, aString } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { SandboxError } from '../sandbox-error.ts'
import { builtin } from '../node-host.ts'
import { nodeDial, nodeResolve, streamDial } from './dial.ts'
import type { OpenDatagrams } from './datagram-dial.ts'
import type { ByteStreams, Dial, DialTarget } from './dial.ts'
import type { Resolve } from './pins.ts'

export interface Network {
  /** Addresses of a name, as text; rejects where there are none. Default: the resolver of the host's system. */
  readonly resolve?: (name: string) => Promise<readonly string[]>
  /** Opens a TCP connection to an address that the policy allows. Default: Node's sockets. */
  readonly connect?: (to: DialTarget) => Promise<ByteStreams>
  /**
   * Opens a way for datagrams of UDP to an address that the policy allows: each part of a stream is one datagram.
   * Default: Node's sockets; with a `connect` of yours there is no default.
   */
  readonly datagrams?: (to: DialTarget) => Promise<ByteStreams>
  /** Certificates (PEM) that requests of the box trust beside Node's own. */
  readonly ca?: string
}

export const networkRules: OptionRules<Network> = {
  resolve: aFunction, connect: aFunction, datagrams: aFunction, ca: aString,
}

/** The network as a box needs it. */
export interface HostNetwork {
  readonly resolve: Resolve
  readonly dial: Dial
  /** Null: there are none. */
  readonly datagrams: OpenDatagrams | null
}

const openBy = (own: NonNullable<Network['datagrams']> | null): OpenDatagrams => async (to, events) =>
  await (await import('./datagram-dial.ts')).openDatagrams(own, to, events)

/** Throws `no-network` where the host has none and you have given none. */
export const hostNetwork = ({ resolve, connect, datagrams }: Network): HostNetwork => {
  const dial = connect === undefined ? nodeDial() : streamDial(connect)
  const names = resolve ?? nodeResolve()
  if (dial !== null && names !== null) {
    const isNone = datagrams === undefined && (connect !== undefined || builtin('node:dgram') === undefined)
    return { dial, resolve: names, datagrams: isNone ? null : openBy(datagrams ?? null) }
  }
  const missing = dial === null ? 'opens no TCP connections' : 'looks no names up'
  throw new SandboxError('no-network', `this host ${missing}`, {
    place: 'allow: hosts', hint: 'in a page give `network: { resolve, connect }`, as functions over a server of yours',
  })
}
