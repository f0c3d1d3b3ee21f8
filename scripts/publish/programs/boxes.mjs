/** A box in the worker runs a program, `cat`: `boxes.mjs MODULES CAT`, the modules of the policy as JSON. */
import { readFileSync } from 'node:fs'
import { createSandbox, memory } from '@lsmkit/sandbox'

const [modules, program] = process.argv.slice(2)
const box = await createSandbox({
  allow: { read: ['/data'] }, mounts: { '/data': memory() }, modules: JSON.parse(modules),
})
await box.fs.writeFile('/data/a', 'hello\n')
const { stdout, stderr } = await box.run(readFileSync(program), { args: ['/data/a'] })
if (stdout !== 'hello\n') throw new Error(`${stdout}${stderr}`)
await box.close()
