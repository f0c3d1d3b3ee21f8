/** Measures the reader's module: the conformance kit, and what each of its hooks costs. */
import { conformanceKit } from '@lsmkit/testkit'
import { measureCosts } from './costs.ts'
import { bootMachine } from './machine.ts'
import { ownModule } from './own-module.ts'
import { toolBytes } from './programs.ts'
import type { ConformanceResult, MachineSpec, ModuleCost } from './protocol.ts'

export const conformanceOf = async (text: string): Promise<readonly ConformanceResult[]> => {
  const { make } = await ownModule(text)
  const results: ConformanceResult[] = []
  for (const { name, run } of conformanceKit(make)) {
    try {
      await run()
      results.push({ name, fault: null })
    } catch (error) {
      results.push({ name, fault: (error as Error).message })
    }
  }
  return results
}

/** Nanoseconds of each hook that `name` is on, with it and without it, on stacks that are alike otherwise. */
export const moduleCosts = async (spec: MachineSpec, name: string): Promise<readonly ModuleCost[]> => {
  const surroundings = { encoder: null, tools: await toolBytes(), trace: () => {} }
  const before = { ...spec, module: null, lsm: spec.lsm.filter((one) => one !== name) }
  const without = measureCosts(await bootMachine(before, surroundings))
  const machine = await bootMachine(spec, surroundings)
  const { hooks } = machine.stack.explain().toJSON()
  const own = new Set<string>(hooks.filter(({ members }) => members.includes(name)).map(({ hook }) => hook))
  const costs = measureCosts(machine).filter(({ hook }) => own.has(hook))
  return costs.map(({ hook, nanoseconds }) => ({
    hook,
    nanoseconds,
    without: without.find((one) => one.hook === hook)?.nanoseconds ?? 0,
  }))
}
