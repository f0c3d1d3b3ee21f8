/** Outlines of interfaces: texts of our own, what comes of them, and why. */
import { describe, expect, test } from 'vitest'
import { findInterfaces, outlineInterfaces } from '../index.ts'
import type { InterfaceOutline } from '../index.ts'

const file = `## <summary>A shop of tests.</summary>

########################################
## <summary>
##  Read the orders
##  of the shop.
## </summary>
## <desc>
##  <p>
##  Orders have addresses: a &lt; b.
##  </p>
##  <ul>
##    <li>open_orders()</li>
##    <li>shop_admin()</li>
##  </ul>
##  <p>Prefer shop_admin().</p>
## </desc>
## <param name="domain">
##  <summary>
##  Domain that reads.
##  </summary>
## </param>
## <param name="kind" optional="true">
##  <summary>Kind of order.</summary>
## </param>
## <rolecap/>
#
interface(\`shop_read_orders',\`
  gen_require(\`
    type shop_order_t;
  ')
  # interface(\`shop_not_this',
  allow $1 shop_order_t:file read;
')

ifdef(\`distro_debian',\`
  template( \`shop_template', \`
    ## <desc>Of a tunable.</desc>
    gen_tunable(\`shop_$1', false)
    type $1_$2_t;
  ')
')
interface(\`shop_dontaudit_orders',\`')
`

const shown = ({ kind, name, line, parameters }: InterfaceOutline): string =>
  `${line} ${kind} ${name}(${parameters.map((one) => one.name).join(', ')})`

test('an interface has its place, documentation and parameters', () => {
  const outline = outlineInterfaces({ name: 'shop.if', text: file })
  expect(outline[0]).toEqual({
    kind: 'interface', name: 'shop_read_orders', file: 'shop.if', line: 28,
    summary: 'Read the orders of the shop.',
    description: 'Orders have addresses: a < b.\n\n- open_orders()\n- shop_admin()\n\nPrefer shop_admin().',
    parameters: [
      { name: 'domain', summary: 'Domain that reads.', isOptional: false },
      { name: 'kind', summary: 'Kind of order.', isOptional: true },
    ],
    isRoleCapability: true,
  })
  expect(outline.map(shown)).toEqual([
    '28 interface shop_read_orders(domain, kind)', '37 template shop_template($1, $2)',
    '43 interface shop_dontaudit_orders()',
  ])
})

/** Text, what comes of it as `summary | places`, reason. */
const texts: readonly (readonly [text: string, outline: string, reason: string])[] = [
  ['', '', 'an empty file has none'],
  ['## <summary>M</summary>\n\ninterface(`a\',`\')', ' | 3 interface a()', 'the first block is the module\'s'],
  ['## <summary>A</summary>\n#\ninterface(`a\',`\')', 'A | 3 interface a()', 'no empty line: it is the interface\'s'],
  ['## Plain <b words\ninterface(`a\',`\')', 'Plain <b words | 2 interface a()', 'text without elements'],
  ['## <summary>Open\ninterface(`a\',`\')', 'Open | 2 interface a()', 'an element without its end'],
  ['## <summary>A</summary>\ntype x;\ninterface(`a\',`\')', ' | 3 interface a()', 'a statement is in between'],
  ['## <summary>A</summary>\n####\ninterface(`a\',`\')', ' | 3 interface a()', 'a line of # begins anew'],
  ['## <param name="x">\ninterface(`a\',`$2 $*\')', ' | 2 interface a(x, $2)', 'an argument without documentation'],
  ['interface(`a\',`$100 $99999\')', ' | 1 interface a()', 'a number that is no argument'],
  ['interface(`a\',` `\ninterface(`b\',`$1\')', ' | 1 interface a(); 2 interface b($1)', 'a quote is missing'],
  ['interface(`a\',`\')\r\ninterface(`b\',`\')\r\n', ' | 1 interface a(); 2 interface b()', 'lines that end as of DOS'],
  ['interface(`a\',`\') interface(`b\',`\')', ' | 1 interface a(); 1 interface b()', 'two of one line'],
  ['# interface(`a\',`\')\ninterface(`\',`\')\ninterface(b)', '', 'a comment, no name, no quotes'],
]

test.each(texts)('%j: %s (%s)', (text, outline) => {
  const found = outlineInterfaces({ name: 'x.if', text })
  expect(found.length === 0 ? '' : `${found[0]!.summary} | ${found.map(shown).join('; ')}`).toBe(outline)
})

describe('words', () => {
  const outline = outlineInterfaces({ name: 'shop.if', text: file })
  const found: readonly (readonly [words: string, names: string, reason: string])[] = [
    ['', 'shop_read_orders shop_template shop_dontaudit_orders', 'all of them without words'],
    ['shop_template', 'shop_template', 'the very name'],
    ['orders', 'shop_read_orders shop_dontaudit_orders', 'a part of names'],
    ['ADDRESSES', 'shop_read_orders', 'the description, in any case'],
    ['shop kind', 'shop_read_orders', 'the name has one, a parameter the other'],
    ['addresses template', '', 'each word must occur'],
  ]
  test.each(found)('%j: %s (%s)', (words, names) => {
    const asked = words === '' ? [] : words.split(' ')
    expect(findInterfaces(outline, asked).map(({ name }) => name).join(' ')).toBe(names)
  })

  test('names come before documentation', () => {
    const text = '## <summary>As b</summary>\ninterface(`a\',`\')\ninterface(`b_x\',`\')\n'
    const both = findInterfaces(outlineInterfaces({ name: 'x.if', text }), ['b'])
    expect(both.map(({ name }) => name)).toEqual(['b_x', 'a'])
  })
})

test.each([
  ['definitions without an end', 'interface(`a\',`\n', 20_000, 20_000],
  ['indented ones without an end', ' interface(`a\',`\n', 20_000, 1],
  ['openings of elements', '## <param name="\n', 20_000, 1],
  ['one long element', '## <aaaaaaaaaaaaaaaa', 20_000, 0],
  ['spaces', '## <p>        </p>       ', 20_000, 0],
  ['quotes', '`\'"\'`$', 100_000, 0],
])('%s take time in proportion', (_, piece, times, count) => {
  const text = `${piece.repeat(times)}${count === 1 && piece.startsWith('#') ? 'interface(`a\',`\')' : ''}`
  expect(outlineInterfaces({ name: 'bomb.if', text })).toHaveLength(count)
})
