/** Paths of `struct path` in memory: by the host when the object is known, else by walking the dentries there. */
import type { File, Host, Path } from '@lsmkit/core'
import { kernelStructs } from '../vmlinux/index.ts'
import type { ObjectMemory } from './object-memory.ts'

/** Dentries between a file and the root of its file system. */
const DEEPEST = 256

export const pathAt = (host: Host, objects: ObjectMemory, address: number): string | null => {
  if (!objects.memory.mayRead(address, 16)) return null
  const path = knownPath(objects, address)
  return (path === null ? null : host.d_path?.(path)) ?? walk(objects, objects.memory.view.getUint32(address + 8, true))
}

const knownPath = (objects: ObjectMemory, address: number): Path | null => {
  const shown = objects.objectAt(address)
  if (shown !== null && 'dentry' in shown) return shown as Path
  const file = objects.objectAt(address - kernelStructs().file!.fields.f_path!.offset)
  return file !== null && 'f_path' in file ? (file as File).f_path : null
}

const walk = (objects: ObjectMemory, dentry: number): string | null => {
  const { memory } = objects
  const { d_parent: up, d_name: name } = kernelStructs().dentry!.fields
  const names: string[] = []
  let at = dentry
  for (let depth = 0; depth < DEEPEST; depth++) {
    if (!memory.mayRead(at, kernelStructs().dentry!.size)) return null
    const parent = memory.view.getUint32(at + up!.offset, true)
    if (parent === at || parent === 0) return `/${names.reverse().join('/')}`
    const length = memory.view.getUint32(at + name!.offset + 4, true)
    const text = memory.view.getUint32(at + name!.offset + 8, true)
    if (!memory.mayRead(text, length)) return null
    names.push(new TextDecoder().decode(memory.u8.subarray(text, text + length)))
    at = parent
  }
  return null
}
