/**
 * Findings in policy sources with those of selint: file, line and code. Recorded rows are policies of ours; with
 * `--found FILE` a folder of refpolicy is compared with what selint printed of it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isPolicyFile, lintSources } from '@lsmkit/selinux/source'
import type { SourceFile } from '@lsmkit/selinux/source'
import { readInput } from '../input.ts'
import { played, UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

interface Case {
  readonly id: string
  readonly enable: readonly string[]
  readonly files: Readonly<Record<string, string>>
  readonly expect: readonly string[]
}

/** Checks that are off by themselves. */
const others = ['X-001', 'X-002', 'C-001', 'C-006', 'W-010', 'W-011', 'E-003', 'E-004']

const found = (all: readonly SourceFile[], also: readonly string[] = others): Set<string> => {
  const files = all.filter(({ name }) => /\.(te|if|fc)$/.test(name))
  const context = all.filter(({ name }) => isPolicyFile(name))
  return new Set(lintSources({ files, context }, { isWhole: true, enable: also })
    .map(({ file, line, code }) => `${file}:${line}:${code}`))
}

/** A row for each finding of either side. */
function* compared(id: string, expected: readonly string[], got: ReadonlySet<string>): Generator<Row> {
  const wanted = new Set(expected)
  for (const one of new Set([...expected, ...got])) {
    const [there, here] = [wanted.has(one), got.has(one)]
    yield { id: `${id} ${one}`, expected: there ? 'found' : 'nothing', got: here ? 'found' : 'nothing' }
  }
}

function* recordedRows(text: string): Generator<Row> {
  for (const line of text.split('\n')) {
    if (line === '') continue
    const row = JSON.parse(line) as Case
    let got = new Set<string>()
    const outcome = played(() => {
      got = found(Object.entries(row.files).map(([name, written]) => ({ name, text: written })), row.enable)
      return 'played'
    })
    if (outcome === 'played') yield* compared(row.id, row.expect, got)
    else yield { id: row.id, expected: 'played', got: outcome }
  }
}

const filesOf = (folder: string): SourceFile[] => (readdirSync(folder, { recursive: true }) as string[]).sort()
  .filter((path) => statSync(join(folder, path)).isFile() && (/\.(te|if|fc)$/.test(path) || isPolicyFile(path)))
  .map((path) => ({ name: path, text: readFileSync(join(folder, path), 'utf8') }))

const printed = /^(?:\.\/)?(?:policy\/)?(\S+?):\s*(\d+): \(\w\): .* \((\w-\d+)\)$/gm

export const selinuxLint: Suite = {
  options: ['found'],
  readsFiles: false,
  async *run(_inputs, { found: report }, paths) {
    const from = process.env.INIT_CWD ?? process.cwd()
    for (const path of paths) {
      const at = resolve(from, path)
      if (!statSync(at).isDirectory()) {
        yield* recordedRows((await readInput(path)).text)
        continue
      }
      if (report === undefined) throw new UsageError('a folder needs what selint printed of it', '--found FILE')
      const expected = [...readFileSync(resolve(from, report), 'utf8').matchAll(printed)]
        .map(([, file, line, code]) => `${file}:${line}:${code}`)
      yield* compared(path, expected, found(filesOf(at)))
    }
  },
}
