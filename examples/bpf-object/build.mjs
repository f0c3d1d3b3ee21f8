/** Rebuilds the objects: `node build.mjs [NAME…]`, with clang 19. The header comes from @lsmkit/bpf. */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const headers = dirname(fileURLToPath(import.meta.resolve('@lsmkit/bpf/objects/lsmkit.h')))
const named = process.argv.slice(2)
for (const name of named.length === 0 ? ['no-exec-writable', 'no-writes', 'open-watch'] : named) {
  const { status, error } = spawnSync(process.env.CLANG ?? 'clang-19', [
    '-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable', `-I${headers}`,
    `-fdebug-prefix-map=${headers}=.`, `-fdebug-prefix-map=${import.meta.dirname}=.`, '-fdebug-compilation-dir=.',
    '-c', `${name}.c`, '-o', `${name}.o`,
  ], { cwd: import.meta.dirname, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}
