/** Paths of `struct path`: by the host when it knows it, else by the names up to the root of its file system. */
import type { Dentry, Host, Path } from '@lsmkit/core'
import type { KernelObjects } from '../kobject/kernel-objects.ts'

/** Dentries between a file and the root of its file system. */
const DEEPEST = 256

export const pathAt = (host: Host, objects: KernelObjects, address: number): string | null => {
  const path = objects.partAt(address, 'path') as Path | null
  return path === null ? null : (host.d_path?.(path) ?? namesOf(path.dentry))
}

const namesOf = (dentry: Dentry): string | null => {
  const names: string[] = []
  let at = dentry
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (at.d_parent === null || at.d_parent === undefined) return `/${names.reverse().join('/')}`
    names.push(at.d_name.name)
    at = at.d_parent
  }
  return null
}
