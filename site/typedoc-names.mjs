/**
 * A plugin of TypeDoc: modules have the names that programs import, `@lsmkit/core/order`, not those of their files, and
 * pages have the landmarks that readers with a screen reader jump to.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Converter, PageEvent } from 'typedoc'

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

/** Attributes that TypeDoc's theme lacks. */
const landmarks = [
  ['<div class="col-content">', '<div class="col-content" role="main">'],
  ['<div class="col-sidebar">', '<div class="col-sidebar" role="complementary" aria-label="Contents">'],
  ['<nav id="tsd-sidebar-links" class="tsd-navigation">',
    '<nav id="tsd-sidebar-links" class="tsd-navigation" aria-label="Site">'],
]

/** A heading is at most one level below the one before it. */
function withoutGaps(html) {
  let [before, opened] = [0, 0]
  return html.replace(/<(\/?)h([1-6])\b/g, (_whole, slash, level) => {
    if (slash === '') before = opened = Math.min(Number(level), before + 1)
    return `<${slash}h${opened}`
  })
}

/** A title that folds its section holds no link: a press would mean two things. */
const withoutNestedLinks = (html) =>
  html.replace(/<summary\b.*?<\/summary>/gs, (summary) => summary.replace(/<a\b.*?<\/a>/gs, ''))

const accessible = (html) =>
  withoutGaps(withoutNestedLinks(landmarks.reduce((text, [from, to]) => text.replace(from, to), html)))

export function load(app) {
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents !== undefined && page.url.endsWith('.html')) page.contents = accessible(page.contents)
  })
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
