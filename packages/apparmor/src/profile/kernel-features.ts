/** Features that kernels announce, for targets that are named by their version. */
import { features as linux612, features618, features73 } from '../apparmorfs/features.ts'
import { parseFeatures, type Features } from './features.ts'

const tables = { '6.12': linux612, '6.18': features618, '7.3': features73 } as const

/** A kernel whose features are known by its version. */
export type KernelVersion = keyof typeof tables

/** The text of a features file: `a/b` with `words` is `a {b {words}}`. */
const featureText = (table: Readonly<Record<string, string>>): string => Object.entries(table).map(([path, words]) => {
  const names = path.split('/')
  return `${names.join(' {')} {${words}${'}'.repeat(names.length)}`
}).join('\n')

/** The files of that folder with their words, by path. */
export const kernelFeatureTable = (version: KernelVersion): Readonly<Record<string, string>> => tables[version]

/** The folder `features` of apparmorfs on this kernel. */
export const kernelFeatures = (version: KernelVersion): Features =>
  parseFeatures(featureText(kernelFeatureTable(version)), `Linux ${version}`)
