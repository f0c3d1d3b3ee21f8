/**
 * `lsm bpf load`: loads and attaches an object on a stack of a kernel that just booted, and shows where each program
 * is.
 */
import type { Profile } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { composeStack } from '../../modules.ts'
import type { Io } from '../../io.ts'
import { printJson, table } from '../../output.ts'
import { attachObjects, bpfModule } from '../../run/bpf-objects.ts'
import type { ObjectOptions } from './open.ts'

export interface LoadOptions extends ObjectOptions {
  readonly lsm?: string
  readonly cmdline?: string
  readonly kernel?: Profile
}

export const loadCommand = async (io: Io, file: string, options: LoadOptions): Promise<void> => {
  const lsm = bpfModule(io)
  const stack = await composeStack(options, {}, [lsm])
  const kernel = bootKernel({ stack })
  stack.current.task = kernel.init
  const [loaded] = attachObjects(io, lsm, stack, [file], options)
  const programs = [...loaded!.programs.values()]
  const maps = [...loaded!.maps.values()].map(
    ({ map }) => ({ id: map.id, name: map.spec.symbol, entries: map.maxEntries }),
  )
  const told = programs.map(({ name, spec, runnable }) => ({
    name, section: spec.section, hook: spec.attachTo,
    instructions: spec.code.length,
    translated: (runnable as { compiled?: { bytes: Uint8Array } }).compiled?.bytes.length ?? 0,
  }))
  if (options.json) return printJson(io, { lsms: stack.names, programs: told, maps })
  io.print(`stack  ${stack.names.join(',')}`)
  const rows = told.map(
    ({ name, hook, instructions, translated }) => [name, hook ?? '-', String(instructions), String(translated)],
  )
  for (const line of table([['program', 'on', 'instructions', 'bytes of WebAssembly'], ...rows])) io.print(line)
  for (const line of table(maps.map(({ id, name, entries }) => [`map ${id}`, name, String(entries)]))) io.print(line)
}
