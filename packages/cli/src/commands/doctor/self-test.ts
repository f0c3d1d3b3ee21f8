/** Boots kernels and a sandbox and tries whether they refuse what they must: an engine never fails open. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createSandbox, memory } from '@lsmkit/sandbox'
import { parseScenario, runScenario } from '@lsmkit/testkit/scenario'
import type { LsmFactories } from '@lsmkit/testkit/scenario'
import { caseFactories, cases } from './cases.ts'
import type { Item } from './item.ts'

export const selfTestItems = async (factories: LsmFactories = caseFactories): Promise<Item[]> => [
  ...Object.entries(cases).map(([name, text]) => tried(name, () => caseFault(name, text, factories))),
  tried('sandbox', await sandboxFault().then((fault) => () => fault, (error: unknown) => () => { throw error })),
]

const HINT = 'never rely on it as it is; install it anew, and report it if that does not help'

/** `fault` answers null when what must be refused was, and throws when it cannot be tried. */
const tried = (name: string, fault: () => string | null): Item => {
  let text: string | null
  try {
    text = fault()
  } catch (error) {
    text = `cannot be tried: ${error instanceof Error ? error.message : String(error)}`
  }
  return text === null
    ? { part: 'self-test', name, state: 'ok', text: 'refuses what it must, and nothing else' }
    : { part: 'self-test', name, state: 'wrong', text, hint: HINT }
}

const caseFault = (name: string, text: string, factories: LsmFactories): string | null => {
  const { differences } = runScenario(parseScenario(`scenario: ${name}${text}`, `${name}.yaml`), factories)
  const [first] = differences
  return first === undefined ? null
    : `step ${first.step + 1}: ${first.field} should be ${first.expected}, is ${first.got}`
}

const sandboxFault = async (): Promise<string | null> => {
  const programs = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs')
  const cat = readFileSync(join(programs, 'cat.wasm'))
  const box = await createSandbox({
    inline: true, allow: { read: ['/data'] }, mounts: { '/data': memory(), '/other': memory() },
  })
  try {
    for (const place of ['/data', '/other']) await box.fs.writeFile(`${place}/file`, 'text')
    const inside = await box.run(cat, { args: ['/data/file'] })
    if (inside.stdout !== 'text') return `\`read\` of the policy refuses its own folder: ${inside.stderr.trim()}`
    const outside = await box.run(cat, { args: ['/other/file'] })
    const isOpen = outside.stdout !== '' || outside.denials.length === 0
    return isOpen ? 'a file that no line of the policy allows was read' : null
  } finally {
    await box.close()
  }
}
