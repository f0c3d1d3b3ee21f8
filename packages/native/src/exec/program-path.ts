/** Finds a program as a shell does: by its path, or by its name in PATH. */
import { accessSync, constants, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { NativeError } from '../native-error.ts'

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Throws NativeError `no-program`. */
export const programPath = (name: string, path: string, cwd: string): string => {
  if (name.includes('/')) {
    const found = resolve(cwd, name)
    if (isExecutable(found)) return found
    throw new NativeError('no-program', `\`${name}\` is not a program of this host`, {
      hint: 'a file that may be executed, or a name without a slash for one of PATH',
    })
  }
  // an empty entry is the current directory for a shell; here it is nothing
  for (const folder of path.split(':').filter((one) => one.startsWith('/'))) {
    const found = `${folder}/${name}`
    if (isExecutable(found)) return found
  }
  throw new NativeError('no-program', `there is no program \`${name}\` in PATH`, { hint: `PATH is ${path}` })
}
