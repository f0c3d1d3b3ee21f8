/** The messages between the page and the worker of the kernel: requests with answers, and events. */
import type { MapContents } from '@lsmkit/bpf'
import type { ExplanationData } from '@lsmkit/core'
import type { Batch } from '../decisions/batch.ts'

/** The parts of a machine. */
export interface MachineSpec {
  /** `lsm=`: names in the order they are asked; unknown names are ignored, as the kernel does. */
  readonly lsm: readonly string[]
  /** Exclusive modules run together, which no kernel does. */
  readonly together: boolean
  /** The text of a module of the reader's, which takes the place of its name in `lsm`; null: there is none. */
  readonly module: string | null
}

/** Why a module cannot be made; line and column from 1. */
export interface ModuleFault {
  readonly ok: false
  readonly message: string
  readonly hint: string | null
  readonly line: number
  readonly column: number
}

export type OwnModuleReport =
  | { readonly ok: true; readonly name: string; readonly maker: string; readonly hooks: readonly string[] }
  | ModuleFault

export interface ConformanceResult {
  readonly name: string
  /** Null: it passed. */
  readonly fault: string | null
}

/** Nanoseconds of a call on the stack, with the module and without it. */
export interface ModuleCost {
  readonly hook: string
  readonly nanoseconds: number
  readonly without: number
}

export interface StackReport {
  readonly cmdline: string
  /** As `lsm.debug` prints how the order came about. */
  readonly log: readonly string[]
  readonly explanation: ExplanationData
  /** Milliseconds from the request to a kernel with its tree. */
  readonly took: number
}

export type UserId = 'visitor' | 'backup' | 'root'

export interface GuestLimits {
  /** Milliseconds, bytes, bytes. */
  readonly time: number
  readonly memory: number
  readonly output: number
}

/** The program to run: one of the tree, or one that the reader has brought. */
export type ProgramChoice =
  | { readonly kind: 'shell' }
  | { readonly kind: 'command'; readonly path: string; readonly args: readonly string[] }
  | { readonly kind: 'ruby'; readonly script: string }
  | { readonly kind: 'upload'; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }

export interface RunRequest {
  readonly program: ProgramChoice
  readonly user: UserId
  readonly limits: GuestLimits
  readonly columns: number
  readonly rows: number
}

export interface Ended {
  readonly status: number
  readonly reason: string
  readonly calls: number
  /** Milliseconds. */
  readonly time: number
}

export interface HookCost {
  readonly hook: string
  readonly calls: number
  /** Nanoseconds of a call, the mean of those that were timed. */
  readonly nanoseconds: number
}

/** One step from the system call to the verdict. */
export interface WhyHook {
  readonly hook: string
  /** The result of the hook, as `ok` or an errno. */
  readonly answer: string
  readonly object: string
  readonly modules: readonly { readonly name: string; readonly answer: string }[]
}

export interface Draft {
  readonly module: string
  /** As it is written into a policy. */
  readonly text: string
  /** Other accesses that it would permit. */
  readonly beyond: readonly string[]
  readonly instead: readonly string[]
  readonly broad: readonly string[]
  /** The changes of the policy, in words. */
  readonly changes: readonly string[]
}

/** Why one decision came out as it did. */
export interface Why {
  readonly serial: number
  readonly call: string
  /** Decisions of the whole call. */
  readonly asked: number
  readonly verdict: string
  readonly hook: string
  readonly lsm: string
  readonly subject: string
  readonly object: string
  readonly reason: string
  /** As the kernel words it. */
  readonly records: readonly string[]
  /** The rule, the computation, the layer or the line that decided; a heading and its lines. */
  readonly grounds: readonly { readonly title: string; readonly lines: readonly string[] }[]
  readonly drafts: readonly Draft[]
  /** Accesses that no rule can grant. */
  readonly objections: readonly string[]
}

export interface ObjectReport {
  readonly id: number
  readonly name: string
  readonly programs: readonly { readonly name: string; readonly hook: string }[]
}

/** A line of C, and what the verifier said where it had come to it. */
export interface RefusalLine {
  readonly source: string | null
  readonly log: readonly string[]
}

export type Attached =
  | { readonly ok: true; readonly object: ObjectReport }
  | { readonly ok: false; readonly message: string; readonly lines: readonly RefusalLine[] }

