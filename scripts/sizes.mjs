/** Reports what each entry point weighs in a bundle: its own code without the other packages, minified and gzipped. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { published } from './pack.mjs'

async function bundle(entry) {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      ssr: true,
      rolldownOptions: { input: entry, external: /^(?!\.|\/)/, output: { minify: true } },
    },
  })
  return result.output.map((chunk) => chunk.code ?? '').join('')
}

const cell = (bytes) => `${(bytes / 1024).toFixed(1)} kB`.padStart(10)

console.log(`${'entry'.padEnd(28)}${'minified'.padStart(10)}${'gzipped'.padStart(10)}`)
for (const { folder, manifest } of published()) {
  for (const [path, entry] of Object.entries(manifest.exports)) {
    if (entry.default === undefined) continue
    const code = await bundle(join(folder, entry.default))
    console.log(`${join(manifest.name, path).padEnd(28)}${cell(code.length)}${cell(gzipSync(code).length)}`)
  }
}
