/** The store of a command: its options, and a store that is closed again. */
import { resolve } from 'node:path'
import { folder, nats } from '@lsmkit/fleet'
import type { Store } from '@lsmkit/fleet'
import { CommandError } from '../../command-error.ts'
import { isFolder, readHostText } from '../../host-file.ts'
import type { Io } from '../../io.ts'

export interface StoreFlags {
  readonly store: string
  readonly credentials?: string
  readonly nkey?: string
  readonly jwt?: string
  readonly json?: boolean
}

const textOf = <K extends string>(io: Io, name: K, file: string | undefined): { readonly [N in K]?: string } =>
  file === undefined ? {} : { [name]: readHostText(io, file) } as { readonly [N in K]?: string }

const storeOf = (io: Io, { store, credentials, nkey, jwt }: StoreFlags): Store => {
  if (/^(?:nats|tls|wss?):\/\//.test(store)) {
    return nats({
      servers: store.split(','), ...textOf(io, 'credentials', credentials), ...textOf(io, 'nkeySeed', nkey),
      ...textOf(io, 'jwt', jwt),
    })
  }
  if (credentials ?? nkey ?? jwt) throw new CommandError('usage', 'a store in a folder has no users')
  // hosts and bundles are there before any command, so a folder that is not there is a slip
  if (!isFolder(io, store)) throw new CommandError('badInput', `there is no store \`${store}\``)
  return folder(resolve(io.cwd, store))
}

export const withStore = async <T>(io: Io, flags: StoreFlags, work: (store: Store) => Promise<T>): Promise<T> => {
  const store = storeOf(io, flags)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}
