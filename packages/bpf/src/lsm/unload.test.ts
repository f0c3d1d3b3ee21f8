/** Unloading: hooks are told, all that was taken is given back, and nothing grows by loading again and again. */
import { readFileSync } from 'node:fs'
import { EACCES } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { BpfCore } from './bpf-core.ts'
import { bpf, loadObject } from './bpf-lsm.ts'
import type { Pins } from '../maps/create-map.ts'

const objectOf = (name: string): Uint8Array => readFileSync(new URL(`../../objects/${name}.o`, import.meta.url))
const deflector = objectOf('deflector')

/** Notes what LSMs are told; refuses the first program when asked to. */
const watched = (refuses = false) => {
  const told: string[] = []
  const programs = bpf()
  const watcher = defineLsm({
    name: 'watcher',
    abi: '1.0',
    hooks: {
      bpf_map_create: (map) => {
        told.push(`map ${map.name}`)
        return 0
      },
      bpf_map_free: (map) => void told.push(`no map ${map.name}`),
      bpf_prog_load: (prog) => {
        told.push(`prog ${prog.name}`)
        return refuses ? -EACCES : 0
      },
      bpf_prog_free: (prog) => void told.push(`no prog ${prog.name}`),
    },
  })
  const stack = createStack({ lsms: [capability(), watcher, programs] })
  return { programs, stack, told }
}

test('programs come off their hooks, then LSMs are told of programs and maps', () => {
  const { programs, stack, told } = watched()
  const loaded = programs.load(stack, deflector)
  const links = loaded.attachAll()
  const program = loaded.program('deflect_open')
  const map = loaded.maps.get('denials')!
  const came = told.splice(0)
  loaded.unload()
  expect(links.map(({ attached }) => attached)).toEqual(links.map(() => false))
  expect(told.sort()).toEqual(came.map((text) => `no ${text}`).sort())
  expect(() => program.attach()).toThrow('it was unloaded')
  expect(() => map.get(0)).toThrow('EBADF')
  told.length = 0
  loaded.unload()
  expect(told).toEqual([])
})

test('what an LSM refuses halfway leaves nothing', () => {
  const { programs, stack, told } = watched(true)
  expect(() => programs.load(stack, deflector)).toThrow('an LSM refuses the program')
  const maps = told.filter((text) => text.startsWith('map '))
  expect(maps.length).toBeGreaterThan(0)
  expect(told.filter((text) => text.startsWith('no map '))).toEqual(maps.map((text) => `no ${text}`))
})

const bare = () => {
  const core = new BpfCore({})
  const stack = createStack({ lsms: [capability()] })
  core.context = { current: stack.current } as never
  return { core, stack, ...core.programBuilder }
}

test.each(['deflector', 'detector'])('%s: loading and unloading a hundred times takes no more than once', (name) => {
  const object = objectOf(name)
  const { core, stack, machine, maps } = bare()
  const cycle = () => {
    const loaded = loadObject(core, stack, object, {})
    for (const program of loaded.programs.values()) if (program.spec.attachTo !== null) program.attach()
    const during = [machine.memory.used, maps.used, machine.programs.length, machine.table.length]
    loaded.unload()
    return during
  }
  const before = [machine.memory.used, maps.used, [...maps.all()].length]
  const first = cycle()
  const between = machine.memory.used
  for (let time = 0; time < 100; time++) expect(cycle()).toEqual(first)
  expect([machine.memory.used, maps.used, [...maps.all()].length]).toEqual([between, 0, 0])
  // what stays is taken once, when it is first needed
  expect(between - before[0]!).toBeLessThan(4096)
})

test('an object that is refused a hundred times takes nothing', () => {
  const { core, stack, machine, maps } = bare()
  const refused = () => expect(() => loadObject(core, stack, objectOf('lone'), {})).toThrow('is not known')
  refused()
  const before = [machine.memory.used, maps.used, machine.programs.length]
  for (let time = 0; time < 100; time++) refused()
  expect([machine.memory.used, maps.used, machine.programs.length]).toEqual(before)
})

test('pinned maps outlive their object, and are found by the next one', () => {
  const { programs, stack, told } = watched()
  const pins: Pins = new Map()
  const prepare = (object: { maps: readonly object[] }) => {
    for (const map of object.maps) Object.assign(map, { pinning: 1 })
  }
  const first = programs.load(stack, deflector, { pins, prepare: prepare as never })
  first.maps.get('.data')!.set(0, { rules: 3 })
  first.unload()
  expect(told.filter((text) => text.startsWith('no map'))).toEqual([])
  const second = programs.load(stack, deflector, { pins, prepare: prepare as never })
  expect(second.maps.get('.data')!.get(0)).toEqual({ rules: 3 })
})
