/** `lsm selinux classes`: what our kernel can ask about, so that a policy can start from it. */
import { kernelClasses, kernelClassesCil } from '@lsmkit/selinux/classes'
import type { Io } from '../../io.ts'
import { printJson, printLines } from '../../output.ts'

export const classesCommand = (io: Io, { cil, json }: { cil?: boolean; json?: boolean }): void => {
  if (json) printJson(io, { classes: kernelClasses.map(({ name, perms }) => ({ name, permissions: perms })) })
  else if (cil) printLines(io, kernelClassesCil().trimEnd())
  else for (const { name, perms } of kernelClasses) io.print(`${name}: ${perms.join(' ')}`)
}
