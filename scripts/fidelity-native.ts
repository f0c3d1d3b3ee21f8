/** The part of docs/fidelity.md about native programs and emitted policies: recorded answers, and comparisons live. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { basename, join } from 'node:path'
import { recordedWalls } from '../packages/emit/src/testing/recorded-walls.ts'
import { eventsOfActs, isExpected } from '../packages/native/src/testing/recorded-acts.ts'

const root = join(import.meta.dirname, '..')
const audit = join(root, 'packages/native/src/audit/recorded')
const number = (value: number): string => value.toLocaleString('en')
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** What each format is, in words. */
const walls: Readonly<Record<string, string>> = {
  landlockconfig: 'LandlockConfig, as rules of Landlock', docker: 'the seccomp profile of Docker, as a filter',
  bubblewrap: 'arguments of bwrap', oci: 'config.json, a container of runc or crun', apparmor: 'a profile of AppArmor',
  systemd: 'a drop-in of a service',
}

const wallsTable = join(root, 'packages/emit/src/testing/walls.tsv')

const wallRows = (): string[] => recordedWalls(readFileSync(wallsTable, 'utf8')).map(({ name, asked, differing }) => {
  const [format = '', kernel = ''] = name.split('@')
  return row(`${walls[format] ?? format}: \`lsm emit --to ${format}\``, kernel, number(asked),
    number(asked - differing.length), 'recorded')
})

const auditRows = (): string[] => readdirSync(audit).map((file) => {
  const acts = eventsOfActs(readFileSync(join(audit, file), 'utf8').trim().split('\n'))
  return row('Landlock\'s audit records, as `readAuditEvents` reads them', basename(file, '.log'), number(acts.length),
    number(acts.filter(isExpected).length), 'recorded')
})

/** Programs that ask the running kernel, and the numbers in what they print: those that agree, of how many. */
const live: readonly (readonly [what: string, script: string, counts: RegExp])[] = [
  ['random paths and ports under random policies: our Landlock, the kernel and a box', 'equality',
    /^(\d+) of (\d+) agree$/gm],
  ['ways out that a native box holds: plain, watched, mediated', 'escapes', /^\w+: (\d+) of (\d+) got out/gm],
]

const liveRow = ([what, script, counts]: typeof live[number]): string => {
  const args = ['--conditions=lsmkit:source', join(root, `conformance/src/native/${script}.ts`)]
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  const found = [...stdout.matchAll(counts)].map(([, a, b]) => [Number(a), Number(b)] as const)
  if (found.length === 0) throw new Error(`${script} ended with ${status}: ${stdout.slice(-500)}`)
  const [some, all] = found.reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0])
  return row(what, release().split('-')[0]!, number(all), number(script === 'escapes' ? all - some : some),
    `live, \`conformance/src/native/${script}.ts\``)
}

const isOf = (script: string) => (line: string): boolean =>
  line.startsWith('| ') && line.includes(`| live, \`conformance/src/native/${script}.ts`)

/** `before`: the page as it is. Live rows of the scripts in `again` are asked again, and others stay. */
export const nativePart = (before: string, again: readonly string[]): string[] => [
  '## Native programs and emitted policies',
  '',
  'These rows compare what native programs meet with what lsmkit says of it. For a live row',
  '`scripts/fidelity.ts --native --live equality` (or `--live escapes`) asks the running kernel again.',
  '',
  '| what | kernel | asked | agreed | how |',
  '|---|---|---|---|---|',
  ...wallRows(),
  ...auditRows(),
  ...live.flatMap((one) => (again.includes(one[1]) ? [liveRow(one)] : before.split('\n').filter(isOf(one[1])))),
  '',
]
