/** One connection to NATS, made at its first use, and requests that are made again while nobody answers. */
import type * as TransportNode from '@nats-io/transport-node'
import type { Authenticator, Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node'
import { FleetError, reasonOf } from '../../fleet-error.ts'
import { pause } from '../waiting.ts'
import type { NatsOptions, NatsStreams } from './options.ts'
import { inboxOf, streamConfigs } from './streams.ts'

type Transport = typeof TransportNode

const CONNECT_MS = 5000
const REQUEST_MS = 5000
const LONGEST_WAIT_MS = 1000

/** An optional package. Throws `no-driver`. */
export const optionalPackage = async <T>(load: () => Promise<T>, name: string): Promise<T> => {
  try {
    return await load()
  } catch (error) {
    throw new FleetError('no-driver', `${name} cannot be loaded: ${reasonOf(error)}`, {
      place: 'nats', hint: `npm install ${name}`, cause: error,
    })
  }
}

/** The error object in an answer of JetStream. */
export interface ApiError {
  readonly code: number
  readonly err_code: number
  readonly description: string
}

/** A message as the leader of a stream gives it: bytes in base64. */
export interface ApiMessage {
  readonly seq: number
  readonly subject: string
  readonly time: string
  readonly hdrs?: string
  readonly data?: string
}

/** Fields of an answer of JetStream: those that it has. */
export interface ApiAnswer {
  readonly error?: ApiError
  readonly seq?: number
  readonly duplicate?: boolean
  readonly total?: number
  readonly message?: ApiMessage
  readonly state?: {
    readonly first_seq?: number
    readonly last_seq?: number
    readonly subjects?: Readonly<Record<string, number>> | null
  }
}

const NO_STREAM = 10059
const STREAM_IN_USE = 10058

/** How a request ends: with an answer, or by being tried again. */
type Tried = { readonly msg: Msg } | { readonly again: unknown }

export interface RequestParts {
  readonly body?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Called before the request is made again: it may have been done already. */
  readonly onRetry?: () => void
}

type UserKeys = Pick<NatsOptions, 'nkeySeed' | 'jwt' | 'credentials'>

const text = new TextEncoder()

const authenticatorOf = (nats: Transport, { nkeySeed, jwt, credentials }: UserKeys): Authenticator | undefined => {
  if (credentials !== undefined) return nats.credsAuthenticator(text.encode(credentials))
  if (nkeySeed === undefined) return undefined
  const seed = text.encode(nkeySeed.trim())
  return jwt === undefined ? nats.nkeyAuthenticator(seed) : nats.jwtAuthenticator(jwt.trim(), seed)
}

/** Each user with a key has an inbox of its own, because whoever shares one reads the answers to others. */
const ownInbox = (nats: Transport, { nkeySeed, credentials = '' }: UserKeys): string | undefined => {
  const seed = nkeySeed?.trim() ?? /\bSU[A-Z2-7]{56}\b/.exec(credentials)?.[0]
  if (seed === undefined) return undefined
  try {
    return inboxOf(nats.nkeys.fromSeed(text.encode(seed)).getPublicKey())
  } catch (error) {
    throw new FleetError('bad-key-file', 'it is not the seed of a user', { place: 'nats: nkeySeed', cause: error })
  }
}

export class Connection {
  readonly name: string
  readonly #options: NatsOptions
  readonly #patience: number
  readonly closing = new AbortController()
  #made: Promise<{ readonly nats: Transport; readonly connection: NatsConnection }> | null = null

  constructor(options: NatsOptions) {
    const { servers, patience = 30_000 } = options
    this.name = `nats ${typeof servers === 'string' ? servers : servers.join(', ')}`
    this.#options = options
    this.#patience = patience
  }

  /** Rejects with `unreachable` where no server answers; the next call tries again. */
  async open(): Promise<{ readonly nats: Transport; readonly connection: NatsConnection }> {
    this.#checkOpen()
    this.#made ??= this.#connect()
    try {
      return await this.#made
    } catch (error) {
      this.#made = null
      if (error instanceof FleetError) throw error
      const isRefused = error instanceof Error && /authori[sz]ation|permission/i.test(`${error.name} ${error.message}`)
      throw new FleetError(isRefused ? 'not-permitted' : 'unreachable', `${this.name}: ${reasonOf(error)}`, {
        cause: error,
      })
    }
  }

  #checkOpen(): void {
    if (this.closing.signal.aborted) throw new FleetError('closed', `${this.name} is closed`)
  }

  async #connect(): Promise<{ nats: Transport; connection: NatsConnection }> {
    const nats = await optionalPackage(() => import('@nats-io/transport-node'), '@nats-io/transport-node')
    const { servers, name, user, password, token, tls, create } = this.#options
    const inboxPrefix = this.#options.inboxPrefix ?? ownInbox(nats, this.#options)
    const authenticator = authenticatorOf(nats, this.#options)
    const connection = await nats.connect({
      servers: typeof servers === 'string' ? servers : [...servers],
      timeout: CONNECT_MS, maxReconnectAttempts: -1, reconnectTimeWait: 500, ignoreAuthErrorAbort: true,
      ...(name === undefined ? {} : { name }), ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }), ...(token === undefined ? {} : { token }),
      ...(tls === undefined ? {} : { tls }), ...(inboxPrefix === undefined ? {} : { inboxPrefix }),
      ...(authenticator === undefined ? {} : { authenticator }),
    })
    if (this.closing.signal.aborted) await connection.close()
    this.#checkOpen()
    if (create !== undefined && create !== false) {
      try {
        await this.#makeStreams(nats, connection, create === true ? {} : create)
      } catch (error) {
        await connection.close()
        throw error
      }
    }
    return { nats, connection }
  }

  async #makeStreams(nats: Transport, connection: NatsConnection, streams: NatsStreams): Promise<void> {
    for (const config of streamConfigs(streams)) {
      const subject = `$JS.API.STREAM.CREATE.${config.name}`
      const msg = await this.#again(nats, () => connection, subject, { body: JSON.stringify(config) })
      const { error } = msg.json<ApiAnswer>()
      // others have made it, with their numbers
      if (error !== undefined && error.err_code !== STREAM_IN_USE) {
        throw new FleetError('unreachable', `stream ${config.name}: ${error.description}`, { place: this.name })
      }
    }
  }

  /** Rejects with `not-permitted`, `unreachable` and the signal's reason. */
  async request(subject: string, parts: RequestParts = {}): Promise<Msg> {
    const { nats, connection } = await this.open()
    return this.#again(nats, () => connection, subject, parts)
  }

  async #again(nats: Transport, connection: () => NatsConnection, subject: string, parts: RequestParts): Promise<Msg> {
    const until = Date.now() + this.#patience
    for (let wait = 50; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      parts.signal?.throwIfAborted()
      this.#checkOpen()
      const tried = await this.#try(nats, connection(), subject, parts)
      if ('msg' in tried) return tried.msg
      if (Date.now() + wait > until) {
        throw new FleetError('unreachable', `${this.name} does not answer: ${reasonOf(tried.again)}`, {
          place: subject, cause: tried.again,
        })
      }
      parts.onRetry?.()
      await pause(wait, parts.signal)
    }
  }

  async #try(
    nats: Transport, connection: NatsConnection, subject: string, { body = '', headers = {} }: RequestParts,
  ): Promise<Tried> {
    try {
      const msg = await connection.request(subject, body, { timeout: REQUEST_MS, headers: headersOf(nats, headers) })
      const again = retriedError(msg)
      return again === null ? { msg } : { again }
    } catch (error) {
      const cause = (error as { cause?: unknown } | null)?.cause
      const denied = [error, cause].find((one) => one instanceof nats.PermissionViolationError)
      if (denied !== undefined) {
        throw new FleetError('not-permitted', `the user may not use \`${subject}\``, { place: this.name, cause: error })
      }
      this.#checkOpen()
      return { again: error }
    }
  }

  /** Rejects with the error of the answer, if it has one that `also` does not take. */
  async ask(subject: string, parts: RequestParts, also: readonly number[] = []): Promise<ApiAnswer> {
    const answer = (await this.request(subject, parts)).json<ApiAnswer>()
    const { error } = answer
    if (error === undefined || also.includes(error.err_code)) return answer
    const isMissing = error.err_code === NO_STREAM
    throw new FleetError(isMissing ? 'not-there' : 'unreachable', error.description, {
      place: subject, hint: isMissing ? 'an administrator makes the streams: nats({ create: true })' : null,
    })
  }

  async close(): Promise<void> {
    this.closing.abort()
    const made = await this.#made?.catch(() => null)
    await made?.connection.close()
  }
}

const headersOf = (nats: Transport, headers: Readonly<Record<string, string>>): MsgHdrs => {
  const made = nats.headers()
  for (const [name, value] of Object.entries(headers)) made.set(name, value)
  return made
}

/** Temporary: no leader, a cluster that is not ready. Null for all other answers. */
const retriedError = (msg: Msg): string | null => {
  const code = msg.headers?.code ?? 0
  if (code === 503 || code === 408) return msg.headers?.description ?? String(code)
  // a value that somebody has stored, which may look like anything
  if (msg.headers?.has('Nats-Sequence') === true || msg.data[0] !== 0x7b) return null
  try {
    const { error } = msg.json<ApiAnswer>()
    return error?.code === 503 ? error.description : null
  } catch {
    return null
  }
}
