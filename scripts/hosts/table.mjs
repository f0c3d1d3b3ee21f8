/** The table of docs/hosts.md between its marks. */
const BEGIN = '<!-- table of docs/hosts.json: node scripts/hosts/main.mjs -->'
const END = '<!-- end of the table -->'

const titles = {
  node: 'Node', bun: 'Bun', deno: 'Deno', isolated: 'page, isolated', page: 'page', edge: 'workerd', bare: 'no Node',
}

/** What the messages of engines mean. */
const meanings = [
  [/Wasm code generation disallowed/,
    'The host compiles no WebAssembly while it runs. Deploy programs compiled; no limits can be built into them.'],
  [/^programs that wait for others/, 'The host has no memory that threads share, which workers need.'],
  [/(needs modules of Node|there is no `node:|No such module "node:)/, 'The package imports modules of Node.'],
  [/no folders/, 'The host has no folders.'],
  [/no sockets/, 'The host has no sockets.'],
]
const meaning = (why) => meanings.find(([pattern]) => pattern.test(why))?.[1] ?? why

/** Reasons that several cells share have one number. */
const tableOf = (features, results) => {
  const hosts = Object.keys(titles).filter((host) => host in results)
  const reasons = []
  const cell = (result) => {
    if (result === true) return 'yes'
    const reason = meaning(result)
    if (!reasons.includes(reason)) reasons.push(reason)
    return `no [${reasons.indexOf(reason) + 1}]`
  }
  const rows = features.map(({ name, words, packages }) =>
    `| ${words} | ${packages} | ${hosts.map((host) => cell(results[host][name] ?? 'not tried')).join(' | ')} |`)
  const head = [`| feature | packages | ${hosts.map((host) => titles[host]).join(' | ')} |`,
    `|---|---|${hosts.map(() => '---|').join('')}`]
  return [...head, ...rows, '', ...reasons.map((reason, i) => `${i + 1}. ${reason.replaceAll('|', '\\|')}`)].join('\n')
}

/** The page with the table in its place. */
export const inPage = (page, features, results) => {
  const [before, rest = ''] = page.split(BEGIN)
  const [, after = ''] = rest.split(END)
  return `${before}${BEGIN}\n${tableOf(features, results)}\n${END}${after}`
}
