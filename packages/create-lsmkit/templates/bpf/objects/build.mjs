/** Rebuilds first-come.o from its source, with clang: `npm run objects`. CLANG names another than `clang`. */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
const header = dirname(fileURLToPath(import.meta.resolve('@lsmkit/bpf/objects/lsmkit.h')))
const clang = process.env.CLANG ?? 'clang'

const { status, error } = spawnSync(clang, [
  '-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable',
  // the object is the same wherever the folder lies
  `-fdebug-prefix-map=${folder}=.`, `-fdebug-prefix-map=${header}=.`, '-fdebug-compilation-dir=.',
  '-I', header, '-c', 'first-come.c', '-o', 'first-come.o',
], { cwd: folder, stdio: 'inherit' })
if (error) {
  process.stderr.write(`\`${clang}\` cannot be run (${error.message}): install clang 19, or name it in CLANG\n`)
  process.exitCode = 1
} else {
  process.exitCode = status ?? 1
}
