/**
 * Rebuilds the objects beside it from their C sources: `node packages/bpf/objects/build.mjs [NAME…]`, with clang 19.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const clang = process.env.CLANG ?? 'clang-19'
const wanted = process.argv.slice(2)
const sources = readdirSync(folder).filter((name) => name.endsWith('.c'))
  .filter((name) => wanted.length === 0 || wanted.includes(name.slice(0, -2)))

for (const source of sources) {
  const object = source.replace(/c$/, 'o')
  // paths in the debug information, and so the objects, do not depend on where the clone is
  const { status, error } = spawnSync(clang, [
    '-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable',
    `-fdebug-prefix-map=${folder}=.`, '-fdebug-compilation-dir=.', '-c', source, '-o', object,
  ], { cwd: folder, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
  process.stdout.write(`${object}\n`)
}
