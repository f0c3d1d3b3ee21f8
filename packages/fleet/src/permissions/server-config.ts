/** The configuration of a nats-server: an account a tenant, and its users with their nkeys. */
import { checkUsers, usersOf } from './description.ts'
import type { FleetUser, FleetUsers, TenantUsers } from './description.ts'
import { rightsOf } from './rights.ts'

const list = (subjects: readonly string[]): string => `[${subjects.map((one) => JSON.stringify(one)).join(', ')}]`

const userLines = ({ role, name, nkey }: FleetUser): readonly string[] => {
  const { publish, subscribe } = rightsOf(role, name, nkey)
  return [
    `      # ${role}: ${name}`,
    `      { nkey: ${nkey}, permissions: {`,
    `          publish: { allow: ${list(publish)} }`,
    `          subscribe: { allow: ${list(subscribe)} } } }`,
  ]
}

const accountLines = (tenant: string, of: TenantUsers): readonly string[] => [
  `  "${tenant}": {`,
  of.mostBytes === undefined ? '    jetstream: enabled' : `    jetstream: { max_mem: 0, max_file: ${of.mostBytes} }`,
  '    users: [',
  ...usersOf(of).flatMap(userLines),
  '    ]',
  '  }',
]

/**
 * The accounts of all tenants, for `include` in the configuration of each server. A user that is not in it cannot
 * connect. Throws as `checkUsers`.
 */
export const serverConfig = (users: FleetUsers): string => [
  '# Users of a fleet and their rights, by `lsm fleet permissions`. Do not edit: write it anew.',
  'accounts {',
  ...Object.entries(checkUsers(users).tenants).flatMap(([tenant, of]) => accountLines(tenant, of)),
  '}',
  '',
].join('\n')
