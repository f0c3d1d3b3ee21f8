/** The verifier beside the tags in a folder of compiled kernel selftests: every tagged program of every object. */
import { checkProgram, countTotals, noCounts } from '../bpf/selftest-check.ts'
import { releaseOf } from '../bpf/release.ts'
import { SelftestObjects } from '../bpf/selftest-objects.ts'
import { expectationOf } from '../bpf/selftest-tags.ts'
import { UsageError } from '../suite.ts'
import type { Suite } from '../suite.ts'

let counts = noCounts()

export const bpfTags: Suite = {
  readsFiles: false,
  options: ['kernel', 'only', 'verbose'],
  *run(_inputs, options, folders) {
    counts = noCounts()
    const only = options.only === undefined ? null : new RegExp(options.only)
    for (const folder of folders) {
      const objects = new SelftestObjects(folder, releaseOf(options))
      for (const name of objects.names()) {
        if (only !== null && !only.test(name)) continue
        const object = objects.open(name)
        if (typeof object === 'string') {
          console.error(`left out: ${name}: ${object}`)
          continue
        }
        for (const [index, { tags }] of object.programs.entries()) {
          for (const loader of ['privileged', 'unprivileged'] as const) {
            const tagged = expectationOf(tags, loader)
            if (tagged === null) continue
            const own = tagged.types === null ? object : objects.open(name, tagged.types)
            if (typeof own === 'string') throw new UsageError(`\`${name}\`: ${own}`, `it needs ${tagged.types}.o`)
            const program = own.programs[index]!
            const isVerbose = options.verbose !== undefined
            yield checkProgram(counts, objects, name, own, program, { ...tagged, recorded: '-', loader }, isVerbose)
          }
        }
      }
    }
  },
  totals: () => countTotals(counts),
}
