/** The security server: a loaded policy, the SIDs handed out under it, and every question asked of them. */
import type { AvDecision, XpermDecision } from './decision.ts'

export interface SecurityServerOptions {
  /** Refuse what Linux 6.12 would: policies newer than version 33. */
  readonly kernelExact?: '6.12'
  /** Whose answers where they differ: socket classes, unknown classes, the SIDs of odd contexts. */
  readonly mode?: 'kernel' | 'libsepol'
  /** Is SELinux enforcing now? Computed contexts that are not valid are given out when it is not. */
  readonly enforcing?: () => boolean
}

/** A class as the asker knows it; its number is its position + 1, its permissions' bits their positions. */
export interface KernelClass {
  readonly name: string
  readonly perms: readonly string[]
}

export interface BooleanState {
  readonly name: string
  readonly value: boolean
  readonly pending: boolean
}

export interface LoadReport {
  readonly version: number
  readonly seqno: number
  /** Classes and permissions of the kernel that the policy does not know, and the other way round: one line each. */
  readonly unknown: readonly string[]
  /** SIDs whose contexts the new policy does not know. */
  readonly unmapped: readonly number[]
}

export interface FsUseAnswer {
  readonly behavior: number
  readonly sid: number
}

const unwritten = (): never => {
  throw new Error('unwritten')
}

/** SIDs are positive integers; answers below zero are -errno. */
export class SecurityServer {
  loaded = false
  /** Policy sequence number: one more with each load and each commit of booleans. */
  seqno = 0

  constructor(readonly_: SecurityServerOptions = {}) {
    void readonly_
  }

  load(_bytes: Uint8Array): LoadReport { return unwritten() }
  setClassMap(_classes: readonly KernelClass[]): void { unwritten() }
  contextToSid(_text: string, _defaultSid?: number): number { return unwritten() }
  contextToSidForce(_text: string): number { return unwritten() }
  sidToContext(_sid: number, _force?: boolean): string | number { return unwritten() }
  computeAv(_ssid: number, _tsid: number, _tclass: number, _out: AvDecision): void { unwritten() }
  computeAvUser(_ssid: number, _tsid: number, _tclass: number, _out: AvDecision): void { unwritten() }
  computeXperms(_ssid: number, _tsid: number, _tclass: number, _driver: number, _base: number, _out: XpermDecision): void { unwritten() }
  transitionSid(_ssid: number, _tsid: number, _tclass: number, _name?: string): number { return unwritten() }
  memberSid(_ssid: number, _tsid: number, _tclass: number): number { return unwritten() }
  changeSid(_ssid: number, _tsid: number, _tclass: number): number { return unwritten() }
  validateTransition(_oldsid: number, _newsid: number, _tasksid: number, _tclass: number): number { return unwritten() }
  boundedTransition(_oldsid: number, _newsid: number): number { return unwritten() }
  booleans(): readonly BooleanState[] { return unwritten() }
  setBooleans(_values: Readonly<Record<string, boolean>>): number { return unwritten() }
  portSid(_protocol: number, _port: number): number { return unwritten() }
  netifSid(_name: string): number { return unwritten() }
  nodeSid(_domain: number, _address: Uint8Array): number { return unwritten() }
  ibPkeySid(_subnetPrefix: Uint8Array, _pkey: number): number { return unwritten() }
  ibEndportSid(_device: string, _port: number): number { return unwritten() }
  fsUse(_fstype: string): FsUseAnswer { return unwritten() }
  genfsSid(_fstype: string, _path: string, _tclass: number): number { return unwritten() }
  userSids(_fromsid: number, _username: string): number[] | number { return unwritten() }
  initialSid(_n: number): number { return unwritten() }
  policyCap(_name: string): boolean { return unwritten() }
  get allowUnknown(): boolean { return unwritten() }
  get rejectUnknown(): boolean { return unwritten() }
  get mlsEnabled(): boolean { return unwritten() }
}
