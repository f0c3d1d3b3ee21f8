/** Recording of which programs may call which helper: `kinds BTF` writes the recorder's list, `rows` its answers. */
import { readFileSync } from 'node:fs'
import { kernelTypes } from '@lsmkit/bpf/btf'
import { kinds } from './kinds.ts'

const list = (btf: string): string => {
  const types = kernelTypes(readFileSync(btf))
  const line = ({ letter, type, attach, target, sleepable = false }: (typeof kinds)[number]): string =>
    `${letter} ${type} ${attach} ${target === undefined ? 0 : types.find(target[1], target[0])} ${Number(sleepable)}`
  return kinds.map(line).join('\n')
}

/** `1 2 3 7` as `1-3 7`. */
const ranges = (ids: readonly number[]): string => {
  const runs: [number, number][] = []
  for (const id of ids) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === id - 1) last[1] = id
    else runs.push([id, id])
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(' ')
}

/** Rows of one kernel's answers; kinds of programs that it does not load have none. */
const rows = (kernel: string, answers: string): string[] =>
  readFileSync(answers, 'utf8').split('\n').flatMap((line) => {
    const found = /^([A-Za-z0-9])((?: \d+)+)$/.exec(line.trim())
    return found === null ? [] : [`${kernel}\t${found[1]}\t${ranges(found[2]!.trim().split(' ').map(Number))}`]
  })

const [command, ...args] = process.argv.slice(2)
if (command === 'kinds') console.log(list(args[0]!))
else if (command === 'rows') console.log(rows(args[0]!, args[1]!).join('\n'))
else {
  console.error('usage: main.ts kinds BTF | rows KERNEL ANSWERS')
  process.exitCode = 2
}
