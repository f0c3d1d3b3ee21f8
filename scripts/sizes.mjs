/**
 * Reports what each entry point weighs in a bundle, its own code without the other packages, and what the first program
 * of README.md weighs with all of them; minified and gzipped. Fails when that program is heavier than README.md says.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { published } from './pack.mjs'
import { bundledPrograms } from './readme-program.mjs'
import { root } from './tools.mjs'

const packages = published()

async function bundle(rolldownOptions, plugins = []) {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    plugins,
    build: {
      write: false,
      minify: true,
      ssr: true,
      rolldownOptions: { ...rolldownOptions, output: { minify: true } },
    },
    ssr: { noExternal: true },
  })
  return result.output.map((chunk) => chunk.code ?? '').join('')
}

/** The program as a module, and the packages as they are published. */
const programPlugin = (code) => ({
  name: 'readme-program',
  enforce: 'pre',
  resolveId(id) {
    if (id === 'program') return '\0program'
    const found = packages.find(({ manifest: { name } }) => id === name || id.startsWith(`${name}/`))
    if (found === undefined) return null
    const entry = found.manifest.publishConfig.exports[`.${id.slice(found.manifest.name.length)}`]
    return join(found.folder, entry.default)
  },
  load: (id) => (id === '\0program' ? code : null),
})

const cell = (bytes) => `${(bytes / 1024).toFixed(1)} kB`.padStart(10)
const row = (name, code) =>
  console.log(`${name.padEnd(32)}${cell(code.length)}${cell(gzipSync(code).length)}`)

console.log(`${'entry'.padEnd(32)}${'minified'.padStart(10)}${'gzipped'.padStart(10)}`)
for (const { folder, manifest } of packages) {
  for (const [path, entry] of Object.entries(manifest.exports)) {
    if (entry.default === undefined) continue
    row(join(manifest.name, path), await bundle({ input: join(folder, entry.default), external: /^(?!\.|\/)/ }))
  }
}

for (const { name, code, promised } of bundledPrograms(readFileSync(join(root, 'README.md'), 'utf8'))) {
  const bundled = await bundle({ input: 'program', external: /^node:/ }, [programPlugin(code)])
  row(name, bundled)
  const weighs = gzipSync(bundled).length / 1000
  if (weighs <= promised && weighs > promised - 10) continue
  console.error(`README.md promises ${promised} kB for ${name}: it weighs ${weighs.toFixed(1)} kB`)
  process.exitCode = 1
}
