/**
 * The verifier beside a real one: programs of the kernel's selftests, accepted or refused, with what messages, and what
 * those that run return. The column of a kernel decides where it has a verdict, else the tag; `--objects` names the
 * folder of objects.
 */
import { checkProgram, countTotals, noCounts } from '../bpf/selftest-check.ts'
import type { Expectation } from '../bpf/selftest-check.ts'
import { releaseOf } from '../bpf/release.ts'
import { SelftestObjects } from '../bpf/selftest-objects.ts'
import { UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

const readTable = (text: string): string[][] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('object\t')).map((line) =>
    line.split('\t'))

const expectationOf = (columns: readonly string[]): Expectation => {
  const [, , , expected, recorded, messages, retval] =
    columns as [string, string, string, string, string, string, string]
  return {
    expected, recorded, loader: 'privileged',
    messages: JSON.parse(messages) as string[],
    retval: retval === 'null' ? null : (JSON.parse(retval) as string).replace('test_retval=', ''),
  }
}

let counts = noCounts()

export const bpfVerdicts: Suite = {
  options: ['objects', 'kernel', 'verbose'],
  *run(inputs, options) {
    if (options.objects === undefined)
      throw new UsageError('no objects', '--objects DIR: the folder of selftest objects and vmlinux.btf')
    counts = noCounts()
    const objects = new SelftestObjects(options.objects, releaseOf(options))
    for (const { text } of inputs) {
      for (const columns of readTable(text)) {
        const id = `${columns[0]} ${columns[1]}`
        const object = objects.open(columns[0]!)
        const program = typeof object === 'string' ? undefined : object.programs.find(({ name }) => name === columns[1])
        if (typeof object === 'string' || program === undefined) {
          console.error(`left out: ${id}: ${typeof object === 'string' ? object : 'no such program'}`)
          continue
        }
        yield checkProgram(
          counts, objects, columns[0]!, object, program, expectationOf(columns), options.verbose !== undefined)
      }
    }
  },
  totals: () => countTotals(counts),
}
