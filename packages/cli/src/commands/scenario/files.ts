/** Scenario files as the commands take them: a file may hold several, with `---` between them. */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { globSync, isDynamicPattern } from 'tinyglobby'
import { parseScenario, splitScenarios } from '@lsmkit/testkit/scenario'
import type { Scenario } from '@lsmkit/testkit/scenario'
import { CommandError } from '../../command-error.ts'
import type { Io } from '../../io.ts'

/** What a folder is searched for. */
const SCENARIO = '**/*.{yaml,yml,json}'

/** Files as they are named, those of folders and of patterns by name; `-` is stdin. */
export const scenarioFiles = (io: Io, names: readonly string[]): string[] => names.flatMap((name) => {
  if (name === '-') return [name]
  const stat = statSync(resolve(io.cwd, name), { throwIfNoEntry: false })
  const isFolder = stat?.isDirectory() === true
  if (!isFolder && (stat !== undefined || !isDynamicPattern(name))) return [name]
  const options = isFolder ? { cwd: resolve(io.cwd, name), ignore: ['**/node_modules/**'] } : { cwd: io.cwd }
  const found = globSync([isFolder ? SCENARIO : name], { ...options, expandDirectories: false }).sort()
  if (found.length > 0) return isFolder ? found.map((file) => join(name, file)) : found
  throw new CommandError('badInput', isFolder ? `\`${name}\` has no scenario in it` : `no file matches \`${name}\``,
    'scenarios are .yaml, .yml or .json')
})

/** Throws ScenarioError for a file that is none; one that holds nothing is no test that passed. */
export const scenariosOf = (text: string, name: string): readonly Scenario[] => {
  const parts = splitScenarios(text)
  if (parts.length === 0)
    throw new CommandError('badInput', `\`${name}\` has no scenario in it`, 'docs/scenarios.md shows one')
  return parts.map((part) => parseScenario(part.text, name))
}
