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

const HOOK = 'lsm/file_open'

describe.each([
  { helper: 'bpf_probe_read', section: HOOK, reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_str', section: HOOK, reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel', section: HOOK, reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel', section: 'socket', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_read_kernel_str', section: 'socket', reason: LOCKDOWN_BPF_READ_KERNEL },
  { helper: 'bpf_probe_write_user', section: HOOK, reason: LOCKDOWN_BPF_WRITE_USER },
])('$helper in $section', ({ section, reason, helper }) => {
  test('is there, and not under lockdown for its reason', () => {
    const code = reason === LOCKDOWN_BPF_WRITE_USER ? write : read(helper)
    const missing = `program of this type cannot use helper ${helper}#`
    expect(outcome({ code, section })).toBe('ok')
    expect(outcome({ code, section, rights: lockedFor(reason) })).toContain(missing)
    expect(outcome({ code, section, rights: lockedFor(-1) })).toBe('ok')
  })
})

test('what reads the memory of programs stays', () => {
  expect(outcome({ code: read('bpf_probe_read_user'), rights: lockedFor(LOCKDOWN_BPF_READ_KERNEL) })).toBe('ok')
})
