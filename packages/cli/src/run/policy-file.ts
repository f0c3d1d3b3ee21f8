/** A policy that is a file of JSON: its relative names start from where the file lies. */
import { dirname, resolve } from 'node:path'
import { checkPolicy } from '@lsmkit/sandbox/policy-parts'
import type { Place, Policy } from '@lsmkit/sandbox/policy-parts'
import { readHostJson } from '../host-file.ts'
import type { Io } from '../io.ts'

/** As it is in its file, and with folders of the host from where that lies. */
export const readPolicy = (io: Io, name: string): { file: Policy; folder: string; named: Policy } => {
  const folder = dirname(resolve(io.cwd, name))
  const file = checkPolicy(readHostJson(io, name), name)
  const modules = file.modules?.map((one) =>
    (one.module.startsWith('.') ? { ...one, module: resolve(folder, one.module) } : one))
  const mounts = fromFolder(file.mounts ?? {}, folder)
  const named = { ...file, mounts, ...(modules === undefined ? {} : { modules }) }
  return { file, folder, named }
}

/** Folders of the host are named from where the policy lies. */
const fromFolder = (mounts: NonNullable<Policy['mounts']>, folder: string): Record<string, Place> =>
  Object.fromEntries(Object.entries(mounts).map(([path, place]) =>
    [path, place.kind === 'host-folder' ? { ...place, path: resolve(folder, place.path) } : place]))
