/**
 * The state of one instance of the LSM `bpf`: its options, its machine, and the kernel objects that programs point to.
 */
import * as abi from '@lsmkit/abi'
import { noHost } from '@lsmkit/core'
import type { Cgroup, File, FreeHook, Host, Inode, LsmContext, Sock, Stack, Task } from '@lsmkit/core'
import { aFunction, instanceOf, objectWith, oneOf, optionsOf, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { Btf } from '../btf/btf.ts'
import type { ProgramHost } from '../helpers/run/index.ts'
import { KernelObjects } from '../kobject/kernel-objects.ts'
import { MapHandle } from '../maps/map-handle.ts'
import { StorageMap } from '../maps/storage-map.ts'
import { ProgramBuilder } from '../run/program-builder.ts'
import type { InstructionCounts } from '../run/program-builder.ts'
import type { Engine } from '../vm/link.ts'
import { checkMemory, memoryRules } from '../vm/memory.ts'
import type { BpfMemoryOptions } from '../vm/memory.ts'
import { vmlinuxBtf, widestStruct } from '../vmlinux/index.ts'
import { groupNumbers, oneGroup } from './group-host.ts'
import type { Iterated } from './iterate.ts'
import { kernelCallRules, lsmHost } from './lsm-host.ts'
import type { KernelCalls } from './lsm-host.ts'
import { Roster } from './roster.ts'

/** A program that was stopped while it ran. */
export interface ProgramFault {
  readonly program: string
  readonly hook: string
  readonly error: unknown
}

export interface BpfOptions {
  readonly memory?: BpfMemoryOptions
  /** Most bytes of all maps together. Default 256 MiB. */
  readonly mapBytes?: number
  /** Instructions of one run of a program, up to 2^31 - 1. Default 2^28. */
  readonly budget?: number
  readonly engine?: Engine
  /** Counts what runs: a `BpfCoverage` of `@lsmkit/bpf/coverage`. Programs are then interpreted. */
  readonly coverage?: InstructionCounts
  /** The answer for a program that faults or exceeds its budget: -EACCES (the default), or nothing. */
  readonly onFault?: 'deny' | 'no-opinion'
  /** Types that objects are relocated to and verified against; those of our kernel unless given. */
  readonly kernelBtf?: Btf
  /** Whether programs may not call helpers that read kernel memory (lockdown). */
  readonly kernel?: KernelCalls
  /** A line of the trace pipe (`bpf_printk`). */
  readonly onTrace?: (text: string) => void
  readonly onFaultReport?: (fault: ProgramFault) => void
}

export const bpfRules: OptionRules<BpfOptions> = {
  memory: optionsOf(memoryRules),
  mapBytes: wholeNumber(0),
  budget: wholeNumber(1, 2 ** 31 - 1),
  engine: oneOf('jit', 'interpreter'),
  coverage: objectWith('counts', 'a BpfCoverage'),
  onFault: oneOf('deny', 'no-opinion'),
  kernelBtf: instanceOf(Btf),
  kernel: optionsOf(kernelCallRules),
  onTrace: aFunction,
  onFaultReport: aFunction,
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Hooks behind which the handles of objects are given back. */
export const RELEASED = [
  'file_free_security', 'backing_file_free', 'inode_free_security', 'cred_free', 'task_free', 'sb_free_security',
  'sk_free_security',
] as const satisfies readonly FreeHook[]

/** Whose values each type of storage has. */
const ownerStructs: Readonly<Record<number, string>> = {
  [abi.BPF_MAP_TYPE_TASK_STORAGE]: 'task_struct', [abi.BPF_MAP_TYPE_INODE_STORAGE]: 'inode',
  [abi.BPF_MAP_TYPE_SK_STORAGE]: 'sock',
}

interface Made {
  readonly programBuilder: ProgramBuilder
  readonly objects: KernelObjects
}

/** The state of one instance of the LSM. */
export class BpfCore {
  readonly options: BpfOptions
  #made: Made | null = null
  readonly #host: ProgramHost
  readonly #followed = new WeakSet<Stack>()
  context: LsmContext | null = null
  readonly roster = new Roster()
  faults = 0
  /** Of the program that runs now: what it gets by bpf_get_retval, and its cookie. */
  retval = { value: 0 }
  cookie = 0
  /** The group that it is attached to. */
  attached = { group: 1, type: 0 }
  readonly groupId: (cgroup: Cgroup) => number
  /** The address by which programs know a group. */
  readonly groupAddress: (group: object) => number

  constructor(options: BpfOptions) {
    this.options = options
    this.groupId = groupNumbers(() => options.kernel?.cgroups ?? this.context?.host.services?.cgroups)
    checkMemory(options.memory)
    const surroundings = {
      current: () => this.context!.current,
      host: () => this.context?.host ?? noHost,
      objects: () => this.objects,
      trace: (text: string) => options.onTrace?.(text),
      retval: {
        get: () => this.retval.value,
        set: (value: number) => {
          if (value > 0 || value < -4095) return -abi.EINVAL
          this.retval.value = value
          return 0
        },
      },
      cookie: () => this.cookie,
      attachedTo: () => this.attached,
      fault: (error: unknown) => {
        this.#report('callback', 'timer', error)
      },
    }
    this.#host = lsmHost(surroundings, options.kernel ?? {})
    this.groupAddress = this.#host.groups!.of
  }

  /** Memory and helpers. */
  get programBuilder(): ProgramBuilder {
    return (this.#made ??= this.#make()).programBuilder
  }

  /** The objects that programs follow pointers to. */
  get objects(): KernelObjects {
    return (this.#made ??= this.#make()).objects
  }

  /** The things that iterators go over. */
  get iterated(): Iterated {
    const host = (): Host => this.context?.host ?? noHost
    return {
      tasks: () => {
        const { services } = host()
        // without a kernel there is the running task
        if (services === undefined) return this.context === null ? [] : [this.context.current.task]
        return [...services.for_each_process()].flatMap((leader) => [...services.for_each_thread(leader)])
      },
      maps: () => this.programBuilder.maps.all(),
      programs: () => this.roster.programs(),
      links: () => this.roster.links(),
      groups: () => this.options.kernel?.cgroups ?? host().services?.cgroups ?? oneGroup,
    }
  }

  /** When first asked for: a stack without programs needs neither memory nor types. */
  #make(): Made {
    const { memory, mapBytes, budget, engine, coverage } = this.options
    const programBuilder = new ProgramBuilder({
      host: this.#host,
      ...(memory === undefined ? {} : { memory }),
      ...(mapBytes === undefined ? {} : { mapBytes }),
      ...(budget === undefined ? {} : { budget }),
      ...(engine === undefined ? {} : { engine }),
      ...(coverage === undefined ? {} : { coverage }),
    })
    const { machine } = programBuilder
    const objects = new KernelObjects(this.kernelBtf, machine.places.objects, widestStruct(this.kernelBtf))
    machine.objects = objects
    return { programBuilder, objects }
  }

  /** Bytes that maps and programs have of the memory they share. */
  get memoryUsed(): number {
    return this.#made?.programBuilder.machine.memory.used ?? 0
  }

  /** Runs what is due of timers and work queues. */
  tick(now?: number): void {
    this.#made?.programBuilder.asyncs.tick(now)
  }

  get kernelBtf(): Btf {
    return this.options.kernelBtf ?? vmlinuxBtf()
  }

  /**
   * Objects of the stack lose their handles when they end, and what maps store beside them: from the first program on
   * that may take one.
   */
  follow(stack: Stack): void {
    if (this.#followed.has(stack)) return
    this.#followed.add(stack)
    for (const hook of RELEASED) stack.whenFreed(hook, this.#releaseOf(hook))
  }

  #releaseOf(hook: FreeHook): (object: object) => void {
    const { objects } = this
    switch (hook) {
      // one that stands behind another is told of once more
      case 'file_free_security': return (file) => {
        if (((file as File).f_mode & abi.FMODE_BACKING) === 0) objects.end(file)
      }
      case 'inode_free_security': return (inode) => {
        this.#dropStorage(abi.BPF_MAP_TYPE_INODE_STORAGE, inode as Inode)
        objects.end(inode)
      }
      case 'task_free': return (task) => {
        this.#dropStorage(abi.BPF_MAP_TYPE_TASK_STORAGE, task as Task)
        objects.end(task)
      }
      case 'sk_free_security': return (sk) => {
        this.#dropStorage(abi.BPF_MAP_TYPE_SK_STORAGE, sk as Sock)
        objects.end(sk)
      }
      default: return (object) => objects.end(object)
    }
  }

  /**
   * The address by which maps of that type know an owner. One that no program has met has none, unless it `isMet` by
   * this.
   */
  ownerAddress(stack: Stack, type: number, owner: object, isMet: boolean): number {
    if (type === abi.BPF_MAP_TYPE_CGRP_STORAGE) return this.groupAddress(owner)
    const struct = ownerStructs[type]
    if (struct === undefined) return 0
    if (!isMet) return this.objects.knownAddress(owner, struct)
    this.follow(stack)
    return this.objects.pointerTo(owner, struct)
  }

  mapHandle(id: number): MapHandle | null {
    const map = this.#made?.programBuilder.maps.byId(id) ?? null
    return map === null ? null : new MapHandle(map, map.spec.types ?? null, this.programBuilder.machine.memory)
  }

  /** Values that maps of that type keep for an object that goes. */
  #dropStorage(type: number, owner: Inode | Task | Sock): void {
    if (!this.programBuilder.hasStorage(type)) return
    const address = this.objects.knownAddress(owner, ownerStructs[type]!)
    if (address === 0) return
    for (const map of this.programBuilder.maps.all()) if (map.type === type &&
      map instanceof StorageMap) map.drop(address)
  }

  /** Reports a stop, and what the program then answers. */
  stopped(program: string, hook: string, error: unknown): number {
    if (this.options.onFault === 'no-opinion') {
      this.#report(program, hook, error)
      return 0
    }
    this.#count(program, hook, error)
    const sentence = `BPF program ${program} was stopped: ${reasonOf(error)}`
    return this.context?.audit.deny(-abi.EACCES, sentence) ?? -abi.EACCES
  }

  #count(program: string, hook: string, error: unknown): void {
    this.faults++
    this.options.onFaultReport?.({ program, hook, error })
  }

  /** Of a stop that decides nothing. */
  #report(program: string, hook: string, error: unknown): void {
    this.#count(program, hook, error)
    const text = `prog=${program} hook=${hook} fault="${reasonOf(error)}"`
    this.context?.audit.emit({ kind: 'text', type: abi.AUDIT_BPF, text })
  }
}
