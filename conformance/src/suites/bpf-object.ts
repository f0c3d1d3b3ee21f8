/** Any object file: the only expectation is that its programs load; the fate of each is printed. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { vmlinuxBtf } from '@lsmkit/bpf/vmlinux'
import { BpfError, Btf } from '@lsmkit/bpf/btf'
import { readChanges } from '@lsmkit/bpf/object'
import type { InnerMap, ObjectChanges } from '@lsmkit/bpf/object'
import { reportObject } from '../bpf/object-report.ts'
import type { ReportOptions } from '../bpf/object-report.ts'
import { UsageError } from '../suite.ts'
import type { Options, Suite } from '../suite.ts'

export const bpfObject: Suite = {
  readsFiles: false,
  options: ['btf', 'kconfig', 'inner-maps'],
  many: ['inner-map', 'map', 'hook', 'set'],
  *run(_inputs, options, paths) {
    const { innerMaps, ...changes } = readWords(options)
    const env: ReportOptions = {
      kernelBtf: readKernel(options.btf),
      kconfig: options.kconfig === undefined ? undefined : read(options.kconfig).toString(),
      changes: { ...changes, innerMaps: { ...readInnerMaps(options['inner-maps']), ...innerMaps } },
    }
    for (const path of paths) {
      for (const report of reportObject(fromCaller(path), env)) {
        console.log(JSON.stringify(report))
        yield { id: `${report.object} ${report.program}`, expected: 'success', got: report.verdict }
      }
    }
  },
}

const fromCaller = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path)

const read = (path: string): Buffer => {
  try {
    return readFileSync(fromCaller(path))
  } catch (error) {
    throw new UsageError(`cannot read \`${path}\`: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** The types of our own kernel unless a file of others is given. */
const readKernel = (path: string | undefined): Btf => {
  if (path === undefined) return vmlinuxBtf()
  try {
    return new Btf(read(path))
  } catch (error) {
    if (error instanceof BpfError) {
      throw new UsageError(
        `\`${path}\`: ${error.message}`, 'the .BTF section of a vmlinux, alone',
      )
    }
    throw error
  }
}

/** JSON, or a file of it: `{ "map": { "type": 2, "keySize": 4, "valueSize": 8, "maxEntries": 1 } }`. */
const readInnerMaps = (text: string | undefined): Readonly<Record<string, InnerMap>> => {
  if (text === undefined) return {}
  try {
    return JSON.parse(
      text.trimStart().startsWith('{') ? text : read(text).toString(),
    ) as ReturnType<typeof readInnerMaps>
  } catch (error) {
    if (error instanceof SyntaxError) throw new UsageError(`--inner-maps is no JSON: ${error.message}`)
    throw error
  }
}

/** As `lsm bpf verify` reads them; a hook alone stands for the kind of program that its section says. */
const readWords = (options: Options): ObjectChanges => {
  const many = (name: string): string[] => options[name]?.split('\n') ?? []
  try {
    return readChanges({
      innerMap: many('inner-map'), map: many('map'), set: many('set'),
      hook: many('hook').flatMap((hooks) => hooks.split(',')),
    })
  } catch (error) {
    if (!(error instanceof BpfError)) throw error
    throw new UsageError(error.summary, error.hint ?? undefined)
  }
}
