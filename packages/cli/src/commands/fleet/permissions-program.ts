/** `lsm fleet permissions …` and its options. */
import type { Command } from 'commander'
import { examples, JSON_TEXT } from '../../command-help.ts'
import type { Io } from '../../io.ts'

type Done = (code: number) => void

const USERS = 'users.json: tenants, hosts, controllers, publishers, readers, administrators with their public keys'

const addConfig = (permissions: Command, io: Io, done: Done): void => {
  permissions
    .command('keygen')
    .description('Makes the key of a user of NATS: NAME.nk is the secret of the host; prints the public key.')
    .argument('<name>', 'path of the file, without its end')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet permissions keygen /etc/fleet/web-1'))
    .action(async (name: string, options) => {
      const { nkeyCommand } = await import('./permissions.ts')
      done(await nkeyCommand(io, name, options))
    })
  permissions
    .command('config')
    .description('Writes accounts, users and their least rights, for `include` in the configuration of nats-servers.')
    .argument('<users>', USERS)
    .option('-o, --out <file>', 'the file; without it the text is printed')
    .option('--json', 'prints the rights of each user as JSON')
    .addHelpText('after', examples('lsm fleet permissions config users.json -o /etc/nats/fleet.conf'))
    .action(async (file: string, options) => {
      const { configCommand } = await import('./permissions.ts')
      done(configCommand(io, file, options))
    })
}

const addJwt = (permissions: Command, io: Io, done: Done): void => {
  permissions
    .command('jwt')
    .description('Writes the same as JWTs: OUT/fleet.conf for the servers, OUT/TENANT/ROLE/NAME.jwt for each user.')
    .argument('<users>', USERS)
    .requiredOption('-k, --keys <folder>', 'seeds that sign: operator.nk, SYS.nk, TENANT.nk; those missing are made')
    .requiredOption('-o, --out <folder>', 'where the JWTs are written')
    .option('--json', JSON_TEXT)
    .addHelpText('after', examples('lsm fleet permissions jwt users.json --keys secrets -o jwts'))
    .action(async (file: string, options) => {
      const { jwtCommand } = await import('./permissions.ts')
      done(await jwtCommand(io, file, options))
    })
}

export const addPermissions = (fleet: Command, io: Io, done: Done): void => {
  const permissions = fleet.command('permissions')
    .description('Least rights on NATS for each host, controller and reader, from one description.')
  for (const add of [addConfig, addJwt]) add(permissions, io, done)
}
