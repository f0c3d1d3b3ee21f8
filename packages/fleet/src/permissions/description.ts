/** The description of a fleet's users: who is in which tenant, in which role, with which key. */
import { checkOptions, optionsOf, recordOf, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRule, OptionRules } from '@lsmkit/core/option-rules'
import { FleetError, reasonOf } from '../fleet-error.ts'
import { checkKey } from '../store/keys.ts'
import { roles } from './rights.ts'
import type { Role } from './rights.ts'

/** Names of users with their public nkeys, `U…`. The name of a host is its key in the store. */
export type Users = Readonly<Record<string, string>>

export interface TenantUsers extends Partial<Readonly<Record<Role, Users>>> {
  /** Bytes that the tenant's streams may take on each server. Default: as many as there are. */
  readonly mostBytes?: number
}

export interface FleetUsers {
  /** One account of NATS a tenant; no tenant sees anything of another. */
  readonly tenants: Readonly<Record<string, TenantUsers>>
}

/** One user, as `usersOf` lists them. */
export interface FleetUser {
  readonly role: Role
  readonly name: string
  readonly nkey: string
}

const anNkey: OptionRule = {
  is: (value) => typeof value === 'string' && /^U[A-Z2-7]{55}$/.test(value), what: 'a public nkey of a user, `U…`',
  hint: 'lsm fleet permissions keygen',
}
const tenantRules: OptionRules<TenantUsers> = {
  hosts: recordOf(anNkey), controllers: recordOf(anNkey), publishers: recordOf(anNkey), readers: recordOf(anNkey),
  administrators: recordOf(anNkey), mostBytes: wholeNumber(1),
}
const rules: OptionRules<FleetUsers> = { tenants: required(recordOf(optionsOf(tenantRules))) }

/** Accounts of the server itself. */
const RESERVED: ReadonlySet<string> = new Set(['SYS', '$SYS', '$G'])

const bad = (message: string, place: string): FleetError => new FleetError('bad-key', message, { place })

const checkTenant = (tenant: string): void => {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(tenant) && !RESERVED.has(tenant)) return
  throw bad(`\`${tenant.slice(0, 64)}\` is not a name of a tenant`, 'tenants')
}

export const usersOf = (tenant: TenantUsers): readonly FleetUser[] => roles.flatMap((role) =>
  Object.entries(tenant[role] ?? {}).map(([name, nkey]) => ({ role, name, nkey })))

/** Throws OptionError, and FleetError `bad-key` for a name that no store takes, or a key that two users have. */
export const checkUsers = (users: FleetUsers): FleetUsers => {
  checkOptions(users, rules, 'permissions')
  const seen = new Map<string, string>()
  for (const [tenant, of] of Object.entries(users.tenants)) {
    checkTenant(tenant)
    for (const { role, name, nkey } of usersOf(of)) {
      const place = `${tenant}.${role}.${checkKey(name, `${tenant}.${role}`)}`
      const other = seen.get(nkey)
      if (other !== undefined) throw bad(`it has the key of ${other}`, place)
      seen.set(nkey, place)
    }
  }
  return users
}

/** Throws FleetError `damaged` for a text that is not JSON, and as `checkUsers`. */
export const parseUsers = (text: string): FleetUsers => {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    throw new FleetError('damaged', `it is not JSON: ${reasonOf(error)}`, { place: 'permissions', cause: error })
  }
  return checkUsers(given as FleetUsers)
}
