/** Rebuilds no-exec-writable.o: `node build.mjs`, with clang 19. The header comes from @lsmkit/bpf. */
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const headers = dirname(fileURLToPath(import.meta.resolve('@lsmkit/bpf/objects/lsmkit.h')))
const { status, error } = spawnSync(process.env.CLANG ?? 'clang-19', [
  '-target', 'bpfel', '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-const-variable', `-I${headers}`,
  `-fdebug-prefix-map=${headers}=.`, `-fdebug-prefix-map=${import.meta.dirname}=.`, '-fdebug-compilation-dir=.',
  '-c', 'no-exec-writable.c', '-o', 'no-exec-writable.o',
], { cwd: import.meta.dirname, stdio: 'inherit' })
if (error) throw error
process.exitCode = status ?? 1
