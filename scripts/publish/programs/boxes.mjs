/**
 * Boxes run a program, `cat`, in the worker and inline: `boxes.mjs MODULES CAT [packages]`, the modules of the policy
 * as JSON. `packages`: inline boxes run on the packages, though no modules join them.
 */
import { readFileSync } from 'node:fs'
import { OptionError } from '@lsmkit/core'
import { FileError, Stats, TaskFiles } from '@lsmkit/kernel/files'
import { createSandbox, memory, SandboxError } from '@lsmkit/sandbox'
import { ProgramError } from '@lsmkit/wasi'

const [modules, program, packages] = process.argv.slice(2)
const policy = { allow: { read: ['/data'] }, mounts: { '/data': memory() }, modules: JSON.parse(modules) }

/** Rejects unless the call does, with an error of the class and the code. */
const refused = async (call, kind, code) => {
  const error = await call.then(() => null, (cause) => cause)
  if (!(error instanceof kind) || error.code !== code) throw new Error(`${kind.name} ${code}`, { cause: error })
}

const open = async (options) => {
  const box = await createSandbox({ ...policy, ...options })
  await box.fs.writeFile('/data/a', 'hello\n')
  const { stdout, stderr } = await box.run(readFileSync(program), { args: ['/data/a'] })
  if (stdout !== 'hello\n') throw new Error(`${stdout}${stderr}`)
  if (!((await box.fs.stat('/data/a')) instanceof Stats)) throw new Error('stat gives no Stats')
  await refused(box.fs.readFile('/data/b'), FileError, 'ENOENT')
  await refused(box.run(Uint8Array.of(1)), ProgramError, 'not-a-module')
  await refused(box.run('/data/a', { label: 1 }), OptionError, 'bad-option')
  await refused(box.sh('true'), SandboxError, 'not-there')
  return box
}

await (await open({})).close()
const box = await open({ inline: true })
const { insideOf } = await import('@lsmkit/sandbox/inside')
if (policy.modules.length === 0 && packages === undefined) {
  await refused((async () => insideOf(box))(), SandboxError, 'inline-only')
}
await box.close()
// whoever has loaded the inside has boxes of the packages
const { kernel, task } = insideOf(await open({ inline: true }))
if (!new TaskFiles(kernel, task()).exists('/data/a')) throw new Error('the file is not there')
