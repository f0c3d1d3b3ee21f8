/** `lsm fleet permissions …`: keys of users, and the configuration of servers. */
import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fleetJwts, generateNkey, nkeyOfSeed, parseUsers, rightsOf, roles, serverConfig } from '@lsmkit/fleet'
import type { FleetUsers, NkeyKind } from '@lsmkit/fleet'
import { reading, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted, EXIT, printJson, printLines } from '../../output.ts'
import { makeFolder, writeFile } from '../../output-files.ts'

interface JsonFlag {
  readonly json?: boolean
}

const write = (io: Io, name: string, text: string): void => {
  makeFolder(io, dirname(name))
  writeFile(io, name, text)
}

/** A secret: it is never written over another one. */
const writeSecret = (io: Io, name: string, text: string): void => {
  makeFolder(io, dirname(name), 0o700)
  reading(name, () => writeFileSync(resolve(io.cwd, name), `${text}\n`, { mode: 0o600, flag: 'wx' }), 'written')
}

export const nkeyCommand = async (io: Io, name: string, { json }: JsonFlag): Promise<number> => {
  const nkey = await generateNkey()
  writeSecret(io, `${name}.nk`, nkey.seed)
  if (json === true) printJson(io, { nkey: nkey.public, seed: `${name}.nk` })
  else io.print(`${nkey.public}: ${name}.nk`)
  return EXIT.ok
}

const usersIn = (io: Io, file: string): FleetUsers => {
  const text = readHostText(io, file)
  return reading(file, () => parseUsers(text))
}

const rightsIn = ({ tenants }: FleetUsers): readonly object[] => Object.entries(tenants).flatMap(([tenant, of]) =>
  roles.flatMap((role) => Object.entries(of[role] ?? {}).map(([name, nkey]) =>
    ({ tenant, role, name, nkey, ...rightsOf(role, name, nkey) }))))

export const configCommand = (io: Io, file: string, { out, json }: JsonFlag & { readonly out?: string }): number => {
  const users = usersIn(io, file)
  const config = serverConfig(users)
  const rights = rightsIn(users)
  if (out !== undefined) write(io, out, config)
  if (json === true) printJson(io, { users: rights })
  else if (out === undefined) printLines(io, config.trimEnd())
  else io.print(`${out}: ${counted(rights.length, 'user')}`)
  return EXIT.ok
}

const seedIn = async (io: Io, folder: string, name: string, kind: NkeyKind): Promise<string> => {
  const file = join(folder, `${name}.nk`)
  if (!existsSync(resolve(io.cwd, file))) {
    const made = await generateNkey(kind)
    writeSecret(io, file, made.seed)
  }
  return (await nkeyOfSeed(readHostText(io, file), kind, file)).seed
}

export interface JwtFlags extends JsonFlag {
  readonly keys: string
  readonly out: string
}

export const jwtCommand = async (io: Io, file: string, { keys, out, json }: JwtFlags): Promise<number> => {
  const users = usersIn(io, file)
  const accounts: [string, string][] = []
  for (const tenant of Object.keys(users.tenants)) accounts.push([tenant, await seedIn(io, keys, tenant, 'account')])
  const signed = await fleetJwts(users, {
    operator: await seedIn(io, keys, 'operator', 'operator'), system: await seedIn(io, keys, 'SYS', 'account'),
    accounts: Object.fromEntries(accounts),
  })
  write(io, join(out, 'fleet.conf'), signed.config)
  const files = signed.users.map(({ tenant, role, name, jwt }) =>
    ({ file: join(out, tenant, role, `${name}.jwt`), jwt }))
  for (const { file: path, jwt } of files) write(io, path, `${jwt}\n`)
  if (json === true) printJson(io, { config: join(out, 'fleet.conf'), users: files.map(({ file: path }) => path) })
  else io.print(`${join(out, 'fleet.conf')}: ${counted(accounts.length, 'tenant')}, ${counted(files.length, 'user')}`)
  return EXIT.ok
}
