/** Addresses and ranges beside Node's own, and which addresses are not of the public internet. */
import { BlockList, isIP } from 'node:net'
import { describe, expect, test } from 'vitest'
import { addressText, isInRange, parseAddress, parseRange, plainHost } from './address.ts'
import { specialAddresses, specialOf } from './special-addresses.ts'

test.each([
  ['127.0.0.1', '127.0.0.1'], ['0.0.0.0', '0.0.0.0'], ['255.255.255.255', '255.255.255.255'],
  ['::', '::'], ['::1', '::1'], ['2001:DB8::0001', '2001:db8::1'], ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['::ffff:10.0.0.1', '::ffff:a00:1'], ['64:ff9b::8.8.8.8', '64:ff9b::808:808'], ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
])('%s is %s', (text, canonical) => {
  expect(addressText(parseAddress(text)!)).toBe(canonical)
})

test.each([
  ['::ffff:8.8.8.8', '8.8.8.8'], ['::FFFF:7f00:1', '127.0.0.1'], ['0:0::ffff:a00:1', '10.0.0.1'], ['::1', '::1'],
  ['64:ff9b::8.8.8.8', '64:ff9b::808:808'], ['api.example', 'api.example'], ['0x7f.1', '0x7f.1'],
])('the host %s is compared as %s', (text, plain) => {
  expect(plainHost(text)).toBe(plain)
})

test.each([
  '0x7f.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.1', '127.0.0.01', '1.2.3.256', '1.2.3.4.', '1.2.3', '',
  '１.2.3.4', ':::', '::1::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '12345::', 'fe80::1%eth0', '[::1]', '::1.2.3',
  '1.2.3.4::', '1:2:3:4:5:6:7:8::', 'g::', ' ::1', '::ffff:0x7f.0.0.1',
])('`%s` is no address', (text) => {
  expect(parseAddress(text)).toBeNull()
})

test.each([['10.0.0.1/8'], ['10.0.0.0/33'], ['10.0.0.0/08'], ['10.0.0.0/'], ['::1/127'], ['::/129'], ['a/8']])(
  '`%s` is no range', (text) => expect(parseRange(text)).toBeNull())

test('every row of the table is a range, and each refuses its first and its last address', () => {
  for (const { range, what } of specialAddresses) {
    const { bytes, bits } = parseRange(range)!
    const last = bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, bits - i * 8))))
    expect(specialOf(bytes), range).not.toBeNull()
    expect(specialOf(last), `${range}: ${what}`).not.toBeNull()
  }
})

test.each([
  ['8.8.8.8', null], ['1.1.1.1', null], ['2606:4700:4700::1111', null], ['2a00:1450:4001::1', null],
  ['9.255.255.255', null], ['11.0.0.0', null], ['100.63.255.255', null], ['100.128.0.0', null],
  ['172.15.255.255', null], ['172.32.0.0', null], ['169.253.255.255', null], ['223.255.255.255', null],
  ['169.254.169.254', 'a metadata service'], ['100.100.100.200', 'shared by a carrier'], ['10.1.2.3', 'private'],
  ['fd00:ec2::254', 'private'], ['::ffff:8.8.8.8', 'an address of IPv4 in IPv6'], ['64:ff9b::a00:1', 'translated'],
  ['2002:a00:1::', '6to4'], ['2001:0:1::', 'Teredo'], ['fe80::1', 'link-local'], ['::127.0.0.1', 'an address of IPv4'],
  ['4000::1', 'not given out'], ['168.63.129.16', 'a cloud service'], ['0.1.2.3', 'this network'],
])('%s: %s', (text, special) => {
  const found = specialOf(parseAddress(text)!)
  if (special === null) expect(found).toBeNull()
  else expect(found).toContain(special)
})

describe('beside Node', () => {
  /** A generator of its own, so that a failure can be repeated. */
  const numbers = (seed: number) => () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32
  const family = (bytes: readonly number[]) => (bytes.length === 4 ? 'ipv4' : 'ipv6')

  test('ranges hold the addresses that a BlockList holds', () => {
    const next = numbers(7)
    for (let round = 0; round < 3000; round++) {
      const length = next() < 0.5 ? 4 : 16
      const bits = Math.floor(next() * (length * 8 + 1))
      const bytes = Array.from({ length }, () => Math.floor(next() * 256))
      const clean = bytes.map((byte, i) => byte & ~(0xff >> Math.min(8, Math.max(0, bits - i * 8))))
      const list = new BlockList()
      list.addSubnet(addressText(clean), bits, family(clean))
      const range = parseRange(`${addressText(clean)}/${bits}`)!
      const flip = Math.floor(next() * length * 8)
      const near = bytes.map((byte, i) => (i === flip >> 3 ? byte ^ (0x80 >> (flip & 7)) : byte))
      for (const address of [bytes, near]) {
        // a BlockList also holds an address of IPv4 that IPv6 writes; the tables here name those by themselves
        expect(isInRange(address, range), `${addressText(address)} in ${addressText(clean)}/${bits}`)
          .toBe(list.check(addressText(address), family(address)))
      }
    }
  })

  test('texts that are addresses here are addresses of Node, and mean the same', () => {
    const next = numbers(11)
    const alphabet = '0123456789abcdef::..x%/'
    let parsed = 0
    for (let round = 0; round < 200_000; round++) {
      const length = 2 + Math.floor(next() * 14)
      const text = Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
      const address = parseAddress(text)
      if (address !== null) parsed++
      // Node takes zones; they are refused here
      if (!text.includes('%')) expect(address === null, text).toBe(isIP(text) === 0)
      if (address?.length === 16) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${addressText(address)}]`)
    }
    expect(parsed).toBeGreaterThan(100)
  })
})
