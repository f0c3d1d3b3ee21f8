/** Every built-in command that touches files prints on a kernel what it prints on just-bash's own file system. */
import { Bash } from 'just-bash'
import { describe, expect, test } from 'vitest'
import { KernelFs, Shell } from './index.ts'
import { boot, plant } from '../test/boot.ts'
import { differing, files, scripts } from '../test/scripts.ts'

const inMemory = async (script: string) => {
  const { stdout, stderr, exitCode } = await new Bash({ files, cwd: '/data' }).exec(script, { rawScript: true })
  return { stdout, stderr, status: exitCode }
}
const booted = () => {
  const made = boot()
  plant(made, files)
  return made
}
const asOneTask = async (script: string) => {
  const { kernel, user } = booted()
  const fs = new KernelFs(kernel, user)
  const { stdout, stderr, exitCode } = await new Bash({ fs, cwd: '/data' }).exec(script, { rawScript: true })
  return { stdout, stderr, status: exitCode }
}
const asProcesses = async (script: string) => {
  const { kernel, user } = booted()
  const shell = new Shell(kernel)
  shell.install(kernel.init)
  return shell.sh(user, script, { cwd: '/data' })
}

describe.each(scripts)('%s', (script) => {
  test('in memory, on one task, and as processes', async () => {
    const expected = await inMemory(script)
    expect(await asOneTask(script)).toEqual(expected)
    expect(await asProcesses(script)).toEqual(expected)
  })
})

describe.each(differing)('$script differs: $why', ({ script, stdout }) => {
  test('as Linux', async () => {
    expect((await inMemory(script)).stdout).not.toBe(stdout)
    expect(await asOneTask(script)).toMatchObject({ stdout })
    expect(await asProcesses(script)).toMatchObject({ stdout })
  })
})
