/** Hosts with one label: order, look-ups, and the kernel's odd IPv6 masks. */
import { describe, expect, test } from 'vitest'
import { Ipv4Hosts, Ipv6Hosts } from './hosts.ts'
import { ipv4Text, ipv6Text, isIpv6Loopback, parseIpv4, parseIpv6 } from './ip-address.ts'

const ip = (text: string): number => parseIpv4(text)!
const ip6 = (text: string) => parseIpv6(text)!

describe('IPv4', () => {
  const hosts = new Ipv4Hosts()
  hosts.set(ip('10.0.0.0'), 8, 10)
  hosts.set(ip('10.1.9.9'), 16, 11)
  hosts.set(ip('192.168.0.0'), 16, 12)
  hosts.set(ip('10.1.1.1'), 32, 0)
  hosts.set(ip('0.0.0.0'), 0, 13)

  test('longest prefix first, and behind its equals', () => {
    expect(hosts.entries.map(({ address, prefix }) => `${ipv4Text(address)}/${prefix}`)).toEqual([
      '10.1.1.1/32',
      '10.1.0.0/16',
      '192.168.0.0/16',
      '10.0.0.0/8',
      '0.0.0.0/0',
    ])
  })

  test.each([
    { host: '10.2.3.4', label: 10, sender: 10 },
    { host: '10.1.3.4', label: 11, sender: 11 },
    { host: '10.1.1.1', label: 0, sender: 11 },
    { host: '255.255.255.255', label: 13, sender: 13 },
    { host: '0.0.0.0', label: 0, sender: 13 },
  ])('$host', ({ host, label, sender }) => {
    expect([hosts.labelOf(ip(host)), hosts.labelOfSender(ip(host))]).toEqual([label, sender])
  })

  test('an equal prefix is replaced where it stands', () => {
    hosts.set(ip('192.168.7.7'), 16, 14)
    expect(hosts.entries.map(({ label }) => label)).toEqual([0, 11, 14, 10, 13])
  })
})

describe('IPv6', () => {
  const hosts = new Ipv6Hosts()
  hosts.set(ip6('fe80::1'), 16, 10)
  hosts.set(ip6('fe80:1:2:3:4:5:6:7'), 128, 11)

  test.each([
    { host: 'fe80::9', label: 10 },
    { host: 'fe80:1:2:3:4:5:6:7', label: 11 },
    { host: 'fe81::9', label: 0 },
    { host: '::1', label: 0 },
  ])('$host: $label', ({ host, label }) => {
    expect(hosts.labelOf(ip6(host))).toBe(label)
  })

  test('an entry that has been given up is passed over, not its shorter prefix', () => {
    hosts.set(ip6('fe80:1:2:3:4:5:6:7'), 128, 0)
    expect(hosts.labelOf(ip6('fe80:1:2:3:4:5:6:7'))).toBe(10)
  })

  test('a prefix of four bits keeps the low half of the first byte, as the kernel counts in memory', () => {
    const odd = new Ipv6Hosts()
    odd.set(ip6('f7ff::'), 4, 10)
    expect(ipv6Text(odd.entries[0]!.address)).toBe('0700:0000:0000:0000:0000:0000:0000:0000')
    expect([odd.labelOf(ip6('17::')), odd.labelOf(ip6('a7ff::')), odd.labelOf(ip6('f8ff::'))]).toEqual([0, 10, 0])
  })
})

test.each([
  { text: '::', groups: [0, 0, 0, 0, 0, 0, 0, 0] },
  { text: '::1', groups: [0, 0, 0, 0, 0, 0, 0, 1] },
  { text: '2001:DB8::8:800:200c:417a', groups: [0x2001, 0xdb8, 0, 0, 8, 0x800, 0x200c, 0x417a] },
  { text: '::ffff:10.1.2.3', groups: [0, 0, 0, 0, 0, 0xffff, 0x0a01, 0x0203] },
  { text: 'fe80::1%eth0', groups: [0xfe80, 0, 0, 0, 0, 0, 0, 1] },
  { text: '1:2:3:4:5:6:7:8', groups: [1, 2, 3, 4, 5, 6, 7, 8] },
  { text: '1:2:3:4:5:6:7:8:9', groups: null },
  { text: '1:2:3:4:5:6:7', groups: null },
  { text: '1::2::3', groups: null },
  { text: '1:2:3:4::5:6:7:8', groups: null },
  { text: '10.1.2.3::', groups: null },
  { text: '12345::', groups: null },
  { text: '', groups: null },
])('address `$text`', ({ text, groups }) => {
  expect(parseIpv6(text)).toEqual(groups)
})

test.each(['1.2.3',
  '1.2.3.4.5', '256.1.1.1', '-1.1.1.1', '1..1.1', 'a.b.c.d', ''])('`%s` is not an address', (text) => {
  expect(parseIpv4(text)).toBeNull()
})

test('only ::1 is the loopback', () => {
  expect(['::1', '::', '::2', '1::1'].map((text) => isIpv6Loopback(ip6(text)))).toEqual([true, false, false, false])
})
