import { CAP_FULL_SET, capFromBigInt, capSetOf, capToHex } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { capFromText } from './cap-from-text.ts'
import { capToText } from './cap-to-text.ts'
import { CapsError } from './errors.ts'
import type { CapState } from './cap-state.ts'

test.each([
  ['', '='],
  ['=eip', '=eip'],
  ['all=ep', '=ep'],
  ['CAP_NET_RAW=ep', 'cap_net_raw=ep'],
  ['cap_net_raw+ep', 'cap_net_raw=ep'],
  ['cap_chown=i cap_kill=p cap_fowner=e', 'cap_chown=i cap_kill+p cap_fowner+e'],
  ['=ep cap_chown-e', '=ep cap_chown-e'],
  ['cap_chown=e-e', '='],
  ['cap_chown=p =', '='],
  ['cap_chown=+p', 'cap_chown=p'],
  ['63=p', '= 63+p'],
  ['63+i cap_chown=p', 'cap_chown=p 63+i'],
  ['=ep 41,42=ep 43=p', '=ep 41,42+ep 43+p'],
  // numbers as C reads them
  ['0x1f=p', 'cap_setfcap=p'],
  ['017=p', 'cap_ipc_owner=p'],
  ['0b101=p', 'cap_kill=p'],
  // `all` forgets what was listed before it: 63 is not in
  ['63,all=p', '=p'],
  ['all,63=p', '=p 63+p'],
  ['\v\f=p', '=p'],
])('%j is %j', (text, printed) => {
  expect(capToText(capFromText(text))).toBe(printed)
})

test.each([
  ['cap_chown', 'no-operator', 'at 9'],
  ['all=p cap_chwon=p', 'unknown-name', 'at 6'],
  ['net_raw=p', 'unknown-name', 'at 0'],
  ['64=p', 'number-range', 'at 0'],
  ['08=p', 'unknown-name', 'at 0'],
  ['cap_chown,,cap_kill=p', 'empty-element', 'at 10'],
  [',cap_chown=p', 'no-operator', 'at 0'],
  ['+p', 'no-list', 'at 0'],
  ['=p+e', 'no-list', 'at 2'],
  ['cap_chown=p=i', 'second-assignment', 'at 11'],
  ['cap_chown+', 'no-flags', 'at 10'],
  ['cap_chown=pE', 'unknown-flag', 'at 11'],
  ['cap_chown= p', 'unknown-name', 'at 11'],
  ['cap_chown=p;', 'no-operator', 'at 11'],
])('%j is refused: %s, %s', (text, code, place) => {
  expect(() => capFromText(text)).toThrow(expect.objectContaining({ code, place }))
})

test('a name that is nearly one is told', () => {
  expect(() => capFromText('net_raw=p')).toThrow(expect.objectContaining({ hint: 'did you mean `cap_net_raw`?' }))
  expect(() => capFromText('p=p')).toThrow(expect.objectContaining({ hint: null }))
})

const set = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(capFromBigInt)
const state: fc.Arbitrary<CapState> = fc.record({ effective: set, permitted: set, inheritable: set })

test('every state is printed as a text that reads back the same', () => {
  fc.assert(fc.property(state, (sets) => {
    expect(capFromText(capToText(sets))).toEqual(sets)
  }))
})

test('any text is read or refused with a code and a place', () => {
  const word = fc.constantFrom('cap_chown', 'cap_', 'all', '63', '64', ...'=+-eip, \0é')
  const text = fc.oneof(fc.string(), fc.array(word, { maxLength: 12 }).map((words) => words.join('')))
  fc.assert(fc.property(text, (input) => {
    let thrown: unknown = null
    try {
      capFromText(input)
    } catch (error) {
      thrown = error
    }
    const isCoded = thrown instanceof CapsError && /^at \d+$/.test(thrown.place!)
    expect(thrown === null || isCoded).toBe(true)
  }))
})

test('operators keep to the listed sets', () => {
  const { effective, permitted, inheritable } = capFromText('=ip cap_kill-p cap_chown=e')
  expect(capToHex(effective)).toBe(capToHex(capSetOf(0)))
  expect(capToHex(permitted)).toBe(capToHex({ lo: CAP_FULL_SET.lo & ~0x21, hi: CAP_FULL_SET.hi }))
  expect(capToHex(inheritable)).toBe(capToHex({ lo: CAP_FULL_SET.lo & ~1, hi: CAP_FULL_SET.hi }))
})
