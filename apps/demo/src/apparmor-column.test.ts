/** The last column with AppArmor: what its profile lets the tour's programs do. */
import { expect, test } from 'vitest'
import { outcomeText } from './outcome.ts'
import { readPrograms } from './programs.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import { columns } from './stacks.ts'
import { subjects } from './subjects.ts'
import { bootColumn, tourSubject } from './tour-column.ts'

/** Root passes mode bits, and the profile is what holds it; capset(2) is not asked of AppArmor. */
const expected: Readonly<Record<string, object>> = {
  root: {
    'shadow': 'EACCES file_open apparmor', 'mem': 'EACCES capable apparmor', 'usr-bin': 'EACCES file_open apparmor',
    'raise': 'ok',
  },
  backup: { 'shadow': 'EACCES file_open apparmor', 'mem': 'EACCES ptrace_access_check apparmor' },
  visitor: {
    'shadow': 'EACCES capable capability', 'usr-bin': 'EACCES capable capability',
    'setuid': 'EPERM capable capability',
  },
}

test('a guest under its profile works, and gets at nothing else', () => {
  const machine = bootColumn(columns(['capability', 'apparmor']).at(-1)!, readPrograms(), selinuxPolicy())
  expect(machine.initLabel).toBe('unconfined')
  for (const subject of subjects) {
    const { label, toolLabel, outcomes, work } = tourSubject(machine, subject)
    expect([label, toolLabel, work]).toEqual(['guest (enforce)', 'guest (enforce)', expect.stringContaining('7919')])
    const texts = Object.fromEntries([...outcomes].map(([id, outcome]) => [id, outcomeText(outcome)]))
    expect(texts).toMatchObject({
      'attr': 'EINVAL', 'report-before': 'ok', ...expected[subject.id],
    })
  }
}, 120_000)
