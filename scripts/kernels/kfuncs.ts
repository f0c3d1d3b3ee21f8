/**
 * Kfuncs by program type, read from kernel sources: `kfuncs.ts FOLDER` prints name, flags, program types and filter of
 * each; `kfuncs.ts FOLDER OTHER` those of OTHER that are new or differ, and the names that are gone.
 */
import { execFileSync } from 'node:child_process'
import { Source } from './c-source.ts'

export interface Kfunc {
  readonly name: string
  readonly flags: string
  /** `BPF_PROG_TYPE_*` without the prefix, sorted; UNSPEC is `ALL`. */
  readonly programs: string
  readonly filter: string
}

const NOT_BUILT = /^(tools|Documentation|samples)\//

/** C files that register kfuncs. */
const filesOf = (source: Source): string[] =>
  execFileSync('grep', ['-rlE', '--include=*.c', 'BTF_ID_FLAGS\\(func|register_btf_kfunc_id_set'], {
    cwd: source.folder, encoding: 'utf8', maxBuffer: 1 << 24,
  }).split('\n').filter((file) => file !== '' && !NOT_BUILT.test(file)).sort()

const membersOf = (text: string): Map<string, [name: string, flags: string][]> =>
  new Map([...text.matchAll(/BTF_(?:KFUNCS|SET8)_START\((\w+)\)(.*?)BTF_(?:KFUNCS|SET8)_END/gs)].map(([, set, body]) =>
    [set!, [...body!.matchAll(/BTF_ID_FLAGS\(func,\s*(\w+)\s*(?:,([^)]*))?\)/g)].map(([, name, flags = '']) =>
      [name!, flags.split('|').map((flag) => flag.trim().replace(/^KF_/, '')).filter((flag) => flag !== '').join(' ')])]))

const setsOf = (text: string): Map<string, { set: string, filter: string }> =>
  new Map([...text.matchAll(/struct btf_kfunc_id_set (\w+)\s*=\s*\{(.*?)\};/gs)].map(([, name, body]) =>
    [name!, {
      set: /\.set\s*=\s*&(\w+)/.exec(body!)?.[1] ?? '', filter: /\.filter\s*=\s*(\w+)/.exec(body!)?.[1] ?? '',
    }]))

export const kfuncsOf = (source: Source): Map<string, Kfunc> => {
  const found = new Map<string, { flags: string, programs: Set<string>, filter: string }>()
  for (const file of filesOf(source)) {
    const text = source.file(file)
    const [members, sets] = [membersOf(text), setsOf(text)]
    for (const [, type, name] of text.matchAll(/register_btf_kfunc_id_set\(\s*BPF_PROG_TYPE_(\w+),\s*&(\w+)\)/g)) {
      const { set, filter } = sets.get(name!) ?? { set: '', filter: '' }
      for (const [kfunc, flags] of members.get(set) ?? []) {
        const known = found.get(kfunc) ?? { flags, programs: new Set<string>(), filter }
        known.programs.add(type === 'UNSPEC' ? 'ALL' : type!)
        found.set(kfunc, known)
      }
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { flags, programs, filter }]) =>
    [name, { name, flags, programs: [...programs].sort().join(' '), filter }]))
}

const line = ({ name, flags, programs, filter }: Kfunc): string => [name, flags, programs, filter].join('\t')

const main = ([folder, other]: readonly string[]): void => {
  const kfuncs = kfuncsOf(new Source(folder!))
  if (other === undefined) return [...kfuncs.values()].forEach((kfunc) => console.log(line(kfunc)))
  const others = kfuncsOf(new Source(other))
  for (const [name, kfunc] of others) {
    const before = kfuncs.get(name)
    if (before === undefined) console.log(`+\t${line(kfunc)}`)
    else if (line(before) !== line(kfunc)) console.log(`~\t${line(kfunc)}\t| ${line(before)}`)
  }
  for (const name of kfuncs.keys()) if (!others.has(name)) console.log(`-\t${name}`)
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2))
