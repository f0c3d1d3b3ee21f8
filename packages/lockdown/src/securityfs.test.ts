import { EINVAL, ENOMEM, EPERM, KMALLOC_MAX_SIZE } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { aLockdown } from '../test/locked.ts'

const shownAs = {
  none: '[none] integrity confidentiality\n',
  integrity: 'none [integrity] confidentiality\n',
  confidentiality: 'none integrity [confidentiality]\n',
} as const

describe('/sys/kernel/security/lockdown', () => {
  test('is where the kernel has it', () => {
    const { file, stack } = aLockdown()
    expect(file).toMatchObject({ name: 'lockdown', mode: 0o644 })
    expect(stack.pseudoFs.at(-1)).toMatchObject({ type: 'securityfs', mountPoint: '/sys/kernel/security' })
  })

  test.each([
    { from: 'none', text: 'integrity', rc: 9, to: 'integrity' },
    { from: 'none', text: 'integrity\n', rc: 10, to: 'integrity' },
    { from: 'none', text: 'confidentiality\n', rc: 16, to: 'confidentiality' },
    { from: 'integrity', text: 'confidentiality', rc: 15, to: 'confidentiality' },
    { from: 'none', text: 'integrity\0and more', rc: 18, to: 'integrity' },
    { from: 'none', text: 'integrity\n\0', rc: 11, to: 'integrity' },
    { from: 'none', text: `integrity\0${'x'.repeat(5000)}`, rc: 5010, to: 'integrity' },
    { from: 'none', text: 'none', rc: -EPERM, to: 'none' },
    { from: 'integrity', text: 'integrity', rc: -EPERM, to: 'integrity' },
    { from: 'integrity', text: 'none\n', rc: -EPERM, to: 'integrity' },
    { from: 'confidentiality', text: 'integrity', rc: -EPERM, to: 'confidentiality' },
    { from: 'confidentiality', text: 'confidentiality', rc: -EPERM, to: 'confidentiality' },
    { from: 'none', text: 'integrity\n\n', rc: -EINVAL, to: 'none' },
    { from: 'none', text: 'integrity ', rc: -EINVAL, to: 'none' },
    { from: 'none', text: ' integrity', rc: -EINVAL, to: 'none' },
    { from: 'none', text: 'Integrity', rc: -EINVAL, to: 'none' },
    { from: 'none', text: 'integrit', rc: -EINVAL, to: 'none' },
    { from: 'none', text: '[integrity]', rc: -EINVAL, to: 'none' },
    { from: 'none', text: '\0integrity', rc: -EINVAL, to: 'none' },
    { from: 'none', text: '\n', rc: -EINVAL, to: 'none' },
    { from: 'none', text: '', rc: -EINVAL, to: 'none' },
    { from: 'none', text: `integrity${'x'.repeat(KMALLOC_MAX_SIZE - 10)}`, rc: -EINVAL, to: 'none' },
    { from: 'none', text: `integrity\0${'x'.repeat(KMALLOC_MAX_SIZE - 10)}`, rc: -ENOMEM, to: 'none' },
  ] as const)('$from <- $text.length bytes -> $rc', ({ from, text, rc, to }) => {
    const { write, shown } = aLockdown({ level: from })
    expect(write(text)).toBe(rc)
    expect(shown()).toBe(shownAs[to])
  })

  test('where a level came from is said once', () => {
    const { write, log } = aLockdown()
    write('integrity')
    write('integrity')
    write('confidentiality')
    expect(log).toEqual(Array(2).fill('Kernel is locked down from securityfs; see man kernel_lockdown.7'))
  })
})
