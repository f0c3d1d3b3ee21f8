/** `error-code` of wasi:http, and the failures of a host's requests as such codes. */
import type { Callee } from '../../callee.ts'

/** In the order of the interface. */
const CODES = [
  'DNS-timeout', 'DNS-error', 'destination-not-found', 'destination-unavailable', 'destination-IP-prohibited',
  'destination-IP-unroutable', 'connection-refused', 'connection-terminated', 'connection-timeout',
  'connection-read-timeout', 'connection-write-timeout', 'connection-limit-reached', 'TLS-protocol-error',
  'TLS-certificate-error', 'TLS-alert-received', 'HTTP-request-denied', 'HTTP-request-length-required',
  'HTTP-request-body-size', 'HTTP-request-method-invalid', 'HTTP-request-URI-invalid', 'HTTP-request-URI-too-long',
  'HTTP-request-header-section-size', 'HTTP-request-header-size', 'HTTP-request-trailer-section-size',
  'HTTP-request-trailer-size', 'HTTP-response-incomplete', 'HTTP-response-header-section-size',
  'HTTP-response-header-size', 'HTTP-response-body-size', 'HTTP-response-trailer-section-size',
  'HTTP-response-trailer-size', 'HTTP-response-transfer-coding', 'HTTP-response-content-coding',
  'HTTP-response-timeout', 'HTTP-upgrade-failed', 'HTTP-protocol-error', 'loop-detected', 'configuration-error',
  'internal-error',
] as const

export type HttpCode = typeof CODES[number]

/** Why there is no answer. */
export interface HttpFailure {
  readonly code: HttpCode
  /** Of `internal-error`. */
  readonly message?: string
  /** Bytes of a body, of `HTTP-request-body-size` and its like. */
  readonly size?: number
}

/** Bytes from the beginning of a code to its payload, and of the largest payload. */
const PAYLOAD = 8
const LARGEST = 24

/** An `error-code` in memory. A payload that is not known is `none`. */
export const putErrorCode = (callee: Callee, at: number, { code, message, size }: HttpFailure): void => {
  callee.put8(at, CODES.indexOf(code))
  callee.put8(at + PAYLOAD, ...new Uint8Array(LARGEST))
  if (code === 'internal-error' && message !== undefined) {
    callee.put8(at + PAYLOAD, 1)
    callee.putText(at + PAYLOAD + 4, message)
  }
  if (code.endsWith('-body-size') && size !== undefined) {
    callee.put8(at + PAYLOAD, 1)
    callee.put64(at + PAYLOAD + 8, size)
  }
}

/** The code of this number. */
export const httpCode = (callee: Callee, number: number): HttpCode =>
  CODES[number] ?? callee.trap(`no such error of HTTP: ${number}`)

/** By the errno of a connection. */
const BY_ERRNO: ReadonlyMap<string, HttpCode> = new Map<string, HttpCode>([
  ['ECONNREFUSED', 'connection-refused'], ['ECONNRESET', 'connection-terminated'],
  ['EPIPE', 'connection-terminated'], ['ETIMEDOUT', 'connection-timeout'],
  ['EHOSTUNREACH', 'destination-not-found'], ['ENETUNREACH', 'destination-IP-unroutable'],
  ['EADDRNOTAVAIL', 'connection-limit-reached'], ['EACCES', 'HTTP-request-denied'], ['EPERM', 'HTTP-request-denied'],
])

/** By the reason of a service of the machine, and by the stage that has taken too long. */
const BY_REASON: ReadonlyMap<string, HttpCode> = new Map<string, HttpCode>([
  ['refused', 'HTTP-request-denied'], ['timeout', 'HTTP-response-timeout'], ['incomplete', 'HTTP-protocol-error'],
])
const BY_STAGE: ReadonlyMap<unknown, HttpCode> = new Map<unknown, HttpCode>([
  ['connect', 'connection-timeout'], ['firstByte', 'HTTP-response-timeout'],
  ['betweenBytes', 'connection-read-timeout'],
])

const CERTIFICATE = /CERT|UNABLE_TO_(?:GET|VERIFY)|SELF_SIGNED|SIGNATURE/
const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

/** Of the error that a service of the machine has rejected with. */
export const failureOf = (error: unknown): HttpFailure => {
  const { cause } = (error ?? {}) as { readonly cause?: unknown }
  const [own, inner] = [codeOf(error), codeOf(cause)]
  if (inner === 'incomplete') return { code: 'HTTP-protocol-error' }
  const known = (own === 'timeout' ? BY_STAGE.get(cause) : undefined) ?? BY_REASON.get(own) ?? BY_ERRNO.get(inner)
  if (known !== undefined) return { code: known }
  if (CERTIFICATE.test(inner)) return { code: 'TLS-certificate-error' }
  if (/SSL|TLS|EPROTO/.test(inner)) return { code: 'TLS-protocol-error' }
  if (inner.startsWith('HPE_')) return { code: 'HTTP-protocol-error' }
  return { code: 'internal-error', message: error instanceof Error ? error.message : String(error) }
}
