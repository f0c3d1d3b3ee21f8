/**
 * `generate SEED COUNT QUESTIONS FOLDER FEATURES…` writes random policies, each as apparmor_parser and as lsmkit
 * compile it, and questions to them; `merge FOLDER ANSWERS` prints the table with the answers of the player.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileProfiles, parseFeatures, ProfileError } from '@lsmkit/apparmor/profile'
import { readUncheckedPolicy, writePolicy } from '@lsmkit/apparmor/policydb'
import { generateText } from '../apparmor-compile/generate.ts'
import { Parser } from '../apparmor-guest/parser.ts'
import { questionsTo } from './questions.ts'
import { mergeAnswers, questionLine } from './table.ts'

/** The binary that lsmkit makes, null when it refuses the text. */
const compileHere = (text: string, features: string): Uint8Array | null => {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
  const files = { read: (path: string) => (path === 'text' ? bytes : null), list: () => null }
  try {
    return writePolicy(compileProfiles('text', { files, features: parseFeatures(features, 'features') }).binary)
  } catch (error) {
    if (error instanceof ProfileError) return null
    throw error
  }
}

const generate = (seed: number, count: number, each: number, folder: string, features: readonly string[]): void => {
  const parser = new Parser()
  const lines: string[] = []
  for (let at = seed; at < seed + count; at++) {
    const file = features[at % features.length]!
    const text = generateText(at)
    const theirs = parser.compile(text, file)
    const ours = compileHere(text, readFileSync(file, 'latin1'))
    if (theirs === null || theirs === undefined || ours === null) continue
    // both binaries get the same questions
    const questions = questionsTo(readUncheckedPolicy(theirs), at, each).map(questionLine)
    for (const [maker, binary] of [['parser', theirs], ['lsmkit', ours]] as const) {
      const set = `${maker}-${at}`
      mkdirSync(join(folder, set), { recursive: true })
      writeFileSync(join(folder, set, 'text.bin'), binary)
      lines.push(`load ${set}/text.bin`, ...questions)
    }
  }
  parser.close()
  writeFileSync(join(folder, 'questions'), `${lines.join('\n')}\n`)
}

const linesOf = (path: string): string[] => readFileSync(path, 'utf8').split('\n').filter((line) => line !== '')

const merge = (folder: string, answers: string): void => {
  const { rows, refused } = mergeAnswers(linesOf(join(folder, 'questions')), linesOf(answers))
  process.stdout.write(`${rows.join('\n')}\n`)
  for (const [set, errno] of refused) process.stderr.write(`${set}: not loaded, ${errno}\n`)
}

const [command, ...args] = process.argv.slice(2)
if (command === 'generate' && args.length > 4) {
  const [seed, count, each, folder, ...features] = args
  generate(Number(seed), Number(count), Number(each), folder!, features)
} else if (command === 'merge' && args.length === 2) merge(args[0]!, args[1]!)
else {
  process.stderr.write('usage: generate SEED COUNT QUESTIONS FOLDER FEATURES… | merge FOLDER ANSWERS\n')
  process.exitCode = 2
}
