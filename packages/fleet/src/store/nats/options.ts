/** Options of `nats(…)`. */
import { aBoolean, aString, either, listOf, oneOf, optionsOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'

export interface NatsTls {
  /** Paths of PEM files. */
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export interface NatsStreams {
  /** Servers that have each stream: 1, 3 or 5. Default 1. */
  readonly replicas?: 1 | 3 | 5
  /** Bytes of each log that are kept. Default 1 GiB. */
  readonly mostLogBytes?: number
  /** Days for which a log is kept. Default 30. */
  readonly mostLogDays?: number
  /**
   * Messages of one host that a log keeps, of up to 64 KiB each: a host that floods it loses its own oldest ones.
   * Default: as many as fill the log, so that a single host may.
   */
  readonly mostHostMessages?: number
}

export interface NatsOptions {
  /** `nats://10.0.0.1:4222`, one or several of one cluster. */
  readonly servers: string | readonly string[]
  /** Of the connection, as the server shows it. */
  readonly name?: string
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** The seed of an nkey, `SU…`. */
  readonly nkeySeed?: string
  /** The user's JWT, whose nkey is that of `nkeySeed`. */
  readonly jwt?: string
  /** The text of a credentials file, with a JWT and a seed. */
  readonly credentials?: string
  readonly tls?: NatsTls
  /**
   * Where answers to this user come. Without one of its own, a host could read answers to others. Default
   * `_INBOX_NKEY` with the public key of `nkeySeed` or `credentials`, and else `_INBOX`.
   */
  readonly inboxPrefix?: string
  /** Makes the streams that are missing: for an administrator. Default: they have to be there. */
  readonly create?: boolean | NatsStreams
  /** Milliseconds after which a watcher looks again, whatever was reported. Default 30,000. */
  readonly poll?: number
  /** Milliseconds for which a request is made again while no server answers it. Default 30,000. */
  readonly patience?: number
}

const tlsRules: OptionRules<NatsTls> = { caFile: aString, certFile: aString, keyFile: aString }
const streamRules: OptionRules<NatsStreams> = {
  replicas: oneOf(1, 3, 5), mostLogBytes: wholeNumber(1), mostLogDays: wholeNumber(1, 36_500),
  mostHostMessages: wholeNumber(1),
}

export const natsRules: OptionRules<NatsOptions> = {
  servers: required(either(aString, listOf(aString)), "nats({ servers: 'nats://127.0.0.1:4222' })"),
  name: aString, user: aString, password: aString, token: aString, nkeySeed: aString, jwt: aString,
  credentials: aString, tls: optionsOf(tlsRules), inboxPrefix: aString,
  create: either(aBoolean, optionsOf(streamRules)),
  poll: wholeNumber(1, 3_600_000), patience: wholeNumber(1, 3_600_000),
}
