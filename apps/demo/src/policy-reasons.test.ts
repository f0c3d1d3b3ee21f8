/** Why a policy lets an attempt be: asked of the machine of the tour, on variations of its own policy. */
import { readFileSync } from 'node:fs'
import { kernelClassesCil } from '@lsmkit/selinux/classes'
import { compileCil } from '@lsmkit/selinux/cil'
import { writePolicy } from '@lsmkit/selinux/policydb'
import { FileContexts } from '@lsmkit/selinux/server'
import { expect, test } from 'vitest'
import { rows } from './tour-column.ts'
import { policyReasoner } from './policy-reasons.ts'
import { recordedTour } from './recorded-tour.ts'
import { selinuxPolicy } from './selinux-policy.ts'
import { columns, compose } from './stacks.ts'
import { bootSystem } from './system.ts'

const source = (name: string) => ({ name, text: readFileSync(new URL(`../policy/${name}`, import.meta.url)) })
const column = columns(null).find(({ title }) => title === 'capability + yama + selinux')!

/** Everything is `ok` but what is named; the programs ran in `domain`. */
const reasonsIn = (domain: string, more = '', refused: readonly string[] = []) => {
  const classes = { name: 'classes.cil', text: kernelClassesCil() }
  const { policy, fileContexts } = compileCil(
    [classes, source('base.cil'), source('guest.cil'), { name: 'more.cil', text: more }], { version: 33 })
  const given = selinuxPolicy(writePolicy(policy), new FileContexts({ base: fileContexts }))
  const composition = compose(column, given)
  const { stack } = composition
  const system = bootSystem(composition, given, {})
  const outcomes = new Map(rows.map(({ id }) =>
    [id, { errno: refused.includes(id) ? 'EACCES' : null, hook: null, lsm: null }]))
  const machine = { column, stack, bpf: null, system, bootLog: [], initLabel: null }
  const result = {
    outcomes, label: domain, toolLabel: domain, work: '', denials: [], hooks: new Map(), events: [],
  }
  return policyReasoner(given.binary)(machine, result)
}

test('the rule that allows it, with the attribute it is on; a refusal has no reason', () => {
  const { reasons, permissive } = reasonsIn('u:r:kernel_t', '', ['shadow'])
  expect(reasons.shadow).toBeUndefined()
  expect(reasons['usr-bin']![0]).toBe('allow kernel_t bin_t:file write (bin_t is in anything)')
  expect(reasons.mem![0]).toContain('allow kernel_t self:capability sys_ptrace')
  expect(reasons.mem![1]).toContain(':process ptrace')
  expect(reasons.raise![0]).toContain('allow kernel_t self:process setcap')
  expect(permissive).toEqual([])
})

test('a permissive domain, and a permission that was not needed', () => {
  const missing = 'no rule allows guest_t shadow_t:file read'
  const { reasons, permissive } = reasonsIn('u:r:guest_t', '(typepermissive guest_t)')
  expect(reasons.shadow).toEqual([`${missing}, but guest_t is permissive`])
  expect(reasons['report-before']).toEqual(['allow guest_t srv_t:file read'])
  expect(permissive).toEqual(['u:r:guest_t'])
  expect(reasonsIn('u:r:guest_t').reasons.shadow).toEqual([`${missing}; it was not needed`])
})

test('what is asked of a policy is what SELinux refused in the recorded tour, by the tour\'s own policy', () => {
  const { runs: [root] } = recordedTour.columns.find(({ title }) => title === column.title)!
  const { reasons } = reasonsIn('u:r:guest_t')
  for (const [id, { lsm }] of Object.entries(root!.outcomes)) {
    if (lsm !== 'selinux') continue
    const asked = reasons[id]!.find((text) => text.startsWith('no rule allows'))!
    const [, from, target, tclass, permission] = /allows (\w+) (\w+):(\w+) (\w+)/.exec(asked)!
    const to = target === 'self' ? from : target
    const record = new RegExp(`\\{ ${permission} \\}.* scontext=u:r:${from} tcontext=u:\\w+:${to} tclass=${tclass}`)
    expect(root!.avcs.join('\n')).toMatch(record)
  }
})
