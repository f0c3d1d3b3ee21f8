/** Local changes as commands take them (`--local`): text of `semanage export`, files of a policy store, or a store. */
import { readdirSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import {
  applyLocalChanges, equivalencesText, LabelsError, LocalChanges, localFileContextsText, parseSeusers, parseUsersExtra,
  seusersText, storeFileNames, takeSemanage, takeStoreFile,
} from '@lsmkit/selinux/labels'
import type { Policydb } from '@lsmkit/selinux/policydb'
import { CommandError } from '../../command-error.ts'
import { isFolder, readHostText, reading } from '../../host-file.ts'
import type { Io } from '../../io.ts'

/** Runs what reads texts about labels; errors get the place in front. */
export const withLabelsErrors = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof LabelsError)) throw error
    const place = error.place === null ? '' : `${error.place}: `
    throw new CommandError('badInput', `${place}${error.summary}`, error.hint ?? undefined)
  }
}

/** Changes in files of a store, by name. Files of kinds that are not read are noted. */
export const changesIn = (io: Io, files: ReadonlyMap<string, Uint8Array>, store: string): LocalChanges =>
  withLabelsErrors(() => {
    const changes = new LocalChanges()
    for (const [file, bytes] of files) {
      const place = join(store, file)
      if (takeStoreFile(changes, file, new TextDecoder().decode(bytes), place)) continue
      io.note(`lsm: \`${place}\` is not applied: its kind of changes is not read`)
    }
    return changes
  })

/** The policy with what such files change. */
export const withChanges = (policy: Policydb, changes: LocalChanges): Policydb =>
  changes.isEmpty ? policy : withLabelsErrors(() => applyLocalChanges(policy, changes))

/** Texts beside a file_contexts, by what their names end in; nothing where there are no such changes. */
export const localContexts = (changes: LocalChanges, isMls: boolean): ReadonlyMap<string, string> =>
  new Map(Object.entries({ local: localFileContextsText(changes, isMls), subs: equivalencesText(changes) })
    .filter(([, text]) => text !== ''))

/** seusers and users_extra with the changes, which come in place of lines about the same login or user. */
export const withLocalUsers = (
  seusers: string, usersExtra: string, { logins, prefixes }: LocalChanges,
): { readonly seusers: string; readonly usersExtra: string } => withLabelsErrors(() => ({
  seusers: seusersText([...new Map([...parseSeusers(seusers).map((one) => [one.login, one] as const), ...logins])
    .values()]),
  usersExtra: [...new Map([...parseUsersExtra(usersExtra), ...prefixes])]
    .map(([user, prefix]) => `user ${user} prefix ${prefix};\n`).join(''),
}))

/** A store's folder is the one with the `.local` files, or one that has it as `active`. */
const storeFolder = (io: Io, name: string): string => {
  const active = join(name, 'active')
  return resolve(io.cwd, isFolder(io, active) ? active : name)
}

const takeStore = (io: Io, changes: LocalChanges, name: string, mayBeEmpty = false): void => {
  const folder = storeFolder(io, name)
  const files = new Set(reading(name, () => readdirSync(folder)))
  const known = storeFileNames.filter((file) => files.has(file))
  if (!mayBeEmpty && known.length === 0 && !files.has('policy.kern') && !files.has('seusers')) {
    throw new CommandError('badInput', `\`${name}\` has no changes in it`, `files: ${storeFileNames.join(', ')}`)
  }
  for (const file of known) takeStoreFile(changes, file, readHostText(io, join(folder, file)), join(name, file))
}

/** All that is named, one after the other: what comes later stands. The changes of a `store`, if any, come first. */
export const localChanges = (
  io: Io, names: readonly string[] = [], store?: string,
): LocalChanges => withLabelsErrors(() => {
  const changes = new LocalChanges()
  if (store !== undefined) takeStore(io, changes, store, true)
  for (const name of names) {
    if (name !== '-' && isFolder(io, name)) {
      takeStore(io, changes, name)
      continue
    }
    const text = readHostText(io, name)
    if (!takeStoreFile(changes, basename(name), text, name)) takeSemanage(changes, text, name)
  }
  return changes
})

/** The policy with the changes in it. */
export const withLocal = (io: Io, policy: Policydb, names: readonly string[] | undefined): Policydb =>
  names === undefined ? policy : withChanges(policy, localChanges(io, names))
