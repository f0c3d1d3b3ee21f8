/** Scenarios as tests: `for (const { name, run } of scenarioTests(text, name, factories)) test(name, run)`. */
import { TestkitError } from '../errors.ts'
import { parseScenario } from './parse.ts'
import { reportLines } from './report.ts'
import { runScenario } from './run.ts'
import type { LsmFactories } from './world.ts'

export interface ScenarioTest {
  readonly name: string
  /** Throws TestkitError (`differs`) with the readable difference. */
  readonly run: () => void
}

/** `text` is one scenario, or several YAML documents with `---` between them. */
export const scenarioTests = (text: string, file: string, factories: LsmFactories): ScenarioTest[] =>
  splitScenarios(text).map(({ text: one, line }) => {
    const scenario = parseScenario(one, file)
    return {
      name: scenario.title,
      run() {
        const result = runScenario(scenario, factories)
        if (result.differences.length === 0) return
        throw new TestkitError('differs', reportLines(result), { place: `${file}:${line}` })
      },
    }
  })

/** The documents of a file, each with blank lines in front so that its lines keep their numbers. */
export const splitScenarios = (text: string): { readonly text: string; readonly line: number }[] => {
  const parts: { text: string; line: number }[] = []
  let from = 0
  const lines = text.split('\n')
  for (let i = 0; i <= lines.length; i++) {
    if (i < lines.length && lines[i]!.trimEnd() !== '---') continue
    const part = lines.slice(from, i)
    if (part.some((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))) {
      parts.push({ text: '\n'.repeat(from) + part.join('\n'), line: from + 1 })
    }
    from = i + 1
  }
  return parts
}
