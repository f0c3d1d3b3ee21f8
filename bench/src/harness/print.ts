/** A bench result as text: cells with their intervals, then the targets. */
import type { BenchResult } from './result.ts'

const number = (value: number) => (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(4))

export const printResult = ({ bench, node, cpu, cells, targets }: BenchResult): string => {
  const width = Math.max(...cells.map(({ name }) => name.length), 4)
  const lines = cells.map(
    ({ name, value, low, high, unit, n, processes }) =>
      `  ${name.padEnd(width)}  ${number(value).padStart(9)} ${unit}  [${number(low)} … ${number(high)}]  n=${n}` +
      (processes === undefined ? '' : ` of ${processes}`),
  )
  const verdicts = targets.map(
    ({ name, value, op, target, ok }) => `  ${ok ? 'met   ' : 'MISSED'}  ${name}  ${number(value)} ${op} ${target}`,
  )
  return [`bench ${bench}  node ${node}  ${cpu}`, ...lines, '', 'targets', ...verdicts].join('\n')
}
