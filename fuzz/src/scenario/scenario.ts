/** Damaged scenarios: each is refused with a ScenarioError, or runs, and nothing in the kernel throws. */
import { readdirSync, readFileSync } from 'node:fs'
import { capability } from '@lsmkit/capability'
import { smack } from '@lsmkit/smack'
import { parseScenario, reportLines, runScenario, ScenarioError, splitScenarios } from '@lsmkit/testkit/scenario'
import { yama } from '@lsmkit/yama'
import { damagedText } from '../frame/damage.ts'
import { inputFuzzer } from '../frame/input-fuzzer.ts'

const folder = new URL('../../../examples/scenarios/', import.meta.url)
const seeds = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => splitScenarios(readFileSync(new URL(name, folder), 'utf8')).map(({ text }) => text.trimStart()))

const pieces = [
  'steps:\n', '  - as: init\n', '    open: [/etc, O_RDONLY]\n', 'expect: EPERM', 'lsms: [capability]\n', 'objects:\n',
  'identities:\n', 'caps: [CAP_SYS_ADMIN]', 'uid: -1', 'mode: 99999', 'label: \'\'', 'save: x', '$x', '[$x]',
  'fork: []', 'execve: [/usr/page]', 'exit_group: [0]', 'mount: [none, /, tmpfs, 0, null]', 'kill: [1, 9]',
  '&a [*a]', '<<: *a', '!!js/function x', '? {}\n', '  - unshare: [0x10000000]\n', '.nan', '.inf', '0o777',
]

const factories = { capability, smack, yama }

export const scenario = inputFuzzer({
  make: (random) => damagedText(random.pick(seeds), random, pieces),
  attempt(input, session) {
    try {
      const result = runScenario(parseScenario(new TextDecoder().decode(input), 'fuzzed'), factories)
      reportLines(result)
      const panic = result.differences.find(({ field }) => field === 'panic')
      if (panic !== undefined) session.found('crash', input, String(panic.got))
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error
    }
  },
})
