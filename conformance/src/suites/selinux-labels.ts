/** Labels and local changes, compared with the real tools; `record/selinux-labels` makes the files. */
import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from '@lsmkit/abi'
import { AndroidError, PropertyContexts, ServiceContexts } from '@lsmkit/selinux/android'
import {
  applyLocalChanges, categoryChanges, changedLevel, changedRange, homedirContexts, LabelsError, LocalChanges,
  policyForHomes, takeStoreFile, Translations,
} from '@lsmkit/selinux/labels'
import { readPolicy, writePolicy } from '@lsmkit/selinux/policydb'
import { checkReport, runChecks } from '@lsmkit/selinux/query'
import { FileContexts, SecurityServer } from '@lsmkit/selinux/server'
import { parseJsonLines } from '../json.ts'
import { played } from '../suite.ts'
import type { Row, Suite } from '../suite.ts'

export const fileKinds: ReadonlyMap<string, number> = new Map([
  ['any', 0], ['file', S_IFREG], ['dir', S_IFDIR], ['char', S_IFCHR], ['block', S_IFBLK], ['socket', S_IFSOCK],
  ['pipe', S_IFIFO], ['symlink', S_IFLNK],
])

interface PathsLine {
  readonly kind: 'paths'
  readonly files: Readonly<Partial<Record<'base' | 'homedirs' | 'local' | 'subs' | 'subs_dist', string>>>
  readonly paths: readonly (readonly [path: string, kind: string])[]
  readonly labels: readonly string[]
}

interface StoreLine {
  readonly kind: 'store'
  /** Base64 of gzip. */
  readonly linked: string
  readonly local: Readonly<Record<string, string>>
  /** SHA-256. */
  readonly policy: string
  readonly fileContexts: string
  readonly template: string
  readonly seusers: string
  readonly usersExtra: string
  readonly passwd: string
  readonly group: string
  readonly shells: readonly string[]
  readonly homes: readonly string[]
}

interface ChecksLine {
  readonly kind: 'checks'
  /** Base64 of gzip. */
  readonly binary: string
  readonly checks: string
  readonly report: readonly string[]
}

interface SetransLine {
  readonly kind: 'setrans'
  readonly conf: string
  readonly asked: readonly (readonly ['raw' | 'trans', string])[]
  readonly answers: readonly (string | null)[]
}

interface ChcatLine {
  readonly kind: 'chcat'
  readonly asked: readonly (readonly ['file' | 'login', before: string, change: string])[]
  /** The level or range after it; null where chcat refuses it. */
  readonly answers: readonly (string | null)[]
}

interface AndroidLine {
  readonly kind: 'android'
  readonly backend: 'property' | 'service'
  readonly contexts: string
  readonly asked: readonly string[]
  /** `refused` alone for a file that is not valid. */
  readonly answers: readonly string[]
}

type Line = AndroidLine | ChcatLine | SetransLine | PathsLine | StoreLine | ChecksLine

function* pathRows({ files, paths, labels }: PathsLine, id: string): Generator<Row> {
  const contexts = new FileContexts({
    base: files.base!, homedirs: files.homedirs, local: files.local, subs: files.subs, subsDist: files.subs_dist,
  })
  for (const [n, [path, kind]] of paths.entries()) {
    const got = played(() => contexts.lookup(path, fileKinds.get(kind)) ?? '!')
    yield { id: `${id} ${path} ${kind}`, expected: labels[n]!, got }
  }
}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function* storeRows(line: StoreLine, id: string): Generator<Row> {
  const { fileContexts, template, seusers, usersExtra, passwd, group, shells } = line
  const linked = readPolicy(gunzipSync(Buffer.from(line.linked, 'base64')))
  const changes = new LocalChanges()
  for (const [name, text] of Object.entries(line.local)) takeStoreFile(changes, name, text)
  const policy = applyLocalChanges(linked, changes)
  yield { id: `${id} policy`, expected: line.policy, got: played(() => sha(writePolicy(policy))) }
  const server = new SecurityServer({ mode: 'libsepol' })
  server.load(writePolicy(policyForHomes(linked, changes)))
  const homes = played(() => homedirContexts(policy, {
    fileContexts, template, seusers, usersExtra, passwd, group, shells,
    isValid: (context) => server.contextToSid(context) > 0,
  }).text.split('\n').filter((text) => text !== '' && !text.startsWith('#')).join('\n'))
  yield { id: `${id} homes`, expected: line.homes.join('\n'), got: homes }
}

/** In the order in which the daemon was asked: it remembers what it has found. */
function* setransRows({ conf, asked, answers }: SetransLine, id: string): Generator<Row> {
  const names = new Translations(conf)
  for (const [n, [kind, text]] of asked.entries()) {
    const context = `u:r:t:${text}`
    const got = played(() => kind === 'raw' ? names.translateContext(context) : names.untranslateContext(context))
    yield { id: `${id} ${kind} ${text}`, expected: answers[n] ?? '!', got }
  }
}

const changedBy = (kind: 'file' | 'login', before: string, change: string): string => {
  try {
    return (kind === 'file' ? changedLevel : changedRange)(before, categoryChanges(change))
  } catch (error) {
    if (error instanceof LabelsError) return '!'
    throw error
  }
}

function* chcatRows({ asked, answers }: ChcatLine, id: string): Generator<Row> {
  for (const [n, [kind, before, change]] of asked.entries()) {
    const got = played(() => changedBy(kind, before, change))
    yield { id: `${id} ${kind} ${before} ${change}`, expected: answers[n] ?? '!', got }
  }
}

const androidAnswers = ({ backend, contexts, asked }: AndroidLine): string[] => {
  const files = [{ name: backend, text: contexts }]
  try {
    const table = backend === 'property' ? new PropertyContexts(files) : new ServiceContexts(files)
    return asked.map((name) => table.lookup(name)?.context ?? '!')
  } catch (error) {
    if (error instanceof AndroidError) return ['refused']
    throw error
  }
}

const androidRow = (line: AndroidLine, id: string): Row =>
  ({ id, expected: line.answers.join(' '), got: played(() => androidAnswers(line).join(' ')) })

/** Expected rules that are missing come in no certain order. */
const settled = (lines: readonly string[]): string => {
  const missing = lines.filter((line) => line.includes('Expected rule with')).sort()
  return lines.map((line) => line.includes('Expected rule with') ? missing.shift()! : line).join('\n')
}

const checksRow = ({ binary, checks, report }: ChecksLine, id: string): Row => ({
  id,
  expected: settled(report),
  got: played(() => settled(checkReport(runChecks(readPolicy(gunzipSync(Buffer.from(binary, 'base64'))), checks)))),
})

export const selinuxLabels: Suite = {
  *run(inputs) {
    for (const input of inputs) {
      for (const [n, line] of [...parseJsonLines<Line>(input)].entries()) {
        const id = `${line.kind} ${n}`
        if (line.kind === 'paths') yield* pathRows(line, id)
        else if (line.kind === 'store') yield* storeRows(line, id)
        else if (line.kind === 'android') yield androidRow(line, id)
        else if (line.kind === 'setrans') yield* setransRows(line, id)
        else if (line.kind === 'chcat') yield* chcatRows(line, id)
        else yield checksRow(line, id)
      }
    }
  },
}
