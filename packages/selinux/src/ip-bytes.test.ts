/** Addresses as inet_pton takes them. */
import { expect, test } from 'vitest'
import { ipBytes, ipText } from './ip-bytes.ts'

test.each([
  '0.0.0.0', '10.1.2.255', '::', '::1', '1::', 'fe80::1:2', '1:2:3:4:5:6:7:8', '0:0:1::', 'ffff::',
])('%s', (text) => {
  expect(ipText(ipBytes(text)!)).toBe(text)
})

test.each([
  ['::ffff:1.2.3.4', '::ffff:102:304'], ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'], ['FE80::A', 'fe80::a'],
])('%s is %s', (text, other) => {
  expect(ipText(ipBytes(text)!)).toBe(other)
})

test.each([
  '', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.256', '1.2.3.', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', ':1::2', '1::2:',
  '1:2:3:4::5:6:7:8', '1.2.3.4::', '::1.2.3.4:5', '1.2.3.4:1::', '::12345', '::g', '::1%eth0',
])('%s is none', (text) => {
  expect(ipBytes(text)).toBeNull()
})
