/** Where the built packages of this repository are, by the names that programs import. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { published } from '../pack.mjs'

const manifests = new Map(published().map(({ folder, manifest }) => [manifest.name, { folder, manifest }]))

const fileOf = (target) => (typeof target === 'string' ? target : fileOf(target.default ?? target.import))

/** The file of an import as users get it, or null for a package that is not ours. Throws for one that is not built. */
export const ownFile = (specifier) => {
  const [scope, name, ...rest] = specifier.split('/')
  const found = manifests.get(`${scope}/${name}`)
  if (found === undefined) return null
  const subpath = rest.length === 0 ? '.' : `./${rest.join('/')}`
  const target = found.manifest.publishConfig.exports[subpath]
  if (target === undefined) throw new Error(`${specifier} is not exported`)
  const file = join(found.folder, fileOf(target))
  if (!existsSync(file)) throw new Error(`${file} is not there: node scripts/run.mjs build`)
  return file
}

/** A module with its imports of our packages written as `url(file)`. */
export const withOwnImports = (file, url) => readFileSync(file, 'utf8')
  .replace(/(\bfrom\s*|\bimport\s*\(?\s*)(["'])(@lsmkit\/[^"']+)\2/g, (whole, before, quote, specifier) => {
    const own = ownFile(specifier)
    return own === null ? whole : `${before}${quote}${url(own)}${quote}`
  })

/** Folders of our packages by name, for a `node_modules` of links. */
export const ownPackages = () => [...manifests].map(([name, { folder }]) => ({ name, folder }))
