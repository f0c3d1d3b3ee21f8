/** Scenario files as the commands take them: a file may hold several, with `---` between them. */
import { join, resolve } from 'node:path'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { isScenario, parseScenario, splitScenarios } from '@lsmkit/testkit/scenario'
import type { Scenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import { readHostText, statIfAny } from '../../host-file.ts'
import type { Io } from '../../io.ts'
import { counted } from '../../output.ts'

/** What a folder is searched for. */
const SCENARIO = '**/*.{yaml,yml,json}'
const HINT = 'scenarios are .yaml, .yml or .json, and docs/scenarios.md shows one'
/** So many names of skipped files are told. */
const TOLD = 5

/** A file that has been read. */
export interface ScenarioFile {
  readonly file: string
  readonly text: string
}

const read = (io: Io, file: string): ScenarioFile => ({ file, text: readHostText(io, file) })

/** Files as they are named, those of patterns by name, and of folders those that are scenarios; `-` is stdin. */
export const scenarioFiles = (io: Io, names: readonly string[]): ScenarioFile[] => names.flatMap((name) => {
  if (name === '-') return [read(io, name)]
  const stat = statIfAny(io, name)
  if (stat?.isDirectory() === true) return scenariosIn(io, name)
  if (stat !== null || !isDynamicPattern(name)) return [read(io, name)]
  const found = globSync([name], { cwd: io.cwd, expandDirectories: false }).sort()
  if (found.length > 0) return found.map((file) => read(io, file))
  throw new CommandError('badInput', `no file matches \`${name}\``, HINT)
})

/** A folder has other files too, such as package.json: those are skipped, and told. */
const scenariosIn = (io: Io, folder: string): ScenarioFile[] => {
  const options = { cwd: resolve(io.cwd, folder), ignore: ['**/node_modules/**'], expandDirectories: false }
  const found: ScenarioFile[] = []
  const skipped: string[] = []
  for (const name of globSync([SCENARIO], options).sort()) {
    const one = read(io, join(folder, name))
    if (isScenario(one.text)) found.push(one)
    else skipped.push(one.file)
  }
  if (found.length === 0) throw new CommandError('badInput', `\`${folder}\` has no scenario in it`, HINT)
  if (skipped.length > 0) {
    const names = skipped.slice(0, TOLD).join(', ') + (skipped.length > TOLD ? ', …' : '')
    io.note(`skipped ${counted(skipped.length, 'file')} without a scenario: ${names}`)
  }
  return found
}

/** Throws ScenarioError if a file is not a scenario; an empty file is not a test that passed. */
export const scenariosOf = (text: string, name: string): readonly Scenario[] => {
  const parts = splitScenarios(text)
  if (parts.length === 0)
    throw new CommandError('badInput', `\`${name}\` has no scenario in it`, 'docs/scenarios.md shows one')
  return parts.map((part) => parseScenario(part.text, name))
}
