/**
 * memfs' `Volume` over the `fs` of a task: a file system in memory, by a user who is not root. Its inner parts (`Link`,
 * `Node`, `vol.root`) are not there. For `memfs.mjs`.
 */
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { taskFs } from '@lsmkit/node'

const USER = 1000

const dirOf = (path) => path.slice(0, Math.max(1, path.lastIndexOf('/')))

/** The `fs` of a user in a new kernel whose root holds nothing. */
const newFs = () => {
  const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }), usualMounts: false, root: 'mode=777' })
  const { sys, init } = kernel
  sys.setresgid(init, USER, USER, USER)
  sys.setresuid(init, USER, USER, USER)
  return taskFs(kernel, init)
}

export class Volume {
  static fromJSON(json, cwd) {
    const volume = new Volume()
    volume.fromJSON(json, cwd)
    return volume
  }

  static fromNestedJSON(json, cwd) {
    return Volume.fromJSON(flat(json, ''), cwd)
  }

  constructor() {
    this.reset()
  }

  reset() {
    const fs = newFs()
    for (const name of Object.keys(fs)) this[name] = fs[name]
  }

  fromJSON(json, cwd = '/') {
    for (const [name, contents] of Object.entries(json)) {
      const path = name.startsWith('/') ? name : `${cwd.replace(/\/$/, '')}/${name}`
      this.mkdirSync(contents === null ? path : dirOf(path), { recursive: true })
      if (contents !== null) this.writeFileSync(path, contents)
    }
  }

  fromNestedJSON(json, cwd) {
    this.fromJSON(flat(json, ''), cwd)
  }

  mkdirpSync(path, mode) {
    return this.mkdirSync(path, { recursive: true, mode })
  }

  toJSON(paths = '/', json = {}, isRelative = false) {
    const walk = (path, shown) => {
      const stat = this.lstatSync(path)
      if (stat.isFile()) json[shown] = this.readFileSync(path, 'utf8')
      if (!stat.isDirectory()) return
      const names = this.readdirSync(path)
      if (names.length === 0 && path !== '/') json[shown] = null
      for (const name of names) {
        const below = `${path === '/' ? '' : path}/${name}`
        walk(below, isRelative ? below.slice(path.length + 1) : below)
      }
    }
    for (const path of [paths].flat()) if (this.existsSync(String(path))) walk(String(path), String(path))
    return json
  }
}

/** Directories that are objects, as paths. */
const flat = (json, top) => Object.fromEntries(Object.entries(json).flatMap(([name, value]) => {
  const path = top === '' ? name : `${top}/${name}`
  if (value === null || typeof value === 'string' || value instanceof Uint8Array) return [[path, value]]
  const below = Object.entries(flat(value, path))
  return below.length === 0 ? [[path, null]] : below
}))

export const createFsFromVolume = (volume) => volume
export const memfs = (json = {}, cwd = '/') => {
  const vol = Volume.fromNestedJSON(typeof json === 'string' ? {} : json, cwd)
  return { fs: vol, vol }
}
export const vol = new Volume()
export const fs = vol
export default { Volume, createFsFromVolume, memfs, vol, fs }
