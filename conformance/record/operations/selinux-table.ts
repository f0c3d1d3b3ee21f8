/**
 * Questions and tables of selinux-ops.
 * `selinux-table.ts without POLICY FOLDER OPERATION…|TABLE`: rows for the recorder. Each operation of the table is played
 * once under the whole policy, and once for each permission of its checks under one that lacks it, which is put in FOLDER.
 * `selinux-table.ts table TABLE ANSWERS…`: the table with what a kernel answered in place of its answers.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readPolicy } from '@lsmkit/selinux/policydb'
import { readInput } from '../../src/input.ts'
import { checkOf } from '../../src/selinux-ops/check.ts'
import { without } from '../../src/selinux-ops/without.ts'
import { parseTable } from '../../src/tsv.ts'

const COLUMNS = ['n', 'operation', 'description', 'errno', 'result', 'checks', 'without']
const AVC = 1400
const TYPES: ReadonlyMap<number, string> = new Map([
  [1401, 'SELINUX_ERR'], [1403, 'MAC_POLICY_LOAD'], [1404, 'MAC_STATUS'], [1405, 'MAC_CONFIG_CHANGE'],
])

const tableOf = async (path: string) => Array.from(parseTable((await readInput(path)).text, path, COLUMNS))

/** `s_t o_t file { read open }` as one entry a permission. */
const permissionsOf = (checks: string): string[] => [...new Set(checks.split('; ').flatMap((check) => {
  const parts = /^(\w+ \w+ \w+) \{ (.*?) \}/.exec(check)
  return parts === null ? [] : parts[2]!.split(' ').map((perm) => `${parts[1]} ${perm}`)
}))]

const questions = async (policy: string, folder: string, table: string): Promise<void> => {
  const db = readPolicy((await readInput(policy)).bytes)
  const files = new Map<string, string>()
  mkdirSync(folder, { recursive: true })
  for (const { operation, checks } of await tableOf(table)) {
    console.log(`${operation}\t-\t-`)
    for (const permission of permissionsOf(checks!)) {
      const [source, target, tclass, perm] = permission.split(' ') as [string, string, string, string]
      let file = files.get(permission)
      if (file === undefined) {
        file = `${files.size}.policy`
        files.set(permission, file)
        writeFileSync(join(folder, file), without(db, { source, target, tclass, perm }))
      }
      console.log(`${operation}\t/${file}\t${permission}`)
    }
  }
}

/** A record as the table shows it. */
const shown = (record: string): string => {
  const [, type = '', text = ''] = /^(\d+) audit\(.*?\): (.*)$/.exec(record) ?? []
  if (Number(type) === AVC) return checkOf(text.trimEnd())
  return `!${TYPES.get(Number(type)) ?? type}`
}

interface Answer {
  readonly errno: string
  readonly result: string
  readonly records: string
}

/** What the machine printed, by operation and by what was taken away. */
const answersOf = (files: readonly string[]): Map<string, Map<string, Answer>> => {
  const all = new Map<string, Map<string, Answer>>()
  for (const line of files.flatMap((file) => readFileSync(file, 'utf8').replaceAll('\r', '').split('\n'))) {
    const at = line.indexOf('@')
    const [operation = '', taken = '', errno = '', result = '-', records = ''] = line.slice(at + 1).split('\t')
    if (at < 0 || errno === '') continue
    const known = all.get(operation) ?? new Map<string, Answer>()
    all.set(operation, known.set(taken, { errno, result, records }))
  }
  return all
}

const differing = (all: Answer, { errno, result }: Answer): string => {
  if (errno === 'DIED') return 'DIED(died:signal=11,exit=0)'
  if (errno !== 'OK') return result === '-' ? errno : `${errno}(${result})`
  return result === all.result ? 'OK' : `OK(${result})`
}

const table = async (path: string, files: readonly string[]): Promise<void> => {
  const answers = answersOf(files)
  console.log([...COLUMNS, 'only_these', 'checks_always_check_network'].join('\t'))
  for (const { n, operation, description } of await tableOf(path)) {
    const known = answers.get(operation!)
    const whole = known?.get('-')
    if (known === undefined || whole === undefined) continue
    const checks = whole.records.split('|').filter((record) => record.trim() !== '').map(shown)
    const taken = [...known].filter(([what]) => what !== '-').map(([what, one]) => `${what}=${differing(whole, one)}`)
    const cells = [n, operation, description, whole.errno, whole.result, checks.join('; ') || '-']
    console.log([...cells, taken.join('; ') || '-', '-', '-'].join('\t'))
  }
}

const [what, ...words] = process.argv.slice(2)
if (what === 'without' && words.length === 3) await questions(words[0]!, words[1]!, words[2]!)
else if (what === 'table' && words.length > 1) await table(words[0]!, words.slice(1))
else throw new Error('usage: selinux-table.ts without POLICY FOLDER TABLE, or table TABLE ANSWERS…')
