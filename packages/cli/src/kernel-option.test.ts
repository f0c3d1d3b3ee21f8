/** `--kernel` means the same on every command that follows a kernel release. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import pc from 'picocolors'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'
import { KERNEL_FLAGS, kernelNames } from './module-names.ts'
import { createProgram } from './program.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-kernel-option-'))
afterAll(() => rmSync(cwd, { recursive: true }))
writeFileSync(join(cwd, 'box.json'), '{"allow":{"read":["/"]}}')
writeFileSync(join(cwd, 'box73.json'), '{"kernel":"7.3"}')
writeFileSync(join(cwd, 'one.yaml'), 'kernel: 6.12\nsteps: [{ getpid: [] }]\n')

/** Every command with the option, by its whole name. */
const commands = (command: Command, name: string): readonly (readonly [string, Command])[] => [
  ...(command.options.some(({ flags }) => flags === KERNEL_FLAGS) ? [[name, command] as const] : []),
  ...command.commands.flatMap((one) => commands(one, `${name} ${one.name()}`.trim())),
]
const all = commands(createProgram({ colors: pc } as never, () => {}), '')

test('the commands that have it', () => {
  expect(all.map(([name]) => name)).toEqual([
    'run', 'shell', 'sandbox', 'serve', 'explain', 'order', 'hooks', 'apparmor compile', 'apparmor check',
    'apparmor access', 'apparmor explain', 'apparmor diff', 'apparmor within', 'apparmor exec-graph',
    'apparmor learn', 'apparmor coverage', 'apparmor simulate', 'bpf load', 'bpf run', 'bpf trace', 'policy simulate',
    'scenario', 'replay',
  ])
})

test.each(all)('%s offers the releases, and refuses another word', (_name, command) => {
  const option = command.options.find(({ flags }) => flags === KERNEL_FLAGS)!
  expect(option.argChoices).toEqual(kernelNames)
  expect(kernelNames.map((name) => option.parseArg!(name, undefined))).toEqual(kernelNames)
  expect(() => option.parseArg!('6.11', undefined)).toThrow(expect.objectContaining({
    message: 'there are no rules of the kernel `6.11`', hint: 'known: 6.12, 6.18, 7.3',
  }))
})

describe('what it changes', () => {
  const run = async (...args: readonly string[]) => lsm(args, { cwd })
  const json = async (...args: readonly string[]) => JSON.parse((await run(...args, '--json')).stdout) as object
  const object = fileURLToPath(new URL('../../bpf/objects/detector.o', import.meta.url))

  test('order', async () => {
    expect(await json('order', '--kernel', '7.3')).toMatchObject({ kernel: '7.3' })
    const debug = (await run('order', '--debug', '--kernel', '7.3', 'lsm=selinux,smack')).stdout.split('\n')
    expect(debug).toEqual(expect.arrayContaining([
      'LSM: boot LSM parameter: selinux,smack', 'LSM: enabled LSM early:lockdown',
      'LSM: skip exclusive LSM conflict cmdline:smack', 'LSM: blob(task) size 112', 'LSM: initializing selinux',
      'LSM: running selinux device initcall', 'LSM: all enabled LSMs fully activated',
      'lockdown,capability,selinux,ima,evm',
    ]))
    expect((await run('order', '--kernel', '7.3')).stdout).toBe((await run('order')).stdout)
  })

  test.each([['6.12', 0], ['6.11', 2]])('bpf load --kernel %s', async (kernel, code) => {
    expect(await run('bpf', 'load', '--kernel', kernel, object)).toMatchObject({ code })
  })

  test('a box: the policy stands, and the option fills it in', async () => {
    const explained = (policy: string, ...args: string[]) => run('sandbox', '--policy', policy, '--explain', ...args)
    expect((await explained('box.json')).stdout).toContain('kernel: Linux 6.12, ')
    expect((await explained('box.json', '--kernel', '6.18')).stdout).toContain('kernel: Linux 6.18, ')
    expect((await explained('box73.json', '--kernel', '7.3')).stdout).toContain('kernel: Linux 7.3, ')
    expect(await explained('box73.json', '--kernel', '6.18')).toMatchObject({
      code: 2, stderr: expect.stringContaining('the policy says `kernel`: 7.3'),
    })
  })

  test('a scenario', async () => {
    expect((await run('scenario', '--kernel', '7.3', 'one.yaml')).code).toBe(0)
    expect(await run('replay', 'one.yaml', '--kernel', '7.3')).toMatchObject({ code: 0 })
    expect(await run('scenario', '--kernel', '6.11', 'one.yaml')).toMatchObject({ code: 2 })
  })
})
