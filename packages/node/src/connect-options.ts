/** Options of `net.connect`: what is asked about, what does no harm, and what is refused because nobody is asked. */
import {
  aBoolean, aFunction, aNumber, aString, either, instanceOf, optionsOf, required, wholeNumber,
} from '@lsmkit/core/option-rules'
import type { OptionRule } from '@lsmkit/core/option-rules'
import { plainOptions } from '@lsmkit/core/plain-options'
import type { OptionShape } from '@lsmkit/core/plain-options'
import type { OnReadOpts } from 'node:net'

export interface ConnectOptions {
  readonly port: number | string
  /** `localhost` unless given. */
  readonly host?: string
  readonly family?: number
  readonly hints?: number
  readonly autoSelectFamily?: boolean
  readonly autoSelectFamilyAttemptTimeout?: number
  readonly noDelay?: boolean
  readonly keepAlive?: boolean
  readonly keepAliveInitialDelay?: number
  readonly allowHalfOpen?: boolean
  readonly readable?: boolean
  readonly writable?: boolean
  readonly highWaterMark?: number
  readonly timeout?: number
  readonly signal?: AbortSignal
  readonly onread?: OnReadOpts
}

const aPort: OptionRule = {
  is: (value) => {
    const isText = typeof value === 'string' && /^[0-9]+$/.test(value)
    return (isText || Number.isInteger(value)) && Number(value) >= 0 && Number(value) <= 65_535
  },
  what: 'a port from 0 to 65535',
}

const shape: OptionShape<ConnectOptions> = {
  takes: {
    // asked about
    port: required(aPort), host: aString,
    // which of the addresses that were granted is tried first
    family: wholeNumber(0, 6), hints: wholeNumber(0), autoSelectFamily: aBoolean,
    autoSelectFamilyAttemptTimeout: wholeNumber(1),
    // how the stream behaves once it is connected
    noDelay: aBoolean, keepAlive: aBoolean, keepAliveInitialDelay: aNumber(0), allowHalfOpen: aBoolean,
    readable: aBoolean, writable: aBoolean, highWaterMark: wholeNumber(0), timeout: aNumber(0),
    signal: instanceOf(AbortSignal),
    onread: optionsOf<OnReadOpts>({
      buffer: required(either(instanceOf(Uint8Array), aFunction)), callback: required(aFunction),
    }),
  },
  refuses: {
    path: 'sockets of the host\'s files are not asked about',
    fd: 'a descriptor of the host is connected already',
    handle: 'a handle of the host is connected already',
    _handle: 'a handle of the host is connected already',
    localAddress: 'binding to an address is not asked about',
    localPort: 'binding to a port is not asked about',
    lookup: 'names are looked up once, and their addresses asked about',
    blockList: 'some versions of Node ignore it; let the policy refuse the addresses',
    typeOfService: 'socket options are not asked about',
  },
}

export type PlainConnect = ConnectOptions & { readonly port: number; readonly host: string }

/** A copy that nothing changes any more. Throws OptionError. */
export const connectOptions = (given: ConnectOptions): PlainConnect => {
  const options = plainOptions(given, shape, 'connect')
  const { host = '' } = options
  return { ...options, port: Number(options.port), host: host === '' ? 'localhost' : host }
}

/** For the test that compares them with what Node knows. */
export const connectShape = shape
