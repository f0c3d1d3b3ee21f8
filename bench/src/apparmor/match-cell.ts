/** A file question: a name through the automaton of a profile, and whether reading is allowed; ours, and in C. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Matcher, matchLen } from '@lsmkit/apparmor/dfa'
import type { Dfa } from '@lsmkit/apparmor/dfa'
import { nameBytes, readPolicy } from '@lsmkit/apparmor/policydb'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { debianPolicies, recordedPolicies } from './data.ts'
import { paths } from './paths.ts'

export interface MatchArgs {
  readonly way: 'rows' | 'steps' | 'c'
}

const ROUNDS = 100
const READ = 4

interface Rules {
  readonly dfa: Dfa
  readonly start: number
}

/** The biggest automaton of file rules there is. */
const biggest = (): Rules => {
  const debian = debianPolicies('transmission')
  const pdbs = (debian.length > 0 ? debian : recordedPolicies()).flatMap((bytes) =>
    readPolicy(bytes).profiles.map(({ file }) => file))
  const found = pdbs.reduce((a, b) => ((b.dfa?.base.length ?? 0) > (a.dfa?.base.length ?? 0) ? b : a))
  return { dfa: found.dfa!, start: found.dfaStart ?? 1 }
}

/** As match.c reads it. */
const dump = ({ dfa, start }: Rules): Uint8Array => {
  const texts = Uint8Array.from(paths.flatMap((path) => [...nameBytes(path), 0]))
  const head = Uint32Array.of(dfa.base.length, dfa.next.length, start, paths.length, texts.length)
  const classes = dfa.equivalence ?? Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const parts = [head, dfa.base, dfa.accept, dfa.def, dfa.check, dfa.next, classes, texts]
  return Buffer.concat(parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength)))
}

const inC = (rules: Rules): Cell => {
  const folder = mkdtempSync(join(tmpdir(), 'apparmor-match-'))
  const program = join(folder, 'match')
  const source = join(import.meta.dirname, 'match.c')
  const { status } = spawnSync('cc', ['-O2', '-o', program, source])
  if (status !== 0) throw new Error('match.c cannot be compiled: cc is needed')
  writeFileSync(join(folder, 'data'), dump(rules))
  const run = (): readonly string[] =>
    spawnSync(program, [join(folder, 'data'), String(ROUNDS)], { encoding: 'utf8' }).stdout.trim().split(' ')
  return { pass: () => Number(run()[0]), ask: { allowed: () => Number(run()[1]) / ROUNDS / 15 } }
}

export const cell = ({ way }: MatchArgs): Cell => {
  const rules = biggest()
  if (way === 'c') return inC(rules)
  const { dfa, start } = rules
  const matcher = new Matcher(dfa)
  const state = way === 'rows'
    ? (path: string): number => matcher.matchName(start, path)
    : (path: string): number => matchLen(dfa, start, nameBytes(path))
  const ask = (rounds: number): number => {
    let allowed = 0
    for (let round = 0; round < rounds; round++) {
      for (const path of paths) if ((dfa.accept[state(path)]! & READ) !== 0) allowed++
    }
    return allowed
  }
  const pass = timedPass(ROUNDS, ask)
  return { pass: () => pass() / paths.length, ask: { allowed: () => ask(1) } }
}
