/** For tests: compiles texts that are in memory. */
import { compileProfiles, type CompileOptions, type CompileResult } from './compile.ts'
import { kernelFeatures } from './kernel-features.ts'
import { memoryFiles } from './memory-files.ts'

/** Compiles `text`; further files are found by their paths, `<name>` below `d/`. */
export const compileText = (
  text: string, files: Readonly<Record<string, string>> = {}, options: Partial<CompileOptions> = {},
): CompileResult => compileProfiles('main', {
  files: memoryFiles({ main: text, ...files }), include: ['d'], features: kernelFeatures('6.12'), ...options,
})
