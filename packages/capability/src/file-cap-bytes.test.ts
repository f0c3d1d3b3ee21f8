import { capToHex } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CapsError } from './errors.ts'
import { capMask, fileCapsFromText, fileCapsToText } from './file-cap-bytes.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

// as setcap writes and getcap reads
test.each([
  ['cap_net_raw,cap_chown=p', '0000000201200000000000000000000000000000', 'cap_chown,cap_net_raw=p'],
  ['cap_net_raw=eip', '0100000200200000002000000000000000000000', 'cap_net_raw=eip'],
  ['all=ep', '01000002ffffffff00000000ff01000000000000', '=ep'],
  ['=', '0000000200000000000000000000000000000000', '='],
  ['cap_chown=ep cap_kill=ei', '0100000201000000200000000000000000000000', 'cap_kill=ei cap_chown+ep'],
  ['63+ep', '0100000200000000000000000000008000000000', '= 63+ep'],
])('%s', (text, bytes, shown) => {
  expect(hex(fileCapsFromText(text))).toBe(bytes)
  expect(fileCapsToText(fileCapsFromText(text))).toEqual({ version: 2, text: shown, rootid: 0 })
})

test('a root of another namespace makes version 3', () => {
  const bytes = fileCapsFromText('cap_chown=ep', 1000)
  expect(hex(bytes)).toBe('0100000301000000000000000000000000000000e8030000')
  expect(fileCapsToText(bytes)).toEqual({ version: 3, text: 'cap_chown=ep', rootid: 1000 })
})

test.each(['cap_chown=ep cap_kill=p', 'cap_chown=e', 'cap_chown=p cap_kill=e'])(
  '%s: one bit for the whole file cannot say that', (text) => {
    expect(() => fileCapsFromText(text)).toThrow(expect.objectContaining({ code: 'bad-attribute' }))
  },
)

test('bytes of any length are told or refused with a code', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
    let thrown: unknown = null
    try {
      fileCapsToText(bytes)
    } catch (error) {
      thrown = error
    }
    expect(thrown === null ? [12, 20, 24].includes(bytes.length) : thrown instanceof CapsError).toBe(true)
  }))
})

test('masks', () => {
  expect(capToHex(capMask('0x2000'))).toBe('0000000000002000')
  expect(() => capMask('20x')).toThrow(expect.objectContaining({ code: 'bad-mask' }))
})