export interface ScenarioStep {
  readonly line: number
  readonly as: string
  readonly call: string
  readonly result: string
  readonly by: { readonly lsm: string; readonly hook: string } | null
  readonly audit: readonly string[]
  /** The expectations that differ; empty if it agrees. */
  readonly differences: readonly string[]
}

/** An error in the file itself; lines from 1. */
export interface ScenarioFault {
  readonly ok: false
  readonly message: string
  readonly hint: string | null
  readonly line: number
}

export type ScenarioReport =
  | { readonly ok: true; readonly title: string; readonly lsms: readonly string[]; readonly steps: ScenarioStep[] }
  | ScenarioFault

/** The result of one attempt on one stack. */
export interface CompareCell {
  readonly ok: boolean
  /** The last line that the program wrote. */
  readonly said: string
  /** The module that refused; null if no module of the stack did. */
  readonly by: { readonly lsm: string; readonly hook: string } | null
  /** System calls that asked a hook, with what they asked. */
  readonly trace: readonly {
    readonly call: string
    /** With the module that refused, if any. */
    readonly hooks: readonly { readonly hook: string; readonly by: string | null }[]
  }[]
}

export interface CompareColumn {
  readonly order: readonly string[]
  /** `title: command`, in the order of the cells. */
  readonly attempts: readonly string[]
  readonly cells: readonly CompareCell[]
}

/** Modules that have a policy of texts. */
export const policyModules = ['selinux', 'smack', 'apparmor'] as const
export type PolicyModule = (typeof policyModules)[number]

export interface PolicyText {
  readonly name: string
  readonly text: string
}

/** A mistake in one of the texts; line and column from 1. */
export interface PolicyFault extends ProfileFault {
  readonly file: string
}

/** A call that a module refused. */
export interface Refusal {
  readonly lsm: string
  readonly hook: string
  readonly object: string
  readonly call: string
}

/** One line of a shell, on a kernel with the policy that is loaded and on one with the draft. */
export interface TriedLine {
  readonly line: string
  readonly before: string
  readonly after: string
  readonly newlyRefused: readonly Refusal[]
  readonly newlyAllowed: readonly Refusal[]
}

/** The state of a module of the stack, and its files. */
export interface ModulePart {
  readonly name: string
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[]
  readonly files: readonly { readonly path: string; readonly text: string; readonly isWritable: boolean }[]
}

/** A policy that the reader has brought: binary or CIL. */
export interface PolicyFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** '' asks nothing. Without `file` it is the draft, and without one what the kernel has, or would start with. */
export interface PolicyQuestion {
  readonly draft: readonly PolicyText[] | null
  readonly type: string
  readonly path: string
  readonly file: PolicyFile | null
  /** The policy to compare with. */
  readonly beside: PolicyFile | null
}

export interface PolicyAnswer {
  /** Types whose names have what was asked for in them. */
  readonly types: readonly string[]
  readonly isKnown: boolean
  readonly rules: readonly string[]
  readonly ruleCount: number
  readonly edges: readonly { readonly source: string; readonly target: string; readonly label: string }[]
  readonly transitions: readonly {
    readonly source: string
    readonly target: string
    readonly entrypoints: readonly string[]
    readonly dynamic: boolean
  }[]
  /** The label of the path; null where nothing gives it one. */
  readonly context: string | null
  /** Rules of Smack on the machine that runs. */
  readonly smack: readonly string[]
  /** In words; null where there is nothing to compare with. */
  readonly changes: readonly string[] | null
}

/** '' as `what` asks nothing. Without a draft it is what the kernel enforces. */
export interface ApparmorQuestion {
  readonly draft: string | null
  readonly profile: string
  /** A class of `questionForms`, and its words with blanks between them. */
  readonly kind: string
  readonly what: string
  readonly owner: boolean
}

/** A mistake in the text of profiles; line and column from 1. */
export interface ProfileFault {
  readonly message: string
  readonly hint: string | null
  readonly line: number
  readonly column: number
  /** All of it as the command prints it, with a mark under the place. */
  readonly text: string
}

export interface ProfileRule {
  readonly line: number
  readonly text: string
}

