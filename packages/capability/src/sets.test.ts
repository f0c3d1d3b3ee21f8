import { expect, test } from 'vitest'
import { capabilityChanges, parseCapabilitySets } from './sets.ts'

const told = (before: string, after: string): string[] => {
  const changes = capabilityChanges(parseCapabilitySets(before), parseCapabilitySets(after))
  return Array.from(changes, ({ effect, words }) => `${effect}: ${words}`)
}

test('reads what getcap prints, of either form, and tells what came and went', () => {
  expect(told('# old\n/usr/bin/ping = cap_net_raw+ep\n/usr/bin/tcpdump cap_net_raw=ep\n',
    '/usr/bin/ping cap_net_admin,cap_net_raw=p\n/opt/my prog cap_chown=i\n')).toEqual([
    'more: /opt/my prog may now inherit cap_chown',
    'more: /usr/bin/ping may now have cap_net_admin',
    'less: /usr/bin/ping may no longer have at once cap_net_raw',
    'less: /usr/bin/tcpdump may no longer have cap_net_raw',
    'less: /usr/bin/tcpdump may no longer have at once cap_net_raw',
  ])
  expect(told('/a cap_chown=ep', '/a = cap_chown+ep')).toEqual([])
  expect(told('my prog cap_chown=p  # asked at line 3', 'my prog cap_chown,cap_kill=p cap_kill-p')).toEqual([])
})

test.each([
  ['/usr/bin/ping', 'line 1'], ['\n/usr/bin/ping cap_net_rw=ep', 'line 2'],
])('%j is refused', (text, place) => {
  expect(() => parseCapabilitySets(text)).toThrow(expect.objectContaining({ place }))
})
