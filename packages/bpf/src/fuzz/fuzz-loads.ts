/**
 * Random typed programs: loads of every member of the structs that hooks hand out, at every width and offset inside it,
 * null chains, wrong casts, probe reads, pointers that are compared, spilled and passed on. Both engines, and a plain
 * reference that reads the layout, must come to the same number.
 */
import { hookDefs } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'
import { disasm } from '../insn/disasm.ts'
import { Random } from '../testing/random.ts'
import { vmlinuxBtf } from '../vmlinux/index.ts'
import { LoadMachines } from './load-machines.ts'
import type { TypedProgram } from './load-machines.ts'
import { LoadWriter } from './load-writer.ts'
import type { Images } from './load-writer.ts'
import { randomWorld } from './object-world.ts'
import type { World } from './object-world.ts'

export interface LoadOutcome {
  readonly accepted: boolean
  /** How each load of the compiled program is done. */
  readonly forms: readonly string[]
  /** The first difference between the engines and the reference; null if they agree. */
  readonly difference: string | null
}

/** Hooks whose arguments are structs of the world. */
const HOOKS = [
  'file_open', 'file_permission', 'inode_permission', 'inode_rename', 'task_kill', 'task_setnice', 'socket_connect',
  'bprm_check_security', 'sb_statfs', 'path_mkdir', 'mmap_file', 'key_permission', 'inode_unlink',
  'ptrace_access_check', 'ipc_permission', 'cred_prepare', 'sk_alloc_security', 'inode_getattr', 'socket_listen',
] as const satisfies readonly HookName[]

/** Structs of a hook's parameters; null for what is no pointer to one. */
const STRUCTS = new Map(HOOKS.map((hook) =>
  [hook, hookDefs[hook].params.split(',').map((text) => /\bstruct (\w+) \*/.exec(text)?.[1] ?? null)]))

/** Programs of one seed: they read one world, and are compiled together. */
export const LOAD_PROGRAMS = 16

/** Machines, for so many seeds: what one leaves is there for the next. Nothing frees their objects. */
const SEEDS = 64
let machines: LoadMachines | null = null
let left = 0

/** The programs of a seed. Throws what is not a refusal. */
export const loadAttempt = (seed: number): readonly LoadOutcome[] => {
  const random = new Random(seed)
  const world = randomWorld(random)
  const images: Images = new Map()
  const programs = Array.from({ length: LOAD_PROGRAMS }, () => randomTyped(world, images, random))
  if (left-- === 0 || machines === null) {
    machines = new LoadMachines()
    left = SEEDS - 1
  }
  return machines.run(programs).map((run, at) => {
    if (run === null) return { accepted: false, forms: [], difference: null }
    const { hook, expected, code } = programs[at]!
    const { compiled, interpreted, forms } = run
    const wanted = String(expected)
    const difference = compiled === wanted && interpreted === wanted
      ? null
      : `expected ${wanted}, compiled ${compiled}, interpreted ${interpreted}\n${hook}\n${disasm(code)}`
    return { accepted: true, forms, difference }
  })
}

const randomTyped = (world: World, images: Images, random: Random): TypedProgram => {
  const hook = random.pick(HOOKS)
  const structs = STRUCTS.get(hook)!
  const args = structs.map((struct) => {
    const all = struct === null ? undefined : world.get(struct)
    return all === undefined ? (struct === null ? random.below(100) : null) : random.pick(all)
  })
  const writer = new LoadWriter(vmlinuxBtf(), world, random, images)
  writer.write(structs, args)
  return { hook, code: writer.code(), args, expected: BigInt.asUintN(64, writer.expected) }
}
