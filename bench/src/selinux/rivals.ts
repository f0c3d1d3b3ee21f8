/** The C programs measured beside us: built where a compiler and the libraries are, or can be installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dataPath } from './data.ts'

const script = fileURLToPath(new URL('./rivals/build.sh', import.meta.url))

/** Programs of ours in C, and programs of others. */
export type Rival = 'lean' | 'sepol' | 'selinux-avc' | 'selinux-files' | 'secilc' | 'setools'

/** Builds what can be built; answers which there are. */
export const buildRivals = (): ReadonlySet<Rival> => {
  spawnSync('sh', [script, dataPath('')], { stdio: ['ignore', 2, 2] })
  const programs = ['lean', 'sepol', 'selinux-avc', 'selinux-files'] as const
  const runs = (command: string, args: readonly string[]): boolean => spawnSync(command, args).status === 0
  return new Set<Rival>([
    ...programs.filter((name) => existsSync(dataPath(name))),
    ...(runs('secilc', ['--help']) ? (['secilc'] as const) : []),
    ...(runs('python3', ['-c', 'import setools']) ? (['setools'] as const) : []),
  ])
}
