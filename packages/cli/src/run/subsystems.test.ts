/** A program that reaches nothing of the tree has a kernel without subsystems and mounts; any other has all. */
import { everySubsystem } from '@lsmkit/kernel/subsystems'
import { programSubsystems } from '@lsmkit/kernel/subsystems/programs'
import { expect, test } from 'vitest'
import { plainLine } from '../plain-line.ts'
import { kernelPartsFor } from './subsystems.ts'
import { runRows } from './world-rows.ts'

const core = new TextEncoder().encode('\0asm\x01\0\0\0')
const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
const script = new TextEncoder().encode('#!/bin/sh\n')

const all = { subsystems: everySubsystem, usualMounts: true }

const optionsOf = (...words: readonly string[]) => plainLine(runRows(), [...words, 'a.wasm'])!.options

test.each<readonly [words: readonly string[]]>([
  [[]], [['--mount', '.:/data']], [['--user', 'nobody', '--env', 'A=b', '-q', '--json']], [['--time', '1s']],
])('%j', async (words) => {
  expect(await kernelPartsFor(core, optionsOf(...words), false)).toEqual({ subsystems: [], usualMounts: false })
  expect(await kernelPartsFor(core, optionsOf(...words), true))
    .toEqual({ subsystems: programSubsystems, usualMounts: true })
})

test.each<readonly [words: readonly string[]]>([
  [['--dir', '/']], [['--posix']], [['--syscalls']], [['--strace']], [['--audit', '-']], [['--lsm', 'yama']],
  [['--module', './own.mjs']], [['--read', '/proc']], [['--selinux', 'policy']], [['--bpf', 'a.o']],
])('%j', async (words) => {
  expect(await kernelPartsFor(core, optionsOf(...words), false)).toEqual(all)
})

test.each([[component], [script]])('%j', async (image) => {
  expect(await kernelPartsFor(image, optionsOf(), false)).toEqual(all)
})
