/** Keys of users of NATS, by the package that the driver of NATS needs anyway. */
import { FleetError } from '../fleet-error.ts'
import { optionalPackage } from '../store/nats/connection.ts'

/** A seed is a secret; the public key is a user's name on the server. */
export interface Nkey {
  readonly seed: string
  readonly public: string
}

const kinds = { user: 'createUser', account: 'createAccount', operator: 'createOperator' } as const
const prefixes = { user: 'SU', account: 'SA', operator: 'SO' } as const
export type NkeyKind = keyof typeof kinds

const nkeysPackage = async () =>
  (await optionalPackage(() => import('@nats-io/transport-node'), '@nats-io/transport-node')).nkeys

/** A key pair of a user, an account or an operator. Rejects with FleetError `no-driver` without the package. */
export const generateNkey = async (kind: NkeyKind = 'user'): Promise<Nkey> => {
  const pair = (await nkeysPackage())[kinds[kind]]()
  return { seed: new TextDecoder().decode(pair.getSeed()), public: pair.getPublicKey() }
}

/** Rejects with FleetError `bad-key-file` for a text that is not a seed of that kind. */
export const nkeyOfSeed = async (text: string, kind: NkeyKind = 'user', place = 'seed'): Promise<Nkey> => {
  const nkeys = await nkeysPackage()
  const seed = text.trim()
  try {
    if (!seed.startsWith(prefixes[kind])) throw new Error(`it begins with ${prefixes[kind]}`)
    return { seed, public: nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey() }
  } catch (error) {
    throw new FleetError('bad-key-file', `it is not the seed of ${kind === 'user' ? 'a' : 'an'} ${kind}`, {
      place, hint: `a line that begins with ${prefixes[kind]}`, cause: error,
    })
  }
}
