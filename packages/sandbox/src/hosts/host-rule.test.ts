/** Names and rules of hosts: what is taken, what is refused with which hint, and what a rule names. */
import { describe, expect, test } from 'vitest'
import { hostName } from './host-name.ts'
import { isMistake, isPathBelow, namesHost, parseRule, plainPath, ruleText } from './host-rule.ts'
import type { HostRule, Rule } from './host-rule.ts'
import { Hosts } from './hosts.ts'
import { Names } from './names.ts'

test.each([
  ['api.example', 'api.example'], ['API.Example', 'api.example'], ['api.example.', 'api.example'],
  ['bücher.example', 'xn--bcher-kva.example'], ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['ａｐｉ.example', 'api.example'], ['api。example', 'api.example'], ['_dmarc.example', '_dmarc.example'],
  ['localhost', 'localhost'], ['1.2.3.4.example', '1.2.3.4.example'], ['a'.repeat(63), 'a'.repeat(63)],
])('`%s` is the host `%s`', (text, name) => expect(hostName(text)).toBe(name))

test.each([
  '', '.', '..', 'a..b', 'api.example..', '.example', '1.2.3.4', '0x7f.1', '127.1', '2130706433', '0177.0.0.1', 'a.0x1',
  '１２７.0.0.1', '::1', '[::1]', 'a b', 'a/b', 'a@b', 'user@api.example', 'a:80', 'a%2eb', 'a\0b', 'a\nb', '-a.b', 'a-.b',
  'a'.repeat(64), `${'a.'.repeat(127)}aa`, 'xn--\u0000', '*', '*.example', 'a,b', 'ex\u00adample.\u0000',
])('`%s` is no host', (text) => expect(hostName(text)).toBeNull())

test.each<[HostRule, string]>([
  ['api.github.com:443', 'api.github.com:443'], ['*.NPMJS.org.:443', '*.npmjs.org:443'], ['*:443', '*:443'],
  ['93.184.216.34:80', '93.184.216.34:80'], ['[2606:0::1]:443', '[2606::1]:443'],
  [{ host: '::1', port: 3000 }, '[::1]:3000'], ['time.example:123/udp', 'time.example:123/udp'],
  ['api.example:443/tcp', 'api.example:443'], ['[2606::1]:53/udp', '[2606::1]:53/udp'],
  [{ host: '*.pool.example', port: 123, protocol: 'udp' }, '*.pool.example:123/udp'],
  [{ host: 'a.b', port: 443, methods: ['GET', 'HEAD'], paths: ['/v1'] }, 'a.b:443 GET HEAD /v1'],
])('%j is kept as %s', (rule, text) => expect(ruleText(parseRule(rule) as Rule)).toBe(text))

test.each<[HostRule, string, string | null]>([
  ['api.github.com', '`api.github.com` is not a host and a port', 'name the port: `api.github.com:443`'],
  ['::1', '`::1` is not a host and a port', 'name the port: `[::1]:443`'],
  ['https://api.github.com/', 'is not a host and a port', 'paths have a key of their own'],
  ['api.github.com:443/quic', 'is not a host and a port', null], ['api.github.com:443/UDP', 'is not a host', null],
  ['224.0.0.251:5353/udp', '`224.0.0.251` is for many', 'name each host'],
  ['[ff02::fb]:5353/udp', '`ff02::fb` is for many', null], ['255.255.255.255:67/udp', 'is for many', null],
  [{ host: 'a.b', port: 443, protocol: 'udp', methods: ['GET'] }, 'are of HTTP', 'leave them out'],
  [{ host: 'a.b', port: 443, protocol: 'udp', paths: ['/v1'] }, 'are of HTTP', null],
  ['api.github.com:https', 'is not a host and a port', null],
  ['api.github.com:0', '`0` is not a port', null], ['api.github.com:65536', '`65536` is not a port', null],
  ['0x7f.1:80', '`0x7f.1` is neither a name nor an address', 'write `127.0.0.1`'],
  ['0177.0.0.1:80', 'is neither a name nor an address', 'write `127.0.0.1`'],
  ['2130706433:80', 'is neither a name nor an address', 'write `127.0.0.1`'],
  ['api.*.com:443', 'has a `*` that is not its whole first label', '`*.example.com` is all below it'],
  ['api*.com:443', 'has a `*`', null], ['*.*.com:443', 'has a `*`', null], ['*.1.2:443', 'is neither a name', null],
  ['a_b@c:443', 'is neither a name', null], [':443', 'is neither a name', null],
  [{ host: 'a.b', port: 443, methods: ['get'] }, '`get` is not a method of HTTP', '`GET`'],
  [{ host: 'a.b', port: 443, paths: ['v1'] }, '`v1` is not a path from the root', '`/v1`'],
  [{ host: 'a.b', port: 443, paths: ['/v1/../v2'] }, 'is not a plain path', null],
  [{ host: 'a.b', port: 443, paths: ['/v1/%2e%2e/v2'] }, 'is not a plain path', null],
  [{ host: 'a.b', port: 443, paths: ['/v1?x=1'] }, 'is not a plain path', null],
  [{ host: 'a.b', port: 443, addresses: ['10.0.0.1/8'] }, '`10.0.0.1/8` is not an address or a range', null],
  [{ host: '10.0.0.1', port: 443, addresses: ['10.0.0.1'] }, 'an address leads to itself', null],
])('%j is refused: %s', (rule, message, hint) => {
  const parsed = parseRule(rule)
  expect(isMistake(parsed) ? parsed : null).toMatchObject({
    message: expect.stringContaining(message), ...(hint === null ? {} : { hint: expect.stringContaining(hint) }),
  })
})

