/** Labels of files of the host: read, and set where that is asked for, by system calls that do not follow links. */
import { lstatSync, readdirSync } from 'node:fs'
import { EILSEQ, EINVAL, XATTR_NAME_SELINUX, ownValue } from '@lsmkit/abi'
import * as abi from '@lsmkit/abi'
import { NativeError } from '@lsmkit/native'
import { hostSystem } from '@lsmkit/native/sys'
import type { System } from '@lsmkit/native/sys'
import type { LabelTree } from '@lsmkit/selinux/relabel'
import { CommandError } from '../../../command-error.ts'

const MOST = 4096

const numberOf = (error: unknown): number => {
  const { code } = error as NodeJS.ErrnoException
  const number = ownValue(abi as unknown as Record<string, unknown>, code ?? '')
  return typeof number === 'number' ? -number : -EINVAL
}

/** The host's files as a tree of labels. Names that are not UTF-8 are errors: a wrong path would get a wrong label. */
class HostTree implements LabelTree {
  readonly #system: System
  readonly #attribute = Buffer.from(`${XATTR_NAME_SELINUX}\0`)
  readonly #value = Buffer.alloc(MOST)

  constructor(system: System) {
    this.#system = system
  }

  isUnlabelled(): boolean {
    return false
  }

  stat(path: string, stat: { mode: number; device: number }): number {
    try {
      const { mode, dev } = lstatSync(path)
      Object.assign(stat, { mode, device: dev })
      return 0
    } catch (error) {
      return numberOf(error)
    }
  }

  names(path: string): string[] | number {
    try {
      const names = readdirSync(path, { encoding: 'buffer' })
      const texts = names.map((name) => name.toString('utf8'))
      return texts.every((text, i) => Buffer.from(text).equals(names[i]!)) ? texts : -EILSEQ
    } catch (error) {
      return numberOf(error)
    }
  }

  label(path: string): string | number {
    const size = this.#system.call(
      'lgetxattr', Buffer.from(`${path}\0`), this.#attribute, this.#system.address(this.#value), MOST)
    return size < 0 ? size : this.#value.subarray(0, size).toString('utf8').replace(/\0+$/, '')
  }

  setLabel(path: string, context: string): number {
    const bytes = Buffer.from(`${context}\0`)
    return this.#system.call('lsetxattr', Buffer.from(`${path}\0`), this.#attribute, bytes, bytes.length, 0)
  }
}

/** Throws CommandError on hosts without such system calls. */
export const hostLabels = (): LabelTree => {
  try {
    return new HostTree(hostSystem())
  } catch (error) {
    if (!(error instanceof NativeError)) throw error
    throw new CommandError('badInput', `labels of this host cannot be read: ${error.summary}`, error.hint ?? undefined)
  }
}
