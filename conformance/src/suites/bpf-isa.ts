/** The instruction set: every case of a folder on the compiler and on the interpreter. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseIsaCase } from '../bpf/isa-case.ts'
import { runIsa } from '../bpf/run-isa.ts'
import { UsageError } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

export const bpfIsa: Suite = {
  readsFiles: false,
  *run(_inputs, _options, paths) {
    for (const path of paths) {
      const files = filesOf(path)
      if (files.length === 0) throw new UsageError(`\`${path}\` has no .data file`)
      for (const file of files) yield* replay(file)
    }
  },
}

const filesOf = (path: string): string[] => {
  if (path.endsWith('.data')) return [path]
  const names = readdirSync(path).filter((name) => name.endsWith('.data'))
  return names.sort().map((name) => join(path, name))
}

function* replay(file: string): Generator<Row> {
  const text = readFileSync(file, 'utf8')
  for (const engine of ['jit', 'interpreter'] as const) {
    const id = `${basename(file, '.data')} ${engine}`
    try {
      const { code, memory, expected } = parseIsaCase(text)
      yield { id, got: attempt(() => runIsa(engine, code, memory)), expected }
    } catch (error) {
      yield { id, got: `unreadable: ${(error as Error).message}`, expected: 'a result' }
    }
  }
}

const attempt = (run: () => string): string => {
  try {
    return run()
  } catch (error) {
    return error instanceof Error && error.name === 'BpfFault' ? 'error' : `${error as Error}`
  }
}
