/** `lsm bpf why`: which programs of an object run here, which a real kernel would only verify, and what is missing. */
import { BpfLoadError } from '@lsmkit/bpf'
import { BpfError } from '@lsmkit/bpf/btf'
import type { OpenOptions } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import { AttachError, createStack } from '@lsmkit/core'
import { capability } from '@lsmkit/capability'
import { readHostFile } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { EXIT, printJson } from '../../output.ts'
import { bpfModule } from '../../run/bpf-objects.ts'
import { changesOf, checkPrograms, openFile, openingOf } from './open.ts'
import type { ObjectOptions } from './open.ts'

interface Answer {
  readonly program: string
  readonly section: string
  /** `runs`: it loads and decides here; `verifies`: the types of `--against` take it; `refused`: neither. */
  readonly state: 'runs' | 'verifies' | 'refused'
  /** What is missing here; null when it runs. */
  readonly missing: string | null
}

/** 1 when one of them does not run here. */
export const whyCommand = (io: Io, file: string, options: ObjectOptions): number => {
  const against = openFile(io, file, options)
  checkPrograms(file, against.object)
  const bytes = readHostFile(io, file)
  const changes = changesOf(options)
  const answers = against.programs.map((program): Answer => {
    const missing = whyNot(io, bytes, program.name, { ...openingOf(io, file, {}), ...changes })
    const { name, section } = program
    if (missing === null) return { program: name, section, state: 'runs', missing }
    const isLinked = program.broken === null && program.type !== 0
    const isTaken = isLinked && verify(program, { object: against.object, kernelBtf: against.kernelBtf }).ok
    return { program: name, section, state: isTaken ? 'verifies' : 'refused', missing }
  })
  if (options.json) printJson(io, { programs: answers })
  else for (const one of answers) print(io, one)
  return answers.every(({ state }) => state === 'runs') ? EXIT.ok : EXIT.denied
}

/** Null when the program loads and attaches on a stack of its own. */
const whyNot = (io: Io, bytes: Uint8Array, program: string, opening: OpenOptions): string | null => {
  const lsm = bpfModule(io)
  const stack = createStack({ lsms: [capability(), lsm] })
  try {
    const loaded = lsm.load(stack, bytes, { ...opening, programs: [program] })
    const group = {}
    const isOfGroup = loaded.program(program).spec.section.startsWith('lsm_cgroup/')
    loaded.attachAll(isOfGroup ? { cgroup: group as never } : {})
    loaded.unload()
    return null
  } catch (error) {
    if (error instanceof BpfLoadError || error instanceof AttachError || error instanceof BpfError) return error.message
    throw error
  }
}

const print = (io: Io, { program, section, state, missing }: Answer): void => {
  const word = state === 'runs' ? io.colors.green('runs here')
    : state === 'verifies' ? io.colors.yellow('verifies only') : io.colors.red('refused')
  io.print(`${program} (${section}): ${word}`)
  if (missing !== null) io.print(`  ${missing}`)
}
