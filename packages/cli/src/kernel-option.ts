/** `--kernel RELEASE`: the one option of every command that follows a kernel release. */
import type { Option } from 'commander'
import { completing } from './command-help.ts'
import { KERNEL_FLAGS, KERNEL_TEXT, kernelNames, profileNamed } from './module-names.ts'

/** Throws a usage error that names the releases, for a word that is not one. */
export const kernelOption = (text = KERNEL_TEXT): Option =>
  completing(KERNEL_FLAGS, text, kernelNames).argParser(profileNamed)
