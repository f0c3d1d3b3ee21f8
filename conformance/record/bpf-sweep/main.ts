/**
 * `generate SEED COUNT [BTF [TOPIC]]`, `encode BTF LINES`, `merge LINES ANSWERS`, `pick COUNT RELEASE BTF TABLE…`: see
 * README.md.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { Btf } from '@lsmkit/bpf/btf'
import { caseLine, HEADER, parseCase, QUESTION } from '../../src/bpf-sweep/case.ts'
import type { SweepCase } from '../../src/bpf-sweep/case.ts'
import { releaseOf } from '../../src/bpf/release.ts'
import { answer, hasTypes } from '../../src/suites/bpf-sweep.ts'
import { encode } from './encode.ts'
import { generate } from './generate.ts'
import { hookCases } from './hooks.ts'
import { namesOf } from './kinds.ts'
import { kernelTopics } from './topics.ts'

/** `R number errno processed message` on the console of the machine; its own lines are in between. */
const ANSWER = /R (\d+) (-?\d+) (\d+) ?(.*)$/

/** The topic that is no sample: every hook of the kernel. */
const HOOKS = 'hooks'

/** It would have taken too long: -EAGAIN. */
const GIVEN_UP = '-11'

/** Functions that a kernel has types for, and no address: its types do not determine which. */
const NOT_IN_TYPES = /^The address of function \w+ cannot be found/
/** A map that is made anew for each program, which nobody may not. */
const NOT_MADE = /^fd -1 is not pointing/

/** What README.md tells of. */
const REFUSED_ON_PURPOSE = /^invalid bpf_context access off=-\d/

/** Where members lie is each kernel's own. */
const ABOUT_MEMBERS = /type ID argument|struct \w+ (with|at)|in struct |beyond struct|ptr member/

/** Takes the number of a type, and every kernel numbers its own. */
const BY_TYPE_NUMBER = 'bpf_rdonly_cast'

const read = (path: string): Uint8Array => {
  const bytes = readFileSync(path)
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}
const linesOf = (path: string): string[] => Buffer.from(read(path)).toString().split('\n').filter((line) => line !== '')

/** What our own kernel shows programs is what 6.12 does, without modules. */
const kfuncs = (): ReadonlyMap<string, number> => {
  const own = vmlinuxBtf()
  const found = [...own.ids('func')].filter((id) => !/^(bpf_lsm|security)_/.test(own.name(id)))
  return new Map(found.map((id) => [own.name(id), own.proto(id)!.params.length]))
}

function* generateLines(seed: number, count: number, btf?: string, only: string | null = null): Generator<string> {
  yield QUESTION
  if (only === HOOKS) {
    for (const one of hookCases(btf === undefined ? vmlinuxBtf() : new Btf(read(btf)))) yield caseLine(one)
    return
  }
  const names = btf === undefined ? null : namesOf(new Btf(read(btf)))
  const known = names === null || names.kfuncs.size === 0 ? kfuncs() : names.kfuncs
  for (const one of generate(seed, count, { names, kfuncs: known, only })) yield caseLine(one)
}

const casesOf = (path: string): SweepCase[] => linesOf(path).slice(1).map((line, at) => {
  const one = parseCase(line.split('\t'))
  if (one === null) throw new Error(`${path}:${at + 2}: no program`)
  return one
})

function* merge(questions: string, answers: string): Generator<string> {
  yield HEADER
  const lines = linesOf(questions).slice(1)
  for (const text of linesOf(answers)) {
    const found = ANSWER.exec(text.replace(/\r$/, ''))
    if (found === null) continue
    const [, at, errno, processed, message] = found
    if (errno === GIVEN_UP || NOT_IN_TYPES.test(message!) || NOT_MADE.test(message!)) continue
    yield [lines[Number(at)], errno, processed, message!.replaceAll('\t', ' ')].join('\t')
  }
}

/**
 * Rows that we answer as the kernel did, with its types and with lsmkit's own, as many as wanted from all over the
 * tables.
 */
function* pick(count: number, named: string, btf: string, tables: readonly string[]): Generator<string> {
  const release = releaseOf({ kernel: named })
  yield `# kernel ${release}`
  yield HEADER
  const kernel = new Btf(read(btf))
  const own = vmlinuxBtf(release)
  const rows = tables.flatMap((table) => linesOf(table).slice(1)).filter((line) => {
    const columns = line.split('\t')
    const one = parseCase(columns)!
    if (kernelTopics.has(one.topic) || ABOUT_MEMBERS.test(columns[8]!)) return false
    if (one.kfuncs.some(([, name]) => name === BY_TYPE_NUMBER)) return false
    if (!hasTypes(one, kernel) || !hasTypes(one, own)) return false
    const [real, ours] = [answer(one, kernel, release), answer(one, own, release)]
    return Number(columns[6]) === real.errno && real.errno === ours.errno && real.processed === ours.processed &&
      !REFUSED_ON_PURPOSE.test(ours.message)
  })
  const step = Math.max(1, rows.length / count)
  for (let at = 0; at < rows.length; at += step) yield rows[Math.floor(at)]!
}

const [command, ...args] = process.argv.slice(2)
const print = (lines: Iterable<string>): void => {
  const all = [...lines]
  process.stdout.write(`${all.join('\n')}\n`)
}
if (command === 'generate') {
  print(generateLines(Number(args[0]), Number(args[1]), args[2], args[3]))
} else if (command === 'encode') process.stdout.write(encode(casesOf(args[1]!), new Btf(read(args[0]!))))
else if (command === 'merge') print(merge(args[0]!, args[1]!))
else if (command === 'pick') print(pick(Number(args[0]), args[1]!, args[2]!, args.slice(3)))
else {
  console.error(
    'usage: main.ts generate SEED COUNT [BTF [TOPIC]] | encode BTF LINES | merge LINES ANSWERS | ' +
      'pick COUNT RELEASE BTF TABLE…')
  process.exitCode = 2
}
