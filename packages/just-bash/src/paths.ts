/** Paths as just-bash has them: from the root, with `.` and `..` taken out before anybody looks at the tree. */
import { ENOENT } from '@lsmkit/abi'

/** A path that has to be made plain: `//`, `/.`, `/..`, a slash at its end. */
const UNEVEN = /\/(?:\.{0,2}(?:\/|$))/

const plain = (path: string): string => {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return `/${names.join('/')}`
}

export const resolved = (base: string, path: string): string => plain(path.startsWith('/') ? path : `${base}/${path}`)

/** For the system calls of `call`. A NUL would end the path there. */
export const absolute = (path: string, call: string): string => {
  if (path.includes('\0')) throw Object.assign(new Error(`ENOENT: path contains null byte, ${call} '${path}'`), nul)
  return path.startsWith('/') && !UNEVEN.test(path) ? path : plain(path)
}

const nul = { code: 'ENOENT', errno: -ENOENT }