export interface ApparmorAnswer {
  /** The name of the text, in front of its lines. */
  readonly file: string
  /** The text that the kernel enforces, or would start with. */
  readonly loaded: string
  readonly isInStack: boolean
  /** The draft's mistake; all else is of what the kernel enforces then. */
  readonly fault: ProfileFault | null
  readonly profiles: readonly {
    readonly name: string
    readonly attachment: string | null
    readonly mode: string
    readonly rules: readonly ProfileRule[]
  }[]
  readonly warnings: readonly string[]
  readonly edges: readonly { readonly source: string; readonly target: string; readonly label: string }[]
  /** Ways out of confinement. */
  readonly leaves: readonly string[]
  /** The words that a question to each class has. */
  readonly forms: Readonly<Record<string, string>>
  /** The differences that the draft makes, in words; null where there is no draft. */
  readonly changes: readonly string[] | null
  readonly decision: {
    readonly allowed: boolean
    readonly complain: boolean
    readonly reason: string
    readonly rules: readonly ProfileRule[]
    readonly nearest: ProfileRule | null
  } | null
  /** Why the question cannot be asked. */
  readonly mistake: string | null
}

/** Methods of the worker. */
export interface KernelCalls {
  boot: (spec: MachineSpec) => Promise<StackReport>
  run: (request: RunRequest) => Promise<Ended>
  type: (bytes: Uint8Array) => void
  resize: (columns: number, rows: number) => void
  /** Kills what runs; true when something did. */
  stop: () => boolean
  why: (serial: number) => Promise<Why | null>
  attach: (name: string, bytes: Uint8Array) => Promise<Attached>
  detach: (id: number) => void
  /** The maps of an attached object, as they are now; none when it is gone. */
  contents: (id: number) => readonly MapContents[]
  costs: () => Promise<readonly HookCost[]>
  explain: () => StackReport
  /** The fault of the syntax of a module, found without running it. */
  checkModule: (text: string) => Promise<ModuleFault | null>
  /** Runs the text of a module, and puts what it makes into a stack. */
  tryModule: (text: string) => Promise<OwnModuleReport>
  conformance: (text: string) => Promise<readonly ConformanceResult[]>
  moduleCosts: (name: string) => Promise<readonly ModuleCost[]>
  compare: (spec: MachineSpec, isRoot: boolean) => Promise<CompareColumn>
  policy: (question: PolicyQuestion) => Promise<PolicyAnswer>
  apparmor: (question: ApparmorQuestion) => Promise<ApparmorAnswer>
  checkProfiles: (text: string) => Promise<ProfileFault | null>
  /** Null where the kernel enforces them now. */
  loadProfiles: (text: string) => Promise<ProfileFault | null>
  loadedPolicy: (module: PolicyModule) => Promise<readonly PolicyText[]>
  checkPolicy: (module: PolicyModule, texts: readonly PolicyText[]) => Promise<PolicyFault | null>
  /** Null where the kernel enforces them now. */
  loadPolicy: (module: PolicyModule, texts: readonly PolicyText[]) => Promise<PolicyFault | null>
  /** Boots two kernels, one of them with the draft; a draft with a fault is given back. */
  beginTrial: (module: PolicyModule, texts: readonly PolicyText[]) => Promise<PolicyFault | null>
  /** The line on both, as the user; null: no trial has begun. */
  tryLine: (line: string, user: UserId) => Promise<TriedLine | null>
  moduleParts: () => Promise<readonly ModulePart[]>
  /** Writes to a file that a module has. The errno's name; '' where the kernel takes it. */
  writeSetting: (path: string, text: string) => string
  scenario: (text: string) => Promise<ScenarioReport>
  check: (text: string) => Promise<ScenarioFault | null>
  /** So many decisions of a real hook, as fast as they come; for measuring. */
  flood: (decisions: number) => Promise<number>
}

export type Method = keyof KernelCalls

export interface Request {
  readonly id: number
  readonly method: Method
  readonly args: readonly unknown[]
}

export type KernelEvent =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly hint: string | null }
  | { readonly event: 'decisions'; readonly batch: Batch }
  | { readonly event: 'output'; readonly bytes: Uint8Array }
  | { readonly event: 'trace'; readonly line: string }
