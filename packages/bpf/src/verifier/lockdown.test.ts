/** A kernel that is locked down: helpers that read its memory or write that of programs are not there. */
import { EPERM, LOCKDOWN_BPF_READ_KERNEL, LOCKDOWN_BPF_WRITE_USER } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { outcome } from './testing/check.ts'

const read = (helper: string): string =>
  `r1 = r10\nr1 += -8\nr2 = 8\nr3 = 0\ncall ${helper}\nr0 = 0\nexit`
const write = '*(u64 *)(r10 -8) = 0\nr1 = 0\nr2 = r10\nr2 += -8\nr3 = 8\ncall bpf_probe_write_user\nr0 = 0\nexit'
const lockedFor = (reason: number) => ({
  bpf: true, perfmon: true, bypass_spec: true, locked_down: (what: number) => (what === reason ? -EPERM : 0),
})

describe.each([
  { helper: 'bpf_probe_read', code: read('bpf_probe_read'), section: 'lsm/file_open', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_str', code: read('bpf_probe_read_str'), section: 'lsm/file_open', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel', code: read('bpf_probe_read_kernel'), section: 'lsm/file_open', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel', code: read('bpf_probe_read_kernel'), section: 'socket', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel_str', code: read('bpf_probe_read_kernel_str'), section: 'socket', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_write_user', code: write, section: 'lsm/file_open', reason: LOCKDOWN_BPF_WRITE_USER },
])('$helper in $section', ({ code, section, reason, helper }) => {
  test('is there, and not under lockdown for its reason', () => {
    expect(outcome({ code, section })).toBe('ok')
    expect(outcome({ code, section, rights: lockedFor(reason) })).toContain(`program of this type cannot use helper ${helper}#`)
    expect(outcome({ code, section, rights: lockedFor(-1) })).toBe('ok')
  })
})

test('what reads the memory of programs stays', () => {
  expect(outcome({ code: read('bpf_probe_read_user'), rights: lockedFor(LOCKDOWN_BPF_READ_KERNEL) })).toBe('ok')
})
