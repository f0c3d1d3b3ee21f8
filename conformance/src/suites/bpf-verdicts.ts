/**
 * The verifier beside a real one: programs of the kernel's selftests, accepted or refused, with what messages, and what
 * those that run return. The column of a kernel decides where it has a verdict, else the tag; `--objects` names the
 * folder of objects.
 */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { BpfError, Btf } from '@lsmkit/bpf/btf'
import { openObject } from '@lsmkit/bpf/object'
import type { BpfObject, ProgramSpec } from '@lsmkit/bpf/object'
import { verify } from '@lsmkit/bpf/verifier'
import type { Verdict } from '@lsmkit/bpf/verifier'
import { runSelftest } from '../bpf/run-selftest.ts'
import { expectedReturn, loadWish, logHas, USUAL_FLAGS } from '../bpf/selftest-tags.ts'
import { UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

const PROG_ARRAY = 3
const PERCPU_CGROUP_STORAGE = 21
const STRICT_ALIGNMENT = 1

interface Counts {
  falseAccepts: number
  falseRejects: number
  messages: number
  messagesFound: number
  returns: number
  returnsRight: number
}

class Objects {
  private readonly folder: string
  private readonly opened = new Map<string, BpfObject | string>()
  readonly kernel: Btf

  constructor(folder: string) {
    this.folder = folder
    const types = resolve(folder, 'vmlinux.btf')
    if (!existsSync(types))
      throw new UsageError(`\`${folder}\` has no vmlinux.btf`, 'the kernel types that the objects were built for')
    this.kernel = new Btf(readFileSync(types))
  }

  /** The object, or why it cannot be had. */
  open(name: string): BpfObject | string {
    let object = this.opened.get(name)
    if (object !== undefined) return object
    const path = resolve(this.folder, `${name}.o`)
    if (!existsSync(path)) object = 'absent'
    else {
      try {
        object = openObject(readFileSync(path), { name, kernelBtf: this.kernel })
      } catch (error) {
        if (!(error instanceof BpfError)) throw error
        object = error.message
      }
    }
    this.opened.set(name, object)
    return object
  }
}

/**
 * The recorded loader loads one program of an object and creates all of its maps. The slots of a PROG_ARRAY that name
 * programs which it does not load cannot be filled, and with them the load fails before the verifier is asked. It gives
 * maps without a size one entry, as veristat does, which per-CPU cgroup storage (always without) refuses: so every
 * program of such an object.
 */
const mapsFailed = (object: BpfObject, program: ProgramSpec): boolean =>
  object.maps.some(({ type, slots, maxEntries }) =>
    (type === PROG_ARRAY && [...slots.values()].some((name) => name !== program.name)) ||
    (type === PERCPU_CGROUP_STORAGE && maxEntries === 0))

const load = (objects: Objects, object: BpfObject, program: ProgramSpec, flags: number, logLevel: number): Verdict => {
  const broken = program.broken
  if (broken !== null) return { ok: false, errno: -22, log: broken, processed: 0, states: 0, aux: null }
  return verify(program, { object, kernelBtf: objects.kernel, flags, logLevel })
}

const checkMessages = (counts: Counts, texts: readonly string[], log: string, id: string, verbose: boolean): void => {
  for (const text of texts) {
    counts.messages++
    if (logHas(log, text)) counts.messagesFound++
    else if (verbose) console.error(`${id}: message not found: ${text}`)
  }
}

const readTable = (text: string): string[][] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('object\t')).map((line) =>
    line.split('\t'))

const noCounts = (): Counts =>
  ({ falseAccepts: 0, falseRejects: 0, messages: 0, messagesFound: 0, returns: 0, returnsRight: 0 })

let counts = noCounts()

/** Verifies one row's program; yields its verdict and counts the rest. */
const checkRow = (
  objects: Objects, object: BpfObject, program: ProgramSpec, columns: readonly string[], verbose: boolean,
): Row => {
  const [objectName, name, , expected, recorded, messages, retval] =
    columns as [string, string, string, string, string, string, string]
  const id = `${objectName} ${name}`
  const wish = loadWish(program)
  const byKernel = recorded !== '-'
  const tagged = load(objects, object, program, wish.flags, wish.logLevel || 1)
  // The recorded loads asked for none of the flags that a tag adds.
  const strict = (wish.flags & STRICT_ALIGNMENT) !== 0
  const verdict = byKernel && strict ? load(objects, object, program, USUAL_FLAGS, 0) : tagged
  const ok = verdict.ok && !(byKernel && mapsFailed(object, program))
  const want = byKernel ? recorded : expected
  if (ok && want === 'failure') counts.falseAccepts++
  if (!ok && want === 'success') counts.falseRejects++
  if (expected === 'failure' && !tagged.ok)
    checkMessages(counts, JSON.parse(messages) as string[], tagged.log, id, verbose)
  if (retval !== 'null' && tagged.aux !== null) {
    const text = (JSON.parse(retval) as string).replace('test_retval=', '')
    const number = expectedReturn(text)
    const got = runSelftest(objectName, object, program, objects.kernel, tagged.aux)
    counts.returns++
    if (typeof got === 'number' && (number === null || got === number)) counts.returnsRight++
    else if (verbose) console.error(`${id}: returned ${got}, expected ${text}`)
  }
  const lastLine = verdict.log.trimEnd().split('\n').findLast((line) => !line.startsWith('processed ')) ?? ''
  return { id, expected: want, got: ok ? 'success' : want === 'failure' ? 'failure' : `failure: ${lastLine}` }
}

export const bpfVerdicts: Suite = {
  options: ['objects', 'verbose'],
  *run(inputs, options) {
    if (options.objects === undefined)
      throw new UsageError('no objects', '--objects DIR: the folder of selftest objects and vmlinux.btf')
    counts = noCounts()
    const objects = new Objects(resolve(process.env.INIT_CWD ?? process.cwd(), options.objects))
    for (const { text } of inputs) {
      for (const columns of readTable(text)) {
        const object = objects.open(columns[0]!)
        const program = typeof object === 'string' ? undefined : object.programs.find(({ name }) => name === columns[1])
        if (typeof object === 'string' || program === undefined) {
          console.error(
            `left out: ${columns[0]} ${columns[1]}: ${typeof object === 'string' ? object : 'no such program'}`)
          continue
        }
        yield checkRow(objects, object, program, columns, options.verbose !== undefined)
      }
    }
  },
  totals: () => [
    [`${counts.falseAccepts}`, 'false accepts'],
    [`${counts.falseRejects}`, 'false rejects'],
    ['messages', `${counts.messagesFound}/${counts.messages}`],
    ['returns', `${counts.returnsRight}/${counts.returns}`],
  ],
}
