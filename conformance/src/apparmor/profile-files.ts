/** Files of profiles on disk, as the compiler asks for them. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ProfileFiles } from '@lsmkit/apparmor/profile'

const from = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path)

const attempt = <T>(read: () => T): T | null => {
  try {
    return read()
  } catch {
    return null
  }
}

/** Paths are taken from the folder the user typed the command in. */
export const diskFiles: ProfileFiles = {
  read: (path) => attempt(() => statSync(from(path)).isFile() ? readFileSync(from(path)) : null),
  list: (path) => attempt(() => readdirSync(from(path))),
}
