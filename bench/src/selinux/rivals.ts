/** The C programs measured beside us: built where a compiler and the libraries are, or can be installed. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dataPath } from './data.ts'

const script = fileURLToPath(new URL('./rivals/build.sh', import.meta.url))

/** Debian's own, which has Debian's setools. */
export const PYTHON = '/usr/bin/python3'

/** Programs of ours in C, and programs of others. */
export type Rival = 'lean' | 'sepol' | 'selinux-avc' | 'selinux-files' | 'secilc' | 'setools'

/** Builds what can be built; answers which there are. */
export const buildRivals = (): ReadonlySet<Rival> => {
  spawnSync('sh', [script, dataPath('')], { stdio: ['ignore', 2, 2] })
  const programs = ['lean', 'sepol', 'selinux-avc', 'selinux-files'] as const
  return new Set<Rival>([
    ...programs.filter((name) => existsSync(dataPath(name))),
    ...(spawnSync('secilc', ['--help']).error === undefined ? (['secilc'] as const) : []),
    ...(spawnSync(PYTHON, ['-c', 'import setools']).status === 0 ? (['setools'] as const) : []),
  ])
}
