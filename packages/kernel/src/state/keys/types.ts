/** The types of keys: what each takes for a description and a payload, and what can be done with it later. */
import { EINVAL } from '@lsmkit/abi'

export interface KeyType {
  readonly name: string
  readonly canUpdate: boolean
  readonly canRead: boolean
  /** 0 or -errno for a description that a key is to have. */
  readonly vet_description: (description: string) => number
  /** 0 or -errno for a payload. */
  readonly preparse: (payload: Uint8Array | null) => number
}

const USER_PAYLOAD_MAX = 32767
const anything = (): number => 0
const userPayload = (payload: Uint8Array | null): number =>
  payload === null || payload.length === 0 || payload.length > USER_PAYLOAD_MAX ? -EINVAL : 0

export const keyring: KeyType = {
  name: 'keyring',
  canUpdate: false,
  canRead: true,
  vet_description: anything,
  preparse: (payload) => (payload === null || payload.length === 0 ? 0 : -EINVAL),
}

const user: KeyType = {
  name: 'user',
  canUpdate: true,
  canRead: true,
  vet_description: anything,
  preparse: userPayload,
}

/** Its payload is for the kernel alone; a service stands before a colon of the description. */
const logon: KeyType = {
  ...user,
  name: 'logon',
  canRead: false,
  vet_description: (description) => (description.indexOf(':') > 0 ? 0 : -EINVAL),
}

/** Authorisation keys, which only the kernel makes: the right to make a requested key. */
export const request_key_auth: KeyType = {
  name: '.request_key_auth',
  canUpdate: false,
  canRead: true,
  vet_description: anything,
  preparse: anything,
}

/** Those that programs may name. */
const types = new Map([keyring, user, logon].map((type) => [type.name, type]))

export const key_type_lookup = (name: string): KeyType | null => types.get(name) ?? null
