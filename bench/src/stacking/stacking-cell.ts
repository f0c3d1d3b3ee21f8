/** A booted kernel with so many modules beside capability; a pass gives the time of each operation. */
import { readFileSync } from 'node:fs'
import { bpf } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm, securityOff } from '@lsmkit/core'
import type { HookGroup, Lsm, StackOptions } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootOptions } from '@lsmkit/kernel'
import { lsmSource } from '../dispatch/lsm-source.ts'
import type { Cell } from '../harness/cell.ts'
import { sustainedPass } from '../harness/sustained.ts'
import { operationsOn } from '../system/operations.ts'
import type { Operation } from '../system/operations.ts'

export interface StackingArgs {
  /** `off` is CONFIG_SECURITY=n. */
  readonly way: NonNullable<StackOptions['dispatch']> | 'off'
  /** Modules beside capability. */
  readonly modules: number
  readonly bpf: 'not there' | 'there' | 'attached'
  readonly operations: readonly Operation[]
}

/** Modules that look at what they are asked about and let it be, each with functions of its own. */
const { groups } = (await import(`data:text/javascript,${encodeURIComponent(lsmSource())}`)) as {
  readonly groups: readonly HookGroup[]
}
const module = (hooks: HookGroup, i: number): Lsm => defineLsm({ name: `m${i}`, abi: '1.0', id: 200 + i, hooks })

const DEFLECTOR = new URL('../../../packages/bpf/objects/deflector.o', import.meta.url)

const stackOf = ({ way, modules, bpf: state }: StackingArgs): BootOptions['stack'] => {
  if (way === 'off') return securityOff({ capability: capability() })
  const programs = state === 'not there' ? null : bpf()
  const lsms = [capability(), ...groups.slice(0, modules).map(module)]
  const stack = createStack({ lsms: programs === null ? lsms : [...lsms, programs], dispatch: way })
  if (state === 'attached') programs!.load(stack, new Uint8Array(readFileSync(DEFLECTOR))).attachAll()
  return stack
}

export const cell = (args: StackingArgs): Cell => {
  const on = operationsOn(bootKernel({ stack: stackOf(args) }))
  const passes = args.operations.map((operation) => sustainedPass(on[operation]))
  return { pass: () => passes.map((pass) => pass()) }
}
