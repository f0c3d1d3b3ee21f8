/**
 * Modules that most runs of a command do not need, in groups. The script of a group is loaded when one of its functions
 * is first called: a module outside of all groups imports stand-ins of them. The bundle fails where such a module
 * imports something that has no stand-in, such as a class, or compares a function that has one. One that passes such a
 * thing on to others (`export { HostTree } from …`) passes the real one on.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { functionOf, moduleOf, standInFor } from './stand-ins.mjs'

const sourcesBelow = (packages) => readdirSync(packages).sort()
  .map((name) => join(packages, name, 'src')).filter(existsSync)
  .flatMap((folder) => readdirSync(folder, { recursive: true }).sort().map((name) => join(folder, name)))
  .filter((path) => /(?<!\.test|\.test-d)\.ts$/.test(path))

/** What a module that passes something on has. */
const PASSES = /^export \{[^}]*\} from '\./m

class Groups {
  #packages
  #groups
  /** Modules by group. */
  #members = new Map()
  /** Names that modules outside pass on, by the module that they are from. */
  #passed = new Map()

  /** `groups`: by name, a test of the path of a module below `packages`. */
  constructor(packages, groups) {
    this.#packages = packages
    this.#groups = groups
    for (const name of Object.keys(groups)) this.#members.set(name, [])
    for (const path of sourcesBelow(packages)) {
      if (this.of(path) !== undefined) this.#members.get(this.of(path)).push(path)
      else if (PASSES.test(readFileSync(path, 'utf8'))) this.#notePassed(path)
    }
    const idle = this.names.find((name) => this.#members.get(name).length === 0)
    if (idle !== undefined) throw new Error(`no module is in \`${idle}\``)
  }

  #notePassed(path) {
    for (const [from, name] of moduleOf(path).passed) {
      if (this.of(from) !== undefined) this.#passed.set(from, (this.#passed.get(from) ?? new Set()).add(name))
    }
  }

  get names() {
    return [...this.#members.keys()]
  }

  /** The group of a module, undefined for one of none. */
  of(path) {
    const place = relative(this.#packages, path)
    return this.names.find((name) => this.#groups[name](place))
  }

  /** Exports of the module that have a stand-in, the name that each has in the script of the group, and the text. */
  #standIns(path) {
    const group = this.of(path)
    return moduleOf(path).exported.flatMap((name) => {
      const inScript = `${name}$${this.#members.get(group).indexOf(path)}`
      const text = standInFor(path, name, `(script??=$load("later-${group}.js")).${inScript}`)
      return text === null ? [] : [{ name, inScript, text }]
    })
  }

  /** The module that others import in the place of this one. */
  standIn(path) {
    const standIns = this.#standIns(path)
    const lines = standIns.map(({ name, text }) => `export const ${name}=${text}`)
    // classes and other things that have none: without them esbuild would take the names for types, and drop them
    const real = [...this.#passed.get(path) ?? []].filter((name) => !standIns.some((one) => one.name === name))
    const last = real.length === 0 ? 'export {}' : `export {${real}} from ${JSON.stringify(path)}`
    return ['let script', ...lines, last].join('\n')
  }

  /** The module that the script of a group is made from. */
  entry(group) {
    return this.#members.get(group).map((path) => {
      this.refuseComparing(path)
      const names = this.#standIns(path).map(({ name, inScript }) => `${name} as ${inScript}`)
      return `export {${names}} from ${JSON.stringify(path)}`
    }).join('\n')
  }

  /** Throws where a module compares a function of a group: some have the function, and some its stand-in. */
  refuseComparing(path) {
    const { imported, compared } = moduleOf(path)
    for (const name of compared) {
      const [from, its] = imported.get(name) ?? [path, name]
      if (this.of(from) !== undefined && functionOf(from, its) !== undefined) {
        throw new Error(`${path} compares \`${name}\`, which is loaded later`)
      }
    }
  }
}

/** The plugin, and the entries to give esbuild beside others. The scripts must have a function `$load`. */
export const laterModules = (packages, tests) => {
  const groups = new Groups(packages, tests)
  return {
    entries: groups.names.map((name) => ({ in: `later:${name}`, out: `later-${name}` })),
    plugin: {
      name: 'later-modules',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^later:/ }, ({ path }) => ({ path: path.slice('later:'.length), namespace: 'later' }))
        onLoad({ filter: /^/, namespace: 'later' }, ({ path }) =>
          ({ contents: groups.entry(path), resolveDir: packages }))
        onResolve({ filter: /^\.\.?\/.*\.ts$/, namespace: 'file' }, ({ path, importer, kind }) => {
          const module = join(dirname(importer), path)
          if (kind !== 'import-statement' || groups.of(module) === undefined) return null
          if (groups.of(importer) !== undefined) return null
          groups.refuseComparing(importer)
          // not by the place of the clone, which would give scripts other names elsewhere
          return { path: relative(packages, module), namespace: 'stand-in' }
        })
        onLoad({ filter: /^/, namespace: 'stand-in' }, ({ path }) =>
          ({ contents: groups.standIn(join(packages, path)), resolveDir: packages }))
      },
    },
  }
}