test.each([
  ['*.npmjs.org:1', 'a.npmjs.org', true], ['*.npmjs.org:1', 'a.b.npmjs.org', true],
  ['*.npmjs.org:1', 'npmjs.org', false], ['*.npmjs.org:1', 'evilnpmjs.org', false],
  ['*.npmjs.org:1', '.npmjs.org', false],
  ['*.npmjs.org:1', 'npmjs.org.evil.example', false], ['npmjs.org:1', 'npmjs.org', true],
  ['npmjs.org:1', 'a.npmjs.org', false], ['*:1', 'any.example', true], ['*:1', '8.8.8.8', false],
  ['8.8.8.8:1', '8.8.8.8', true], ['8.8.8.8:1', '8.8.8.9', false],
])('`%s` and `%s`: %s', (rule, host, isNamed) => {
  expect(namesHost(parseRule(rule) as Rule, host, /^[\d.]+$/.test(host))).toBe(isNamed)
})

test.each([
  ['/v1', '/v1', true], ['/v1/', '/v1', true], ['/v1/users', '/v1', true], ['/v10', '/v1', false], ['/', '/', true],
  ['/v1', '/v1/', true], ['/x', '/', true], ['/V1', '/v1', false],
])('%s beneath %s: %s', (path, above, isBelow) => expect(isPathBelow(path, above)).toBe(isBelow))

test.each(['/a/../b', '/a/./b', '/a//b', '/a%2fb', '/a%2Fb', '/%2e%2e/b', '/a%5cb', '/a\\b', '/a;x=1', '/a%00', 'a'])(
  '%s is judged as no path', (path) => expect(plainPath(path)).toBeNull())

describe('decisions', () => {
  const hosts = new Hosts([
    'raw.example:443', { host: 'api.example', port: 443, methods: ['GET'], paths: ['/repos'] },
    { host: 'api.example', port: 443, methods: ['POST'], paths: ['/graphql'] },
  ])
  const ask = (method: string, path: string) => ({ method, path })

  test.each([
    ['raw.example', null, null], ['raw.example', ask('DELETE', '/x'), null],
    ['api.example', ask('GET', '/repos/a'), null], ['api.example', ask('POST', '/graphql'), null],
    ['api.example', ask('POST', '/repos'), 'POST is not among GET'],
    ['api.example', ask('GET', '/user'), 'its path is not beneath /repos'],
    ['api.example', ask('GET', '/repos/%2e%2e/user'), 'its path can be read in several ways'],
    ['api.example', null, 'its methods and paths hold for requests that the box makes, not for a socket'],
    ['no.example', ask('GET', '/'), 'not in hosts'],
  ])('%s, %j: %s', (host, request, why) => {
    const decision = hosts.decide({ host, port: 443, protocol: 'tcp' }, request)
    expect('why' in decision ? decision.why : null).toBe(why)
  })

  test('the permit of a refused request permits it, and no more of the host', () => {
    const decision = hosts.decide({ host: 'api.example', port: 443, protocol: 'tcp' }, ask('PUT', '/x'))
    const permit = 'permit' in decision ? decision.permit : null
    expect(permit).toEqual({ host: 'api.example', port: 443, methods: ['PUT'], paths: ['/x'] })
    const wider = new Hosts([permit!])
    expect(wider.decide({ host: 'api.example', port: 443, protocol: 'tcp' }, ask('PUT', '/x'))).toHaveProperty('rules')
    expect(wider.decide({ host: 'api.example', port: 443, protocol: 'tcp' }, ask('GET', '/x'))).toHaveProperty('why')
  })

  test('of an answer that mixes, the public addresses are left; where the rule names addresses, those alone', () => {
    const target = { host: 'a.b', port: 443, protocol: 'tcp' } as const
    const lead = (rule: HostRule, ...answer: string[]) => {
      const led = new Hosts([rule]).lead(new Hosts([rule]).rules, target, answer)
      return 'addresses' in led ? led.addresses : led.why
    }
    expect(lead('a.b:443', '10.0.0.1', '8.8.8.8', '::1')).toEqual(['8.8.8.8'])
    expect(lead('a.b:443', '10.0.0.1', '127.0.0.1')).toBe('it leads to 10.0.0.1, private (RFC 1918)')
    expect(lead('a.b:443', 'nonsense')).toBe('it leads to nonsense, not among its addresses')
    expect(lead({ host: 'a.b', port: 443, addresses: ['10.0.0.0/8'] }, '10.0.0.1', '8.8.8.8')).toEqual(['10.0.0.1'])
    expect(lead({ host: 'a.b', port: 443, addresses: ['10.0.0.0/8'] }, '8.8.8.8'))
      .toBe('it leads to 8.8.8.8, not among its addresses')
  })
})

test('each name has an address of its own, the same again, and there is an end to them', () => {
  const names = new Names()
  const first = names.addressOf('a.example')
  expect(first).toMatch(/^198\.18\./)
  expect(names.addressOf('A.example.')).toBe(first)
  expect(names.addressOf('b.example')).not.toBe(first)
  expect(names.hostOf(first!)).toBe('a.example')
  expect(names.hostOf('8.8.8.8')).toBe('8.8.8.8')
  expect([names.addressOf('localhost'), names.addressOf('x.localhost')]).toEqual(['127.0.0.1', '127.0.0.1'])
  expect(names.addressOf('0x7f.1')).toBeNull()
  let given = 0
  for (let i = 0; i < 5000; i++) if (names.addressOf(`n${i}.example`) !== null) given++
  expect(given).toBe(4094)
  expect(names.addressOf('a.example')).toBe(first)
})
