/** The table of contexts of objects: initial SIDs, ports, file systems, interfaces, nodes. */
import type { Row } from '../suite.ts'
import type { PolicyUnderTest } from './policy-under-test.ts'

const ipv4 = (text: string): Uint8Array => Uint8Array.from(text.split('.'), Number)

const ipv6 = (text: string): Uint8Array => {
  const [head = '', tail] = text.split('::')
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const [first, last] = [words(head), words(tail ?? '')]
  const gap = Array.from({ length: 8 - first.length - last.length }, () => '0')
  const all = tail === undefined ? first : [...first, ...gap, ...last]
  const bytes = new Uint8Array(16)
  for (const [i, word] of all.entries()) new DataView(bytes.buffer).setUint16(2 * i, Number.parseInt(word, 16))
  return bytes
}

const AF_INET = 2
const AF_INET6 = 10

/** The columns a row gives, and what they should be followed by. */
const answer = (policy: PolicyUnderTest, [kind, a = '', b = '', c = '']: readonly string[]): readonly string[] => {
  const { server } = policy
  const text = (sid: number): string => policy.text(sid)
  switch (kind) {
    case 'isid':
      return [text(server.initialSid(Number(a)))]
    case 'port':
      return [text(server.portSid(Number(a), Number(b)))]
    case 'fsuse': {
      const { behavior, sid } = server.fsUse(a)
      return [String(behavior), text(sid)]
    }
    case 'genfs':
      return [text(server.genfsSid(a, b, policy.class(c)))]
    case 'netif':
      return [text(server.netifSid(a)), text(server.netmsgSid(a))]
    case 'node':
      return [text(server.nodeSid(AF_INET, ipv4(a)))]
    case 'node6':
      return [text(server.nodeSid(AF_INET6, ipv6(a)))]
    default:
      return [`no answer to \`${kind}\``]
  }
}

export function* ocontextRows(rows: readonly string[][], policy: PolicyUnderTest): Generator<Row> {
  for (const [n, row] of rows.entries()) {
    const got = answer(policy, row)
    yield { id: `ocontexts ${n} ${row[0]}`, expected: row.slice(-got.length).join(' '), got: got.join(' ') }
  }
}
