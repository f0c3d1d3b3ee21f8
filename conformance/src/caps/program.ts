/** The program file of an execve row. */
import { CapSet, packVfsCap } from '@lsmkit/abi'
import type { CapWords } from '@lsmkit/abi'
import { UsageError } from '../suite.ts'
import { readHex, readNames, readPairs } from './state.ts'

export interface ProgramFile {
  readonly uid: number
  readonly gid: number
  readonly mode: number
  /** Bytes of `security.capability`, null without. */
  readonly caps: Uint8Array | null
}

interface FileCaps {
  readonly version: number
  readonly effective: boolean
  readonly permitted: CapWords
  readonly inheritable: CapWords
  readonly rootid: number
}

const pack = ({ version, effective, permitted, inheritable, rootid }: FileCaps): Uint8Array =>
  packVfsCap({ magic_etc: (version << 24) | Number(effective), permitted, inheritable, rootid })!

/** `v3:P=2000,I=0,E=1,root=1000`, or `-`. */
const readCapsColumn = (text: string): Uint8Array | null => {
  if (text === '-') return null
  const match = /^v(\d):P=(\w+),I=(\w+),E=([01]),root=(\d+)$/.exec(text)
  if (match === null) throw new UsageError(`\`${text}\` are not file capabilities`)
  const [, version, permitted, inheritable, effective, rootid] = match
  return pack({
    version: Number(version),
    effective: effective === '1',
    permitted: readHex(permitted!),
    inheritable: readHex(inheritable!),
    rootid: Number(rootid),
  })
}

/** Columns `file.uid,gid`, `file.mode`, `file.caps`. */
export const readProgramColumns = (row: Readonly<Record<string, string>>): ProgramFile => {
  const [uid, gid] = row['file.uid,gid']!.split(',').map(Number)
  return { uid: uid!, gid: gid!, mode: parseInt(row['file.mode']!, 8), caps: readCapsColumn(row['file.caps']!) }
}

/** `execve file(uid=0 gid=0 mode=4755 fcaps=v2 eff=1 fP=chown fI=-)`. */
export const readProgramWords = (text: string): ProgramFile => {
  const words = readPairs(text)
  const fcaps = words.get('fcaps') ?? 'none'
  const set = (name: string) => (words.has(name) ? readNames(words.get(name)!) : new CapSet())
  return {
    uid: Number(words.get('uid')),
    gid: Number(words.get('gid')),
    mode: parseInt(words.get('mode')!, 8),
    caps: fcaps === 'none' ? null : pack({
      version: Number(fcaps.slice(1)),
      effective: words.get('eff') === '1',
      permitted: set('fP'),
      inheritable: set('fI'),
      rootid: Number(words.get('rootid') ?? 0),
    }),
  }
}
