import { expect, test } from 'vitest'
import { anchorsOf, blocksOf, brokenPromise, linksOf } from './document.mjs'

const fence = '```'
const page = `# A page of \`code\` & more

See [there](../docs/x.md#part "title"), ![picture](a.png) and \`[not](this)\`.

${fence}sh
npm install x
${fence}

${fence}ts [src/a.ts]
console.log(1) // 1
// [nor](that)
${fence}

## A second part
`

test('blocks, links and anchors of a document', () => {
  expect(blocksOf(page)).toEqual([
    { language: 'sh', file: null, text: 'npm install x\n' },
    { language: 'ts', file: 'src/a.ts', text: 'console.log(1) // 1\n// [nor](that)\n' },
  ])
  expect(linksOf(page)).toEqual(['../docs/x.md#part', 'a.png'])
  expect(anchorsOf(page)).toEqual(['a-page-of-code--more', 'a-second-part'])
})

const program = 'console.log(a) // one\nfor (const b of c) console.log(b) // two\nconsole.log(d) // three\n'

test.each([
  { printed: 'one\ntwo\nthree\n', broken: null },
  { printed: 'one\ntwo\nand more\nthree\n', broken: null },
  { printed: 'one\nthree\ntwo\n', broken: 'three' },
  { printed: 'one\ntwo\n', broken: 'three' },
  { printed: '', broken: 'one' },
])('$printed breaks $broken', ({ printed, broken }) => expect(brokenPromise(program, printed)).toBe(broken))
