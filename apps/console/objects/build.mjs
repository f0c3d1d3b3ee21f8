/** Rebuilds the object beside it from its C source, with clang 19: `node apps/console/objects/build.mjs`. */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = dirname(fileURLToPath(import.meta.url))
// paths in the debug information do not depend on where the clone is
const { status, error } = spawnSync(process.env.CLANG ?? 'clang-19', [
  '-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable',
  `-fdebug-prefix-map=${folder}=.`, '-fdebug-compilation-dir=.', '-c', 'unchecked.c', '-o', 'unchecked.o',
], { cwd: folder, stdio: 'inherit' })
if (error) throw error
process.exit(status ?? 1)
