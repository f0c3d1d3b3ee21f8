/** Each operation is refused unless the rule has every mode it needs, and done when it has just those. */
import { EACCES, ENOKEY, errnoName } from '@lsmkit/abi'
import { expect, test } from 'vitest'
import { siblings } from './siblings.ts'
import { SmackWorld } from '../world.ts'

const outcome = (name: string, rule: string) => {
  const row = { subject: 'S', object: 'O', rule: rule || '-', extra_rule: '-', privilege: 'none', ptrace_mode: '0' }
  return siblings[name]![1](new SmackWorld(row))
}
const run = (name: string, rule: string): string => {
  const [rc] = outcome(name, rule)
  return rc >= 0 ? 'OK' : errnoName(rc)
}

test('a program gives the label that its file has for that', () => {
  expect([outcome('exec', 'rx'), outcome('exec_label', '')]).toEqual([[0, 'label=S'], [0, 'label=O']])
})

/** Of a key that may not be viewed, the label is kept back with another word: there is no right to make the key. */
const refusalOf = (name: string): number => (name === 'key_getsecurity' ? -ENOKEY : -EACCES)

const rows = Object.entries(siblings).map(([name, [needs]]) => ({ name, needs }))
test.each(rows)('$name needs `$needs`', ({ name, needs }) => {
  expect(run(name, needs)).toBe('OK')
  for (const letter of needs) {
    const without = [...'rwxatl'].filter((each) => each !== letter && !(letter === 'l' && each === 'w')).join('')
    expect(`${letter}: ${run(name, without)}`).toBe(`${letter}: ${errnoName(refusalOf(name))}`)
  }
})
