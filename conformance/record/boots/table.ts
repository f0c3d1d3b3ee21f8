/** `table.ts BUILD BOOT_ARGUMENTS ANSWERS`: what boot.c printed, as a row of lsm-order without its number. */
import { readFileSync } from 'node:fs'
import { lsmIdName } from '@lsmkit/abi'

const [build = '', boot = '', path = ''] = process.argv.slice(2)
const lines = readFileSync(path, 'utf8').replaceAll('\r', '').split('\n').map((line) => line.split('\t'))
const textOf = (name: string): string => lines.find(([what]) => what === `@${name}`)?.[1] ?? ''
const ids = textOf('ids').split(',').map((id) => lsmIdName(Number(id)).replace('LSM_ID_', '').toLowerCase())
const log = lines.filter(([what]) => what === '@log').map(([, text = '']) => text.replace(/ +/g, ' '))
/** The kernel says what it initialises in one line, and from 6.19 on only in one for each module. */
const isStart = (line: string): boolean => line.startsWith('LSM: initializing ')
const starts = log.filter(isStart).map((line) => line.replace('LSM: ', ''))
const started = starts.find((line) => line.startsWith('initializing lsm=')) ?? starts.join(' ; ')
console.log([
  build, boot, textOf('lsm'), ids.join(','), started, textOf('current'), textOf('smack'), textOf('apparmor'),
  log.filter((line) => !isStart(line)).join(' | '),
].join('\t'))
