import { expect, test } from 'vitest'
import { faultsOf, snippetsOf } from './snippets.ts'

const fence = '```'
const page = `# Page

${fence}ts
const one: number = 1
${fence}

${fence}sh
npm test
${fence}

${fence}ts fragment
missing()
${fence}
`

test('snippets are found with their lines', () => {
  expect(snippetsOf('a.md', page)).toEqual([
    { source: 'a.md', line: 4, code: 'const one: number = 1\n', isFragment: false },
    { source: 'a.md', line: 12, code: 'missing()\n', isFragment: true },
  ])
})

test('what does not compile is told with its line', () => {
  expect(faultsOf(snippetsOf('a.md', page))).toEqual(["a.md:12: Cannot find name 'missing'."])
})
