/** The same rights as JWTs: an operator signs accounts, an account signs its users, and servers know the operator. */
import { FleetError } from '../fleet-error.ts'
import { optionalPackage } from '../store/nats/connection.ts'
import { checkUsers, usersOf } from './description.ts'
import type { FleetUsers, TenantUsers } from './description.ts'
import { nkeyOfSeed } from './nkeys.ts'
import { rightsOf } from './rights.ts'

/** Seeds that sign: keep them off the servers. */
export interface Signers {
  /** `SO…` */
  readonly operator: string
  /** Of the account of the servers themselves, `SA…`. It gets no users. */
  readonly system: string
  /** By tenant, `SA…`. */
  readonly accounts: Readonly<Record<string, string>>
}

export interface JwtUser {
  readonly tenant: string
  readonly role: string
  readonly name: string
  readonly jwt: string
}

export interface FleetJwts {
  /** For `include` in the configuration of each server: the operator and all accounts. */
  readonly config: string
  /** One for each user, who needs the seed too. */
  readonly users: readonly JwtUser[]
}

const jwtPackage = () => optionalPackage(() => import('@nats-io/jwt'), '@nats-io/jwt')
type JwtPackage = Awaited<ReturnType<typeof jwtPackage>>

const UNLIMITED = -1

const unlimited = {
  subs: UNLIMITED, data: UNLIMITED, payload: UNLIMITED, conn: UNLIMITED, leaf: UNLIMITED, imports: UNLIMITED,
  exports: UNLIMITED, wildcards: true,
}

const accountJwt = async (jwt: JwtPackage, tenant: string, of: TenantUsers, account: string, operator: string) =>
  jwt.encodeAccount(tenant, account, {
    limits: {
      ...unlimited, mem_storage: 0, disk_storage: of.mostBytes ?? UNLIMITED, streams: UNLIMITED, consumer: UNLIMITED,
    },
  }, { signer: operator })

const userJwts = async (jwt: JwtPackage, tenant: string, of: TenantUsers, account: string): Promise<JwtUser[]> =>
  Promise.all(usersOf(of).map(async ({ role, name, nkey }) => {
    const { publish, subscribe } = rightsOf(role, name, nkey)
    return {
      tenant, role, name,
      jwt: await jwt.encodeUser(name, nkey, account, { pub: { allow: [...publish] }, sub: { allow: [...subscribe] } }),
    }
  }))

/**
 * Signs what `serverConfig` writes. Rejects as it throws, and with FleetError `bad-key-file` for a seed that is missing
 * or of another kind, and `no-driver` without `@nats-io/jwt`.
 */
export const fleetJwts = async (users: FleetUsers, signers: Signers): Promise<FleetJwts> => {
  const tenants = Object.entries(checkUsers(users).tenants)
  const operator = await nkeyOfSeed(signers.operator, 'operator', 'operator')
  const jwt = await jwtPackage()
  const system = await nkeyOfSeed(signers.system, 'account', 'system')
  const systemJwt = await jwt.encodeAccount('SYS', system.seed, { limits: unlimited }, { signer: operator.seed })
  const preloads = [`  ${system.public}: ${systemJwt}`]
  const made: JwtUser[] = []
  for (const [tenant, of] of tenants) {
    const seed = Object.hasOwn(signers.accounts, tenant) ? signers.accounts[tenant] : undefined
    if (seed === undefined) throw new FleetError('bad-key-file', 'the tenant has no seed', { place: tenant })
    const account = await nkeyOfSeed(seed, 'account', tenant)
    preloads.push(`  ${account.public}: ${await accountJwt(jwt, tenant, of, account.seed, operator.seed)}`)
    made.push(...await userJwts(jwt, tenant, of, account.seed))
  }
  const config = [
    '# Accounts of a fleet, by `lsm fleet permissions --jwt`. Do not edit: write it anew.',
    `operator: ${await jwt.encodeOperator('lsmkit', operator.seed)}`,
    `system_account: ${system.public}`, 'resolver: MEMORY', 'resolver_preload: {', ...preloads, '}', '',
  ].join('\n')
  return { config, users: made }
}
