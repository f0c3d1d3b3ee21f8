/** A plugin of TypeDoc: modules have the names that programs import, `@lsmkit/core/order`, not those of their files. */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Converter } from 'typedoc'

const root = join(import.meta.dirname, '..')

/** Names by declaration file. */
function entryNames() {
  const names = new Map()
  for (const file of globSync('packages/*/package.json', { cwd: root })) {
    const { name, exports: table = {} } = JSON.parse(readFileSync(join(root, file), 'utf8'))
    for (const [path, entry] of Object.entries(table)) {
      if (typeof entry !== 'object' || !entry.types) continue
      const declarations = join(root, dirname(file), entry.types)
      // an old name of an entry stands behind the new one
      if (!names.has(declarations)) names.set(declarations, name + path.slice(1))
    }
  }
  return names
}

export function load(app) {
  const names = entryNames()
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const file = module.sources?.[0]?.fullFileName
      const name = names.get(file)
      if (name === undefined) throw new Error(`${file}: no package has this entry`)
      module.name = name
    }
  })
}
