/** Sources that a build of refpolicy generates: corenetwork.te and .if from a list of ports and nodes. */
import { Files } from '../files.ts'
import type { SourceFile } from '../files.ts'
import { M4 } from '../m4/m4.ts'
import { macrosOf } from './build-conf.ts'
import type { BuildConf } from './build-conf.ts'

/** The lines of a list that interfaces are made of. */
const listed = /^\s*network_(interface|node|port|packet)(_controlled)?|ib_(pkey|endport)\(.*\)/

/** `macros` writes nothing, `text` is written without macros. */
const expanded = (build: BuildConf, macros: SourceFile, text: SourceFile): string => {
  const m4 = new M4(new Files())
  m4.define('self_contained_policy', 'true')
  for (const [name, value] of macrosOf(build)) m4.define(name, value)
  m4.diversions.divert(-1)
  m4.readFile(macros.name, macros.text)
  m4.diversions.divert(0)
  m4.readFile(text.name, text.text)
  return m4.diversions.finish().text.replaceAll('dollarsone', '$1').replaceAll('dollarszero', '$0')
}

/** By path: the `NAME.te` and `NAME.if` of each `NAME.te.in` with its `.te.m4`, `.if.in` and `.if.m4`. */
export const generatedSources = (
  files: ReadonlyMap<string, SourceFile>, build: BuildConf,
): Map<string, SourceFile> => {
  const made = new Map<string, SourceFile>()
  for (const [path, list] of files) {
    if (!path.endsWith('.te.in')) continue
    const stem = path.slice(0, -'.te.in'.length)
    const beside = (end: string): SourceFile | undefined => files.get(`${stem}${end}`)
    const [te, interfaces, macros] = [beside('.te.m4'), beside('.if.in'), beside('.if.m4')]
    const name = list.name.slice(0, -'.te.in'.length)
    if (te !== undefined) made.set(`${stem}.te`, { name: `${name}.te`, text: expanded(build, te, list) })
    if (interfaces === undefined || macros === undefined) continue
    const lines = list.text.split('\n').filter((line) => listed.test(line)).map((line) => `${line}\n`).join('')
    const text = interfaces.text + expanded(build, macros, { ...list, text: lines })
    made.set(`${stem}.if`, { name: `${name}.if`, text })
  }
  return made
}
