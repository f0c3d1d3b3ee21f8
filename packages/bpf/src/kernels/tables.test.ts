/** Helpers and kfuncs by release: a few of each, as the releases' sources and kernels have them. */
import { expect, test } from 'vitest'
import { helperLines } from '../helpers/lookup.ts'
import { firstWithKfunc, kfuncIn } from '../kfuncs/by-release.ts'
import { kernelProfile } from './profile.ts'
import type { KernelRelease } from './releases.ts'
import { isWithin } from './releases.ts'

const hasHelper = (release: KernelRelease, id: number, letter: string): boolean =>
  id < kernelProfile(release).limits.helpers && helperLines(id).some(({ programs }) =>
    programs.some(({ letters, releases }) => letters.includes(letter) && isWithin(releases, release)))

test.each([
  ['5.10', 155, 'T', true, 'bpf_redirect_peer is its last'], ['5.10', 156, 'L', false, 'bpf_task_storage_get: 5.11'],
  ['5.15', 175, 'F', true, 'bpf_task_pt_regs is its last'], ['5.15', 181, 'F', false, 'bpf_loop: 5.17'],
  ['6.1', 181, 'F', true, 'bpf_loop'], ['6.1', 210, 'L', false, 'bpf_cgrp_storage_get: 6.2'],
  ['6.6', 210, 'L', true, 'bpf_cgrp_storage_get'], ['6.6', 14, 'X', false, 'opened to all types in 6.10'],
  ['6.12', 14, 'X', true, 'bpf_get_current_pid_tgid'], ['6.12', 156, 'X', false, 'storage of tasks for tracing alone'],
  ['6.18', 156, 'X', true, 'opened to all types'], ['6.18', 183, 'B', false, 'bpf_get_func_arg for tp_btf'],
  ['7.3', 183, 'B', true, 'bpf_get_func_arg for tp_btf'],
  ['6.1', 39, '6', true, 'bpf_skb_pull_data was taken from lwt_seg6local'], ['6.12', 39, '6', false, 'taken away'],
  ['6.18', 39, '6', true, 'an older stable update than 6.12\'s'], ['7.3', 39, '6', false, 'taken away'],
] as const)('%s helper %i for %s: %s (%s)', (release, id, letter, expected, _reason) => {
  expect(hasHelper(release, id, letter)).toBe(expected)
})

test.each([
  ['bpf_key_put', '5.15', null], ['bpf_key_put', '6.1', 'TRACING'],
  ['bpf_key_put', '7.3', 'CGROUP_* SCHED_CLS STRUCT_OPS SYSCALL TRACING XDP'],
  ['bpf_iter_num_new', '6.1', null], ['bpf_iter_num_new', '6.6', 'ALL'], ['bpf_throw', '6.6', null],
  ['crash_kexec', '6.1', 'TRACING'], ['bpf_strlen', '6.12', null], ['bpf_strlen', '6.18', 'ALL'],
  ['bpf_strcasestr', '6.18', null], ['cgroup_rstat_flush', '6.18', null], ['no_such_function', '7.3', null],
] as const)('%s in %s: %s', (name, release, programs) => {
  expect(kfuncIn(release, name)?.programs.join(' ') ?? null).toBe(programs)
})

test.each([
  ['bpf_iter_num_new', '6.6'], ['bpf_throw', '6.12'], ['bpf_strlen', '6.18'], ['no_such_function', null],
] as const)('%s came with %s', (name, release) => {
  expect(firstWithKfunc(name)).toBe(release)
})
