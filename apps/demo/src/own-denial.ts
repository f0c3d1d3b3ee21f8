/** The end of the tour: a module of the reader's own, written beside the tour, run, and its refusal shown. */
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** From the root of the clone. */
export const OWN_FILE = 'apps/demo/my-first-lsm.mjs'

const path = fileURLToPath(new URL('../my-first-lsm.mjs', import.meta.url))

export const ownSource = `/** My first LSM: nobody opens a file whose name ends in .key. Change it, and run it again. */
import { AT_FDCWD, EACCES, errnoName, O_CREAT, O_RDONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'

const vault = () =>
  defineLsm({
    name: 'vault',
    abi: '1.0',
    hooks: {
      file_open: (file) => (file.f_path.dentry.d_name.name.endsWith('.key') ? -EACCES : 0),
    },
  })

const stack = createStack({ lsms: [capability(), vault()] })
const { sys, init } = bootKernel({ stack })

for (const name of ['/notes.txt', '/host.key']) {
  const answer = sys.openat(init, AT_FDCWD, name, O_CREAT | O_RDONLY, 0o600)
  const { lsm, hook } = stack.denial ?? {}
  console.log(name, answer >= 0 ? 'opens' : \`\${errnoName(answer)}, refused by \${lsm} on \${hook}\`)
}
`

/** The output of the file as it is written. */
export const ownOutput = ['/notes.txt opens', '/host.key EACCES, refused by vault on file_open']

/** Writes the file unless the reader has it already, and runs it; the lines that it printed. */
export const runOwn = (): readonly string[] => {
  if (!existsSync(path)) writeFileSync(path, ownSource)
  const { stdout, stderr } = spawnSync(process.execPath, [path], { encoding: 'utf8', timeout: 60_000 })
  return `${stdout}${stderr}`.trimEnd().split('\n').slice(0, ownOutput.length)
}
