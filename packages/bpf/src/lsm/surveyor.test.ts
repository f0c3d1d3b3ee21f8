/** A program that looks around: tasks, its control group, the calls it came by; and again when time has passed. */
import { readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Cgroup } from '@lsmkit/core'
import { expect, test } from 'vitest'
import { bpf } from './bpf-lsm.ts'

const object = new Uint8Array(readFileSync(new URL('../../objects/surveyor.o', import.meta.url)))

test.each(['jit', 'interpreter'] as const)('on the %s', (engine) => {
  const clock = { now: 1_000_000 }
  const root: Cgroup = { parent: null }
  const slice: Cgroup = { parent: root }
  const programs = bpf({
    engine,
    kernel: {
      now: () => clock.now,
      cgroups: {
        root, ofTask: () => slice, id: (group) => (group === root ? 1 : 30),
        byId: (id) => (id === 1 ? root : id === 30 ? slice : null),
        children: (group) => (group === root ? [slice] : []),
      },
    },
  })
  const stack = createStack({ lsms: [capability(), programs] })
  const { objects, current } = stack
  const idle = current.task
  const task = objects.task(1, 1, idle.real_cred, idle.cred)
  task.real_parent = idle
  current.task = task
  const sb = objects.super_block(1, { name: 'tmpfs', fs_flags: 0 } as never, idle.cred.user_ns)
  const file = objects.file(1, 0, null as never, objects.inode(0o100644, sb, 1), idle.cred)

  current.task = idle
  const loaded = programs.load(stack, object)
  loaded.attachAll()
  current.task = task
  expect(stack.lsm.file_open.ask(file)).toBe(0)

  const { tasks, level, is_under, stack_id, frames } = {
    ...loaded.maps.get('.bss')!.get(0) as object, ...loaded.maps.get('.data')!.get(0) as object,
  } as { tasks: number; level: number; is_under: number; stack_id: number; frames: bigint[] }
  expect([tasks, level, is_under]).toEqual([2, 1, 1])
  expect(frames.filter((frame) => frame !== 0n).map((frame) => programs.symbolAt(frame)))
    .toEqual(['bpf_prog_count', 'bpf_prog_survey', 'bpf_lsm_file_open', 'security_file_open'])
  expect([...loaded.maps.get('stacks')!.keys()]).toEqual([stack_id])

  const later = loaded.maps.get('later')!
  clock.now += 999_999
  programs.tick()
  expect(later.get(7)).toMatchObject({ called: 0 })
  clock.now += 1
  programs.tick()
  programs.tick()
  expect(later.get(7)).toMatchObject({ called: 1, key: 7 })

  // a new value takes the old one's timer along, and has its own
  expect(stack.lsm.file_open.ask(file)).toBe(0)
  later.delete(7)
  clock.now += 2_000_000
  programs.tick()
  expect([later.get(7), programs.faults]).toEqual([undefined, 0])
})
