/** One random policy on one random tree: the same questions to the model, the host's kernel and a box. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Policy } from '@lsmkit/sandbox'
import { compile, createNativeBox, gatherFacts, systemFiles, systemPrograms } from '@lsmkit/native'
import type { Answer } from './ask.ts'
import { boxAnswers } from './ask-box.ts'
import { Model } from './ask-model.ts'
import { randomFrom, randomQuestion, randomRules } from './questions.ts'
import type { Question } from './questions.ts'
import { growTree } from './random-tree.ts'

const root = resolve(import.meta.dirname, '../../..')

export interface Difference {
  readonly question: Question
  readonly model: Answer
  readonly kernel: Answer
  readonly box: Answer
}

export interface Comparison {
  readonly asked: number
  readonly yes: number
  /** The box was asked too. */
  readonly boxed: number
  /** Differences that `explain()` names: a box mounts each path of `write` by itself, so nothing moves between two. */
  readonly told: number
  readonly differences: readonly Difference[]
}

/** The innermost path of `write` around a place. */
const writtenAt = (write: readonly string[], place: string): string =>
  write.filter((top) => place === top || place.startsWith(`${top}/`)).sort((a, b) => b.length - a.length)[0] ?? ''

const isTold = (write: readonly string[], { question, model, kernel, box }: Difference): boolean => {
  const { op, path, to = '' } = question
  if (model !== kernel || kernel !== 'yes' || box !== 'no') return false
  // a rule for a file is for all its names; a box takes each name for itself
  if (statSync(path).nlink > 1) return true
  if (op !== 'rename' && op !== 'link') return false
  return writtenAt(write, realpathSync(dirname(path))) !== writtenAt(write, realpathSync(dirname(to)))
}

const host = (path: string, writable: boolean): { kind: 'host-folder'; path: string; writable: boolean } =>
  ({ kind: 'host-folder', path, writable })

/** What the process that asks needs itself, far away from the tree. */
const ownNeeds = (): { read: string[]; exec: string[] } => {
  const exec = [...new Set([...systemPrograms(), dirname(dirname(realpathSync(process.execPath)))])]
  return { read: [...exec, ...systemFiles(), root], exec }
}

const kernelAnswers = async (policy: Policy, questions: readonly Question[]): Promise<Answer[]> => {
  const main = join(import.meta.dirname, 'ask-kernel.ts')
  const args = ['--no-warnings', '--conditions=lsmkit:source', '--experimental-strip-types', main]
  const stdin = JSON.stringify(questions)
  const { stdout, stderr } = await createNativeBox(policy).exec(process.execPath, args, { stdin })
  if (stdout === '') throw new Error(`the host's side does not answer: ${stderr}`)
  return JSON.parse(stdout) as Answer[]
}

export const compareOne = async (seed: number, count: number): Promise<Comparison> => {
  const random = randomFrom(seed)
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lsmkit-equal-')))
  const top = join(folder, 'tree')
  mkdirSync(top)
  try {
    const tree = growTree(top, random, () => '#!/bin/true\n')
    const allow = randomRules(tree, random)
    const model = new Model(compile({ allow }, gatherFacts({ allow })))
    const questions = Array.from({ length: count }, (_, at) => randomQuestion(tree, random, at))
      .filter((question) => model.returns(question))
    const needs = ownNeeds()
    const modelled = questions.map((question) => model.answer(question))
    const kernel = await kernelAnswers(
      { allow: { ...allow, read: [...allow.read, ...needs.read], exec: [...allow.exec, ...needs.exec] } }, questions)
    const user = process.getuid!()
    const box = await boxAnswers({ allow, user, mounts: { [top]: host(top, true) } }, questions)
    const rows = questions.map((question, at) =>
      ({ question, model: modelled[at]!, kernel: kernel[at]!, box: box[at] ?? null }))
    const different = rows.filter((row) =>
      row.model !== row.kernel || (row.box !== null && row.box !== row.kernel))
    const differences = different.filter((row) => !isTold(allow.write, row))
    return {
      asked: rows.length, yes: rows.filter((row) => row.kernel === 'yes').length,
      boxed: rows.filter((row) => row.box !== null).length,
      told: different.length - differences.length, differences,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
