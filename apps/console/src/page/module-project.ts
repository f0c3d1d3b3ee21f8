/** The reader's module as a project of its own, in a zip: what `npm create lsmkit` makes, with this text in it. */
import { faultOfName, layersOf, namesOf, projectFiles, rangesOf } from 'create-lsmkit/in-a-page'
import { strToU8, zipSync } from 'fflate'
import manifest from '../../../../packages/create-lsmkit/package.json?raw'

const templates = import.meta.glob<string>(
  '../../../../packages/create-lsmkit/templates/{common,package,module,lsm}/**/*',
  { query: '?raw', import: 'default', eager: true, exhaustive: true },
)

/** Of the template's own module; this one has its own. */
const isReplaced = (path: string): boolean => /^(?:README\.md|src\/|scenarios\/|scripts\/bench)/.test(path)

const templateFiles = () =>
  layersOf('lsm').flatMap((layer) =>
    Object.entries(templates).flatMap(([path, text]) => {
      const [, found, rest] = /\/templates\/(\w+)\/(.+)$/.exec(path)!
      return found === layer && !isReplaced(rest!) ? [[rest!, strToU8(text)] as const] : []
    }))

const importOf = (maker: string): string => (maker === 'default' ? 'make' : `{ ${maker} }`)
const callOf = (maker: string): string => `${maker === 'default' ? 'make' : maker}()`

const testText = (name: string, maker: string): string =>
  `/** ${name} under the conformance kit. Add what it refuses, and what it does not. */
import { conformanceKit } from '@lsmkit/testkit'
import { describe, expect, test } from 'vitest'
import ${importOf(maker)} from './index.ts'

test('its name in lsm=', () => expect(${callOf(maker)}.name).toBe('${name}'))

describe('conformance', () => {
  for (const { name, run } of conformanceKit(() => ${callOf(maker)})) test(name, run)
})
`

const benchText = (name: string, maker: string): string =>
  `/** Prints the cost of each hook of ${name} beside a hook that does nothing: \`npm run bench\`. */
import { costLines, hookCosts } from '@lsmkit/testkit/costs'
import ${importOf(maker)} from '../dist/index.js'

for (const line of costLines(hookCosts(() => ${callOf(maker)}))) console.log(line)
`

const playText = (maker: string): string => `/** The module that \`npm run play\` puts on the stack. */
import ${importOf(maker)} from './index.ts'

export default () => ${callOf(maker)}
`

const readmeText = (name: string, maker: string): string => `# ${name}

A Linux Security Module for [lsmkit](https://www.npmjs.com/package/@lsmkit/core), begun in its console.

\`\`\`ts
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import ${importOf(maker)} from '${name}'

createStack({ lsms: [capability(), ${callOf(maker)}] })
\`\`\`

| to | run |
|---|---|
| check types and run all tests | \`npm test\` |
| run tests again as you change files | \`npm run watch\` |
| try it at a prompt, which starts anew as you change \`src/\` | \`npm run play\` |
| see which parts of the hooks the tests ran | \`npm run coverage\` |
| measure what each hook costs | \`npm run bench\` |
| build \`dist/\` | \`npm run build\` |
| raise the version, with the notes of CHANGELOG.md | \`npm version minor\` |
| test and publish | \`npm run release\` |

\`src/index.ts\` is the module.
`

/** `maker` is the export that makes it. A name that no package can have becomes \`my-lsm\`. */
export const projectZip = (name: string, maker: string, text: string): Uint8Array<ArrayBuffer> => {
  const names = namesOf(faultOfName(name) === null ? name : 'my-lsm')
  const files = new Map(projectFiles(templateFiles(), names, rangesOf(manifest)))
  files.set('README.md', readmeText(names.package, maker))
  files.set('src/index.ts', text)
  files.set(`src/${names.bare}.test.ts`, testText(name, maker))
  files.set('src/play.ts', playText(maker))
  files.set('scripts/bench.mjs', benchText(name, maker))
  const description = '"description": "A Linux Security Module for lsmkit."'
  files.set('package.json', String(files.get('package.json')).replace(/"description": ".*"/, description))
  const folder = Object.fromEntries([...files].map(([path, content]) => [
    `${names.bare}/${path}`,
    typeof content === 'string' ? strToU8(content) : content,
  ]))
  return zipSync(folder)
}
