/** Tables that share a prefix, and the policies and file contexts they were recorded with. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { readInput } from '../input.ts'
import type { Input } from '../suite.ts'
import { dataLines } from '../tsv.ts'

export const exists = (path: string): boolean => existsSync(resolve(process.env.INIT_CWD ?? process.cwd(), path))

/** The first of `path` with these endings that there is, null of none. */
export const readFirst = async (path: string, endings: readonly string[]): Promise<Input | null> => {
  const found = endings.find((ending) => exists(path + ending))
  return found === undefined ? null : readInput(path + found)
}

/** The rows of PREFIX-NAME as cells, null when there is no such table. */
export const readTable = async (prefix: string, name: string): Promise<string[][] | null> => {
  const input = await readFirst(`${prefix}-${name}.tsv`, ['.gz', '', '.xz'])
  return input === null ? null : dataLines(input.text).map((line) => line.split('\t'))
}
