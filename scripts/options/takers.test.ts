/**
 * Nobody's misspelt option is ignored: whatever the published packages export that takes options is called with one,
 * and with one in every object inside of the options. What takes a new kind of options and has no line here fails, and
 * so does a line that checks nothing.
 */
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import * as bpf from '../../packages/bpf/src/index.ts'
import { disasm, disasmSlot } from '../../packages/bpf/src/insn/index.ts'
import { verifyOn } from '../../packages/bpf/src/kernels/index.ts'
import { LoadedObject, LoadedProgram } from '../../packages/bpf/src/lsm/loaded-object.ts'
import { MapHandle, MapSpace, PerfEventArray, RingBuffer } from '../../packages/bpf/src/maps/index.ts'
import { changedObject, openObject, readChanges, resizeMap } from '../../packages/bpf/src/object/index.ts'
import { verify } from '../../packages/bpf/src/verifier/index.ts'
import { BpfMemory, loadCode, testRun, ProgramBuilder } from '../../packages/bpf/src/vm/index.ts'
import { capability } from '../../packages/capability/src/index.ts'
import { createSubject, watchCalls } from '../../packages/cli/src/index.ts'
import * as core from '../../packages/core/src/index.ts'
import { initLog, orderLsms } from '../../packages/core/src/order.ts'
import { compare, emit, policyAnswers, prove } from '../../packages/emit/src/index.ts'
import {
  checkProfile, compileProfile, readProfile, rulesFor, verdictOf,
} from '../../packages/emit/src/seccomp/index.ts'
import { openShell as openBoxShell } from '../../packages/just-bash/src/box.ts'
import { bash, KernelFs, openShell, Shell } from '../../packages/just-bash/src/index.ts'
import { FleetAgent } from '../../packages/fleet/src/agent/agent.ts'
import { DecisionCounts } from '../../packages/fleet/src/agent/counts.ts'
import * as fleet from '../../packages/fleet/src/index.ts'
import { hostfs } from '../../packages/kernel/src/hostfs.ts'
import { bootKernel as bootChosen } from '../../packages/kernel/src/boot.ts'
import { bootKernel, seccomp, setTaskLabel } from '../../packages/kernel/src/index.ts'
import { loadpin } from '../../packages/loadpin/src/index.ts'
import { lockdown } from '../../packages/lockdown/src/index.ts'
import { hashOf, openTools, serveHttp, ToolGuard } from '../../packages/mcp/src/index.ts'
import { nodeOf } from '../../packages/node/src/index.ts'
import * as native from '../../packages/native/src/index.ts'
import { Telemetry } from '../../packages/otel/src/index.ts'
import { safesetid } from '../../packages/safesetid/src/index.ts'
import { compileCil } from '../../packages/selinux/src/cil/index.ts'
import { relabel, selinux } from '../../packages/selinux/src/index.ts'
import { SeappContexts } from '../../packages/selinux/src/android/index.ts'
import { containerPolicy } from '../../packages/selinux/src/container/index.ts'
import { homedirContexts, Translations } from '../../packages/selinux/src/labels/index.ts'
import { relabelTree } from '../../packages/selinux/src/relabel/index.ts'
import { DomainTransitions, InformationFlows } from '../../packages/selinux/src/flow/index.ts'
import { replayBlocked, replayedBlocked } from '../../packages/landlock/src/learn/index.ts'
import { answerWithInterfaces, learn, learnDomain } from '../../packages/selinux/src/learn/index.ts'
import { apparmor } from '../../packages/apparmor/src/index.ts'
import { compileProfiles } from '../../packages/apparmor/src/profile/index.ts'
import { decide, PolicyStore } from '../../packages/apparmor/src/query/index.ts'
import { apparmor as apparmorFromText } from '../../packages/apparmor/src/text.ts'
import { learnRules } from '../../packages/smack/src/learn/index.ts'
import { linkModules, ModuleStore } from '../../packages/selinux/src/module/index.ts'
import { normalisePolicy, writePolicy } from '../../packages/selinux/src/policydb/index.ts'
import { diffLines, roleRules, selinuxPolicy, TeRules } from '../../packages/selinux/src/query/index.ts'
import { FileContexts, SecurityServer } from '../../packages/selinux/src/server/index.ts'
import {
  compileTe, enabledChecks, lintSources, PolicyHeaders, PolicyWorkspace,
} from '../../packages/selinux/src/source/index.ts'
import { SmackCoverage } from '../../packages/smack/src/coverage.ts'
import { SmackFlows } from '../../packages/smack/src/flow.ts'
import { explainAccess, Policy, queryAccess, smack } from '../../packages/smack/src/index.ts'
import { conformanceKit, createBuilders } from '../../packages/testkit/src/index.ts'
import { hookCosts } from '../../packages/testkit/src/costs/index.ts'
import {
  replayScenario, reportLines, runScenario, ScenarioCoverage,
} from '../../packages/testkit/src/scenario/index.ts'
import {
  becomeWasi, becomeWasiAsync, compileProgram, openReactor, openTerminal, runWasi, runWasiAsync, spawnWasi,
} from '../../packages/wasi/src/index.ts'
import { createSandbox, hostFolder, policyChanges, policyWithin } from '../../packages/sandbox/src/index.ts'
import { hostAccess, HostWay } from '../../packages/sandbox/src/hosts.ts'
import { insideOf } from '../../packages/sandbox/src/inside.ts'
import { heldBy, releaseChanges as landlockReleaseChanges } from '../../packages/landlock/src/changes.ts'
import { landlock, ruleset, rulesetChanges } from '../../packages/landlock/src/index.ts'
import { yama } from '../../packages/yama/src/index.ts'
import { optionTakers } from './takers.ts'

/** Other arguments, which must not be looked at before the options are. */
const any = {} as never
const given = (options: object) => options as never
const box = () => createSandbox({ inline: true })
const stack = () => core.createStack({ lsms: [capability()] })
const inNode = () => {
  const kernel = bootKernel({ stack: stack() })
  return nodeOf(kernel, kernel.init)
}
const dispatch = () => {
  const env = { current: stack().current, caps: any, blobs: {}, xattr_count: 0 }
  return core.createDispatch({ members: {}, env, cold: any })
}
const first = (made: Iterable<unknown> | AsyncIterable<unknown>): unknown =>
  Symbol.iterator in made ? made[Symbol.iterator]().next() : made[Symbol.asyncIterator]().next()

/** By name: what is called, with a misspelt option among others that are right. */
const profile = () => readProfile({ defaultAction: 'SCMP_ACT_ALLOW' })

const joining = (wrong: object) => ({
  store: fleet.folder(tmpdir()), host: 'a', state: tmpdir(), keys: { keys: [] }, onExpired: 'keep' as const, ...wrong,
})

const calls: Readonly<Record<string, (wrong: object) => unknown>> = {
  '@lsmkit/bpf bpf': (wrong) => bpf.bpf(wrong),
  '@lsmkit/apparmor/text apparmor': (wrong) => apparmorFromText({ profiles: '', ...wrong }),
  '@lsmkit/bpf BpfLsm#load': (wrong) => {
    const lsm = bpf.bpf()
    const on = core.createStack({ lsms: [capability(), lsm] })
    return lsm.load(on, new Uint8Array(0), wrong)
  },
  '@lsmkit/bpf LoadedObject#attachAll': (wrong) => {
    const programs = new Map([['p', Object.create(LoadedProgram.prototype) as LoadedProgram]])
    return LoadedObject.prototype.attachAll.call(given({ programs }), wrong)
  },
  '@lsmkit/bpf LoadedObject#contents': (wrong) => LoadedObject.prototype.contents.call(any, wrong),
  '@lsmkit/bpf LoadedProgram#attach': (wrong) => LoadedProgram.prototype.attach.call(any, wrong),
  '@lsmkit/bpf LoadedProgram#iterate': (wrong) => LoadedProgram.prototype.iterate.call(any, wrong),
  '@lsmkit/bpf overrideReturn': (wrong) => bpf.overrideReturn({ capability: capability(), programs: [], ...wrong }),
  '@lsmkit/bpf/object openObject': (wrong) => openObject(any, wrong),
  '@lsmkit/bpf/object changedObject': (wrong) => changedObject(any, wrong, null),
  '@lsmkit/bpf/object readChanges': readChanges,
  '@lsmkit/bpf/object resizeMap': (wrong) => resizeMap(any, any, wrong),
  '@lsmkit/bpf/maps MapSpace': (wrong) => new MapSpace(any, wrong),
  ...Object.fromEntries(['@lsmkit/bpf', '@lsmkit/bpf/maps'].flatMap((entry) => [
    [`${entry} MapHandle#records`, (wrong: object) => first(MapHandle.prototype.records.call(any, wrong))],
    [`${entry} MapHandle#events`, (wrong: object) => first(MapHandle.prototype.events.call(any, wrong))],
    [`${entry} MapHandle#waiting`, (wrong: object) => MapHandle.prototype.waiting.call(any, wrong)],
    [`${entry} MapHandle#consume`, (wrong: object) => MapHandle.prototype.consume.call(any, wrong)],
    [`${entry} MapHandle#send`, (wrong: object) => MapHandle.prototype.send.call(any, any, wrong)],
  ])),
  '@lsmkit/bpf/maps PerfEventArray#events': (wrong) => first(PerfEventArray.prototype.events.call(any, wrong)),
  '@lsmkit/bpf/maps RingBuffer#records': (wrong) => first(RingBuffer.prototype.records.call(any, wrong)),
  '@lsmkit/bpf/insn disasm': (wrong) => disasm(any, wrong),
  '@lsmkit/bpf/insn disasmSlot': (wrong) => disasmSlot(any, 0, wrong),
  '@lsmkit/bpf/kernels verifyOn': (wrong) => verifyOn(any, { kernels: [], ...wrong }),
  '@lsmkit/bpf/verifier verify': (wrong) => verify(any, { object: any, kernelBtf: null, ...wrong }),
  '@lsmkit/bpf/vm loadCode': (wrong) => loadCode(any, any, 'jit', wrong),
  '@lsmkit/bpf/vm BpfMemory': (wrong) => new BpfMemory(wrong),
  '@lsmkit/bpf/vm testRun': (wrong) => testRun(any, any, any, wrong),
  '@lsmkit/bpf/vm ProgramBuilder': (wrong) => new ProgramBuilder(wrong),
  '@lsmkit/bpf/vm Workshop': (wrong) => new ProgramBuilder(wrong),
  '@lsmkit/apparmor apparmor': (wrong) => apparmor(wrong),
  '@lsmkit/apparmor/profile compileProfiles': (wrong) => compileProfiles('/a', { files: any, features: any, ...wrong }),
  '@lsmkit/apparmor/query decide': (wrong) => decide(any, any, wrong),
  '@lsmkit/apparmor/query PolicyStore#load': (wrong) => new PolicyStore().load(new Uint8Array(), true, wrong),
  '@lsmkit/apparmor/query PolicyStore#remove': (wrong) => new PolicyStore().remove('a', wrong),
  '@lsmkit/capability capability': (wrong) => capability(wrong),
  '@lsmkit/cli createSubject': (wrong) => createSubject(any, { uid: 0, ...wrong }),
  '@lsmkit/cli watchCalls': (wrong) => watchCalls(any, any, { leave() {}, ...wrong }),
  '@lsmkit/core defineBlob': (wrong) => core.defineBlob(() => 0, wrong),
  '@lsmkit/core defineLsm': (wrong) => core.defineLsm({ name: 'own', abi: '1.0', hooks: {}, ...wrong }),
  '@lsmkit/core createStack': (wrong) => core.createStack({ lsms: [capability()], ...wrong }),
  '@lsmkit/core Stack#attach': (wrong) => stack().attach('file_open', () => 0, wrong),
  '@lsmkit/core Stack#observe': (wrong) => stack().observe('file_open', {}, wrong),
  '@lsmkit/core Tracing#traceCall': (wrong) => new core.Tracing(() => {}).traceCall('openat', wrong),
  '@lsmkit/core Tracing#traceFunction': (wrong) => new core.Tracing(() => {}).traceFunction('vfs_read', wrong),
  '@lsmkit/core createDispatch': (wrong) => core.createDispatch({ members: {}, env: any, cold: any, ...wrong }),
  '@lsmkit/core Dispatch#attach': (wrong) => dispatch().attach('file_open', () => 0, wrong),
  '@lsmkit/core Dispatch#observe': (wrong) => dispatch().observe('file_open', {}, wrong),
  '@lsmkit/core SecurityOff': (wrong) => new core.SecurityOff({ capability: capability(), ...wrong }, stack()),
  '@lsmkit/core securityOff': (wrong) => core.securityOff({ capability: capability(), ...wrong }),
  '@lsmkit/core configSecurityOff': (wrong) =>
    core.configSecurityOff({ capability: capability(), current: stack().current, ...wrong }),
  '@lsmkit/core Audit': (wrong) => new core.Audit(wrong),
  '@lsmkit/core intSysctl': (wrong) =>
    core.intSysctl({ name: 'a', get: () => 0, set() {}, range: () => [0, 1], ...wrong }),
  '@lsmkit/core int': (wrong) => core.int('', { category: 'own', ...wrong }),
  '@lsmkit/core nil': (wrong) => core.nil('', { category: 'own', ...wrong }),
  '@lsmkit/core/order initLog': (wrong) => initLog([], { configLsm: '', ...wrong }),
  '@lsmkit/core/order orderLsms': (wrong) => orderLsms([], { configLsm: '', ...wrong }),
  '@lsmkit/kernel/boot bootKernel': (wrong) => bootChosen({ stack: stack(), subsystems: [], ...wrong }),
  '@lsmkit/kernel bootKernel': (wrong) => bootKernel({ stack: stack(), ...wrong }),
  '@lsmkit/kernel seccomp': (wrong) => seccomp(wrong),
  '@lsmkit/kernel setTaskLabel': (wrong) => setTaskLabel(any, any, 'a', wrong),
  '@lsmkit/emit compare': (wrong) => compare(wrong, {}),
  '@lsmkit/emit emit': (wrong) => emit(wrong, 'docker'),
  '@lsmkit/emit policyAnswers': (wrong) => policyAnswers(wrong),
  '@lsmkit/emit prove': (wrong) => prove(wrong, 'docker'),
  '@lsmkit/emit/seccomp checkProfile': (wrong) => checkProfile(profile(), wrong),
  '@lsmkit/emit/seccomp compileProfile': (wrong) => compileProfile(profile(), wrong),
  '@lsmkit/emit/seccomp rulesFor': (wrong) => rulesFor(profile(), wrong),
  '@lsmkit/emit/seccomp verdictOf': (wrong) => verdictOf(profile(), 'read', wrong),
  '@lsmkit/kernel/boot seccomp': (wrong) => seccomp(wrong),
  '@lsmkit/kernel/boot setTaskLabel': (wrong) => setTaskLabel(any, any, 'a', wrong),
  '@lsmkit/just-bash bash': (wrong) => bash(wrong),
  '@lsmkit/just-bash openShell': (wrong) => openShell({ kernel: bootKernel({ stack: stack() }) } as never, wrong),
  '@lsmkit/just-bash/box openShell': async (wrong) =>
    openBoxShell({ kernel: bootKernel({ stack: stack() }) } as never, wrong),
  '@lsmkit/just-bash Shell': (wrong) => new Shell(any, wrong),
  '@lsmkit/just-bash KernelFs': (wrong) => new KernelFs(any, any, wrong),
  '@lsmkit/just-bash Shell#sh': (wrong) =>
    new Shell(bootKernel({ stack: stack() })).sh(any, '', { cwd: '/', ...wrong }),
  '@lsmkit/kernel/hostfs hostfs': (wrong) => hostfs({ path: tmpdir(), ...wrong }),
  '@lsmkit/loadpin loadpin': (wrong) => loadpin(wrong),
  '@lsmkit/lockdown lockdown': (wrong) => lockdown(wrong),
  '@lsmkit/selinux selinux': (wrong) => selinux(wrong),
  '@lsmkit/selinux SelinuxLsm#relabel': (wrong) => selinux({ fileContexts: '' }).relabel(any, wrong),
  '@lsmkit/selinux/relabel relabel': (wrong) => relabel(any, any, wrong),
  '@lsmkit/selinux/relabel relabelTree': (wrong) => relabelTree(any, any, wrong),
  '@lsmkit/selinux/android SeappContexts#lookup': (wrong) =>
    new SeappContexts([]).lookup('domain', { uid: 1, ...wrong }),
  '@lsmkit/selinux/container containerPolicy': (wrong) => containerPolicy(any, wrong),
  '@lsmkit/selinux/labels Translations': (wrong) => new Translations('', wrong),
  '@lsmkit/selinux/labels homedirContexts': (wrong) =>
    homedirContexts(any, { fileContexts: '', seusers: '', ...wrong }),
  '@lsmkit/selinux/policydb writePolicy': (wrong) => writePolicy(any, wrong),
  '@lsmkit/selinux/policydb normalisePolicy': (wrong) => normalisePolicy(any, wrong),
  '@lsmkit/selinux/cil compileCil': (wrong) => compileCil([], wrong),
  '@lsmkit/selinux/source compileTe': (wrong) => compileTe({ name: '', text: '' }, wrong),
  '@lsmkit/selinux/source enabledChecks': (wrong) => enabledChecks(wrong),
  '@lsmkit/selinux/source lintSources': (wrong) => lintSources({ files: [], ...wrong }),
  '@lsmkit/selinux/source PolicyWorkspace': (wrong) => new PolicyWorkspace(wrong),
  '@lsmkit/selinux/source PolicyHeaders': (wrong) => new PolicyHeaders({ support: [], interfaces: [], ...wrong }),
  '@lsmkit/selinux/server FileContexts': (wrong) => new FileContexts({ base: '', ...wrong }),
  '@lsmkit/selinux/server SecurityServer': (wrong) => new SecurityServer(wrong),
  '@lsmkit/selinux/query diffLines': (wrong) => first(diffLines({}, wrong)),
  '@lsmkit/selinux/query TeRules#search': (wrong) => first(TeRules.prototype.search.call(any, wrong)),
  '@lsmkit/selinux/query TeRules#texts': (wrong) => Object.create(TeRules.prototype).texts(wrong),
  '@lsmkit/selinux/query roleRules': (wrong) => roleRules(any, 'role_allow', wrong),
  '@lsmkit/selinux/query selinuxPolicy': (wrong) => selinuxPolicy(any, wrong),
  '@lsmkit/selinux/flow DomainTransitions': (wrong) => new DomainTransitions(any, wrong),
  '@lsmkit/selinux/flow InformationFlows': (wrong) => new InformationFlows(any, wrong),
  '@lsmkit/selinux/flow InformationFlows#first': (wrong) => InformationFlows.prototype.first.call(any, 'a', 'b', wrong),
  '@lsmkit/selinux/module ModuleStore': (wrong) => new ModuleStore({ modules: [], disabled: [], ...wrong }),
  '@lsmkit/selinux/module linkModules': (wrong) => linkModules(any, [], wrong),
  '@lsmkit/selinux/learn answerWithInterfaces': (wrong) => answerWithInterfaces([], any, [], wrong),
  '@lsmkit/selinux/learn learn': (wrong) => learn([], wrong),
  '@lsmkit/selinux/learn learnDomain': (wrong) => learnDomain(null, { name: 'a', program: '/a', ...wrong }),
  '@lsmkit/smack/learn learnRules': (wrong) => learnRules([], wrong),
  '@lsmkit/mcp ToolGuard': async (wrong) => new ToolGuard(await box(), 'x', '/', wrong),
  '@lsmkit/mcp ToolGuard#tool': (wrong) =>
    ToolGuard.prototype.tool.call(any, { name: 'x', ...wrong }, () => any),
  '@lsmkit/mcp ToolGuard#resource': (wrong) =>
    ToolGuard.prototype.resource.call(any, { name: 'x', ...wrong }, () => any),
  '@lsmkit/mcp ToolGuard#prompt': (wrong) => ToolGuard.prototype.prompt.call(any, { name: 'x', ...wrong }, () => any),
  '@lsmkit/mcp ToolGuard#answer': (wrong) => ToolGuard.prototype.answer.call(any, { name: 'x', ...wrong }, () => any),
  '@lsmkit/mcp hashOf': (wrong) => hashOf(given(wrong)),
  '@lsmkit/mcp serveHttp': (wrong) => serveHttp(any, { token: null, ...wrong }),
  '@lsmkit/mcp openTools': (wrong) => openTools({ folder: tmpdir(), ...wrong }),
  '@lsmkit/node NodeOf#connect': (wrong) => inNode().connect({ port: 9, ...wrong }),
  '@lsmkit/node NodeOf#spawn': (wrong) => inNode().spawn('/bin/true', [], wrong),
  '@lsmkit/native compile': (wrong) => native.compile(wrong, any),
  '@lsmkit/native learnPolicy': (wrong) => native.learnPolicy(wrong, []),
  '@lsmkit/native openWatch': (wrong) => native.openWatch(wrong),
  '@lsmkit/native recordingPolicy': (wrong) => native.recordingPolicy('git', wrong),
  '@lsmkit/native createNativeBox': (wrong) =>
    ('network' in wrong ? native.createNativeBox({}, wrong as object) : native.createNativeBox(wrong)),
  '@lsmkit/native gatherFacts': (wrong) => native.gatherFacts(wrong),
  '@lsmkit/native NativeBox#exec': (wrong) => native.createNativeBox({}).exec('true', [], wrong),
  '@lsmkit/native NativeBox#start': (wrong) => native.createNativeBox({}).start('true', [], wrong),
  '@lsmkit/native kernelProcess': (wrong) => native.kernelProcess(wrong),
  '@lsmkit/native nativePreset': (wrong) => native.nativePreset('git', wrong),
  '@lsmkit/otel Telemetry': (wrong) => new Telemetry(wrong),
  '@lsmkit/safesetid safesetid': (wrong) => safesetid(wrong),
  '@lsmkit/smack smack': (wrong) => smack(wrong),
  '@lsmkit/smack Policy': (wrong) => new Policy(wrong),
  '@lsmkit/smack explainAccess': (wrong) => explainAccess(any, { subject: 'A', object: 'B', request: 1, ...wrong }),
  '@lsmkit/smack queryAccess': (wrong) => queryAccess(any, { subject: 'A', object: 'B', request: 1, ...wrong }),
  '@lsmkit/smack/coverage SmackCoverage#policy': (wrong) => new SmackCoverage().policy(wrong),
  '@lsmkit/smack/flow SmackFlows': (wrong) => new SmackFlows(any, wrong),
  '@lsmkit/smack/flow SmackFlows#first': (wrong) => SmackFlows.prototype.first.call(any, 'a', 'b', wrong),
  '@lsmkit/testkit conformanceKit': (wrong) => conformanceKit(() => yama(), wrong),
  '@lsmkit/testkit/costs hookCosts': (wrong) => hookCosts(() => yama(), wrong),
  '@lsmkit/testkit World#aUserNamespace': (wrong) => createBuilders().aUserNamespace(wrong),
  '@lsmkit/testkit/scenario ScenarioCoverage#summary': (wrong) => new ScenarioCoverage().summary(wrong),
  '@lsmkit/testkit/scenario replayScenario': (wrong) => replayScenario(any, {}, wrong),
  '@lsmkit/testkit/scenario reportLines': (wrong) => reportLines(any, wrong),
  '@lsmkit/testkit/scenario runScenario': (wrong) => runScenario(any, {}, wrong),
  '@lsmkit/wasi compileProgram': (wrong) => compileProgram(new Uint8Array(0), wrong),
  '@lsmkit/wasi becomeWasi': (wrong) => becomeWasi(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/wasi runWasi': (wrong) => runWasi(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/wasi becomeWasiAsync': (wrong) => becomeWasiAsync(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/wasi runWasiAsync': (wrong) => runWasiAsync(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/wasi spawnWasi': (wrong) => spawnWasi(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/wasi openTerminal': (wrong) => openTerminal(any, any, {
    uid: 0, size: { rows: 1, columns: 1 }, write: () => {}, ...wrong,
  }),
  '@lsmkit/wasi openReactor': (wrong) => openReactor(any, any, { program: '/bin/true', ...wrong }),
  '@lsmkit/fleet buildBundle': (wrong) => fleet.buildBundle({ name: 'a', version: '1', epoch: 1, ...wrong }, {}),
  '@lsmkit/fleet buildBundleOf': (wrong) => fleet.buildBundleOf(tmpdir(), wrong),
  '@lsmkit/fleet compiledWithin': (wrong) => fleet.compiledWithin({}, {}, wrong),
  '@lsmkit/fleet policyIsWithin': (wrong) => fleet.policyIsWithin('smack', {}, {}, wrong),
  '@lsmkit/fleet folder': (wrong) => fleet.folder(tmpdir(), wrong),
  '@lsmkit/fleet nats': (wrong) => fleet.nats({ servers: 'nats://127.0.0.1:1', ...wrong }),
  '@lsmkit/fleet joinFleet': (wrong) => fleet.joinFleet(joining(wrong)),
  '@lsmkit/fleet FleetAgent#attach': (wrong) => FleetAgent.prototype.attach.call(any, any, wrong),
  '@lsmkit/fleet FleetAgent#report': (wrong) => new DecisionCounts().add({ decisions: 0, ...wrong }, null, null),
  '@lsmkit/fleet rolloutDenials': (wrong) => fleet.rolloutDenials(any, any, wrong),
  '@lsmkit/fleet runRollout': (wrong) => fleet.runRollout(any, wrong),
  '@lsmkit/fleet startRollout': (wrong) => fleet.startRollout(any, { bundle: 'a'.repeat(64), rings: [], ...wrong }),
  '@lsmkit/fleet writeWant': (wrong) =>
    fleet.writeWant(any, 'a', { bundle: 'a'.repeat(64), mode: 'enforce', ...wrong }),
  '@lsmkit/fleet getLarge': (wrong) => fleet.getLarge(any, '', wrong),
  '@lsmkit/fleet Store#get': (wrong) => fleet.folder(tmpdir()).get('want', 'a', wrong),
  '@lsmkit/fleet Store#list': (wrong) => first(fleet.folder(tmpdir()).list('want', wrong)),
  '@lsmkit/fleet Store#watch': (wrong) => first(fleet.folder(tmpdir()).watch('want', 'a', wrong)),
  '@lsmkit/fleet Store#read': (wrong) => first(fleet.folder(tmpdir()).read('dec', wrong)),
  '@lsmkit/fleet openSpool': (wrong) => fleet.openSpool(tmpdir(), wrong),
  '@lsmkit/fleet readDecisions': (wrong) => first(fleet.readDecisions(fleet.folder(tmpdir()), wrong)),
  '@lsmkit/landlock landlock': (wrong) => landlock(wrong),
  '@lsmkit/landlock/learn replayBlocked': (wrong) => replayBlocked([], wrong as never),
  '@lsmkit/landlock/learn replayedBlocked': (wrong) => first(replayedBlocked([], wrong as never)),
  '@lsmkit/landlock ruleset': (wrong) => ruleset(wrong as never),
  '@lsmkit/landlock RulesetPlan#restrict': (wrong) => ruleset({}).restrict(any, any, wrong as never),
  '@lsmkit/landlock/changes rulesetChanges': (wrong) => first(rulesetChanges({}, wrong)),
  '@lsmkit/landlock/changes heldBy': (wrong) => heldBy(wrong, '6.12'),
  '@lsmkit/landlock/changes releaseChanges': (wrong) => landlockReleaseChanges(wrong, '6.12', '7.3'),
  '@lsmkit/sandbox createSandbox': (wrong) => createSandbox(wrong),
  '@lsmkit/sandbox hostFolder': (wrong) => hostFolder('.', wrong),
  '@lsmkit/sandbox policyChanges': (wrong) => policyChanges(wrong, {}),
  '@lsmkit/sandbox policyWithin': (wrong) => policyWithin(wrong, {}),
  '@lsmkit/sandbox Sandbox#exec': async (wrong) => (await box()).exec('true', [], wrong),
  '@lsmkit/sandbox Sandbox#apply': async (wrong) => (await box()).apply('**', wrong),
  '@lsmkit/sandbox Sandbox#changes': async (wrong) => (await box()).changes(wrong),
  '@lsmkit/sandbox Sandbox#restore': async (wrong) => (await box()).restore({ version: 1, entries: [], ...wrong }),
  '@lsmkit/sandbox Sandbox#run': async (wrong) => (await box()).run('/bin/true', wrong),
  '@lsmkit/sandbox Service#answer': async (wrong) => (await box()).serve('/bin/true').answer({
    method: 'GET', url: 'http://a.example/', headers: [], body: { parts: [] as never, trailers: () => [] }, ...wrong,
  }),
  '@lsmkit/sandbox Sandbox#serve': async (wrong) => (await box()).serve('/bin/true', wrong),
  '@lsmkit/sandbox Sandbox#with': async (wrong) => (await box()).with({ run: 0, allow: {}, why: '', ...wrong }),
  '@lsmkit/sandbox Sandbox#sh': async (wrong) => (await box()).sh('true', wrong),
  '@lsmkit/sandbox SandboxFs#cp': async (wrong) => (await box()).fs.cp('/a', '/b', wrong),
  '@lsmkit/sandbox SandboxFs#mkdir': async (wrong) => (await box()).fs.mkdir('/a', wrong),
  '@lsmkit/sandbox SandboxFs#readFile': async (wrong) => (await box()).fs.readFile('/a', wrong),
  '@lsmkit/sandbox SandboxFs#readdir': async (wrong) => (await box()).fs.readdir('/', wrong as never),
  '@lsmkit/sandbox SandboxFs#writeFile': async (wrong) => (await box()).fs.writeFile('/a', '', wrong),
  '@lsmkit/sandbox SandboxFs#appendFile': async (wrong) => (await box()).fs.appendFile('/a', '', wrong),
  '@lsmkit/sandbox SandboxFs#with': async (wrong) => (await box()).fs.with(wrong),
  '@lsmkit/sandbox SandboxFs#rm': async (wrong) => (await box()).fs.rm('/a', wrong),
  '@lsmkit/sandbox/hosts HostAccess#open': (wrong) => hostAccess({ hosts: [] }).open(any, wrong, any),
  '@lsmkit/sandbox/hosts HostWay': (wrong) => new HostWay({
    hosts: [], limits: { connections: 1, traffic: 1 }, refused: any, ...wrong,
  }),
  '@lsmkit/sandbox/hosts hostAccess': (wrong) => hostAccess({ hosts: [], ...wrong }),
  '@lsmkit/sandbox/inside Inside#runProgram': async (wrong) => insideOf(await box()).runProgram(any, any, {
    stdin: new Uint8Array(0), env: {}, cwd: '/', ...wrong,
  }),
  '@lsmkit/sandbox/inside Inside#watch': async (wrong) => insideOf(await box()).watch(wrong),
  '@lsmkit/sandbox/inside Inside#task': async (wrong) => insideOf(await box()).task(wrong),
  '@lsmkit/yama yama': (wrong) => yama(wrong),
}

/** Types of objects with optional fields that are no options: what one part of lsmkit hands to another. */
const data: Readonly<Record<string, string>> = {
  LandlockHandled: 'a struct of the kernel', LsmProp: 'a struct of the kernel',
  Runnable: 'a program that was compiled', Verification: 'what the verifier found', Verified: 'what the verifier found',
  MapSpec: 'a map as the object file has it', Helper: 'a function of the machine', Place: 'a place in a source',
  LsmkitErrorParts: 'parts of an error', CilErrorParts: 'parts of an error', ApparmorErrorParts: 'parts of an error',
  SourceErrorParts: 'parts of an error', SandboxErrorParts: 'parts of an error', NativeErrorParts: 'parts of an error',
  ProfileErrorParts: 'parts of an error', AuditText: 'a record', ShellRequest: 'what a box hands to its shell',
  'HookTable<State>': 'hooks of a module', BootParts: 'what subsystems share while they are set up',
  McpContext: 'what the SDK of MCP hands to a handler', ProgressReport: 'a report to a client',
  Host: 'what a kernel implements', HostRules: 'rules that were compiled',
  PseudoIo: 'what a kernel hands to a file', BootStack: 'a stack',
  FileSystem: 'what a driver implements', 'Partial<FileOperations>': 'what a driver implements',
  HostStream: 'what a host implements', OptionRule: 'a rule of such a check',
  'OptionShape<T>': 'a table of such rules',
  LandlockRulesetAttr: 'a struct of the kernel', HeldSocket: 'a socket', TestModule: 'what a test module is made of',
  Check: 'what a check has found', Finding: 'what a check has found', Report: 'what checks have found',
  CoverageSource: 'what gathers', Confines: 'limits that were checked: those of runWasi',
  FlowEnds: 'nodes that a path is looked for between',
  CopyHow: 'what one part hands to another', RunResult: 'the result of a run',
  Have: 'the report of a host',
  CgroupAttachOptions: 'checked where it comes from a caller: Stack#attach',
}

/** Types of objects inside of options that are no options: they are handed on whole, or made by other functions. */
const whole: Readonly<Record<string, string>> = {
  Task: 'an object of the kernel', Cgroup: 'an object of the kernel', UserNamespace: 'an object of the kernel',
  UidGidExtent: 'a struct of the kernel',
  CgroupMap: 'what a host implements', ProgramHost: 'what a host implements', Host: 'what a kernel implements',
  DispatchEnv: 'what a stack is made of', ColdPath: 'what a stack is made of', ProgramPlace: 'what a stack is made of',
  'HookProfile<Table>': 'a table of hooks', HookGroup: 'checked when a stack is made: an unknown hook is an error',
  'Lsm<string>': 'made by defineLsm', AnyHookDef: 'made by int and nil',
  GrantWatch: 'made by LandlockCoverage', BpfObject: 'a program that was read', Rules: 'rules that were compiled',
  InstructionCounts: 'what counts',
  'BootStack & { host?: Host | undefined; }': 'a stack', LandlockEngine: 'a module', SyscallFilter: 'a module',
  '{ readonly id: number; readonly hooks: (ctx: LsmContext) => HookGroup; }': 'made by defineLsm',
  ProfileFiles: 'what a host implements', LogProvider: 'an object of another library',
  CgroupTree: 'what a host implements', Subsystem: 'a part of the kernel', Store: 'what a driver implements',
  FleetPolicy: 'what an agent implements', 'Pick<SelinuxLsm, "load">': 'a module',
  'Pick<SelinuxLsm, "load" | "compare">': 'a module',
  'Pick<BpfLsm, "load">': 'a module',
}

const takers = optionTakers(new Set(Object.keys(whole))).filter(({ type }) => !Object.hasOwn(data, type))
/** As Node's: libraries hand options of their own on to `fs`, so what it does not know is left alone. */
const isLikeNode = (name: string): boolean => /^@lsmkit\/node (Dir|FSWatcher|FileHandle|StatWatcher|TaskFs)/.test(name)
/**
 * The same function by another name; parts of a policy, which is checked as a whole; and the numbers of limits, which
 * runWasi checks: core is not loaded for them.
 */
const isAlso = (name: string): boolean =>
  isLikeNode(name) || name.startsWith('@lsmkit/smack/engine ') ||
  name.startsWith('@lsmkit/sandbox/policy-parts ') || name === '@lsmkit/bpf OverrideReturn' ||
  name === '@lsmkit/landlock/plan planOf' ||
  name === '@lsmkit/landlock rulesetChanges' || name === '@lsmkit/selinux relabel' ||
  // a request is no call: what is wrong with it is its answer (syscalls/uring/io-uring.test.ts)
  /^@lsmkit\/kernel(\/boot)? UserRing#push$/.test(name) ||
  /^@lsmkit\/wasi(\/limits)? (limitNumbers|hostMemoryFor)$/.test(name)

test('all that takes options is called here, and nothing else', () => {
  const names = [...new Set(takers.map(({ name }) => name))].filter((name) => !isAlso(name))
  expect(names.length).toBeGreaterThan(50)
  expect(Object.keys(calls).sort()).toEqual(names.sort())
})

const failure = async (act: () => unknown): Promise<unknown> => {
  try {
    await act()
  } catch (error) {
    return error
  }
  return null
}

test.each(Object.entries(calls))('%s refuses an option that it does not have', async (_name, call) => {
  const error = await failure(() => call({ zzz: 1 }))
  expect(error).toBeInstanceOf(core.OptionError)
  expect(error).toMatchObject({ code: 'unknown-option', summary: expect.stringMatching(/^there is no (option|field) `zzz`$/) })
})

/** What must stand beside the misspelt key, so that what is in front of it is right. */
const beside: readonly (readonly [where: RegExp, fields: object])[] = [
  [/\bmounts\.\*$/, { kind: 'host-folder', path: '/' }],
]
const besideIn = (where: string): object => beside.find(([pattern]) => pattern.test(where))?.[1] ?? {}

/** Fields of the objects on the way to the misspelt key that must be there: by the place that leads to them. */
const onTheWay: Readonly<Record<string, object>> = {
  'request': { method: 'GET', url: 'http://a.example/', headers: [] },
  'mounts[]': { type: 'tmpfs', target: '/own' }, 'folders.*': { ino: 0, since: 0, own: [], entries: [] },
}

/** `{ mounts: [{ type, target, device: inner }] }` of `mounts[].device`. */
const nest = (place: string, inner: object): object => {
  const keys = place.split(/\.|(?=\[)/)
  let value: unknown = inner
  for (let i = keys.length - 1; i >= 0; i--) {
    const around = onTheWay[keys.slice(0, i).join('.').replaceAll('.[', '[')]
    value = keys[i] === '[]' ? [value] : { ...around, [keys[i] === '*' ? '/own' : keys[i]!]: value }
  }
  return value as object
}

const inside = takers.filter(({ name }) => !isAlso(name))
  .flatMap(({ name, nested }) => nested.map((place) => [name, place] as const))

test('there are options inside of options', () => {
  expect(inside.length).toBeGreaterThan(40)
})

test.each(inside)('%s refuses a key that %s does not have', async (name, place) => {
  const error = await failure(() => calls[name]!(nest(place, { ...besideIn(place), zzz: 1 })))
  expect(error).toMatchObject({ code: 'unknown-option', message: expect.stringMatching(/`zzz`/) })
})

const fieldless = new Set(['qstr', 'instantiate', 'aTunDev', 'anInfiniBandAgent'])
test.each(Object.keys(createBuilders()).filter((name) => !fieldless.has(name)))(
  'the builder %s refuses a field that the object does not have',
  async (name) => {
    const builders = createBuilders()
    const build = builders[name as keyof typeof builders] as (...args: unknown[]) => unknown
    const before = name === 'aBinprm' ? [builders.aFile()] : name === 'anIpc' ? ['shm'] : []
    expect(await failure(() => build(...before, { zzz: 1 }))).toMatchObject({ code: 'unknown-option' })
  },
)

describe('one letter off, also inside options', () => {
  test.each<[place: string, hint: string, call: () => unknown]>([
    ['runWasi: limits', 'time', () => runWasi(any, any, { program: '/x', limits: given({ tiem: 100 }) })],
    ['compileProgram', 'memory', () => compileProgram(new Uint8Array(0), given({ memroy: 1 }))],
    ['runWasi: host', 'sleep', () => runWasi(any, any, { program: '/x', host: given({ sleeep() {} }) })],
    ['yama', 'ptraceScope', () => yama(given({ ptracescope: 2 }))],
    ['hostfs', 'writable', () => hostfs(given({ path: '/tmp', writeable: true }))],
    ['bootKernel: mounts[1]', 'target', () => bootKernel({
      stack: stack(), mounts: [{ type: 'tmpfs', target: '/a' }, given({ type: 'tmpfs', taget: '/b' })],
    })],
    ['bootKernel: sysctl', 'mmap_min_addr', () => bootKernel({ stack: stack(), sysctl: given({ mmap_min_adr: 0 }) })],
    ['bootKernel: config', 'XFRM_USER', () => bootKernel({ stack: stack(), config: given({ XFRM_USR: false }) })],
    ['createStack: audit', 'rateLimit', () => core.createStack({ lsms: [], audit: given({ ratelimit: 1 }) })],
    ['bpf: memory', 'readOnly', () => bpf.bpf({ memory: given({ readonly: 1 }) })],
    ['bpf: kernel', 'readUser', () => bpf.bpf({ kernel: given({ readuser() {} }) })],
    ['selinux: fileContexts', 'local', () => selinux({ fileContexts: given({ base: '', locl: '' }) })],
    ['learn: compile', 'mls', () => learn([], { compile: given({ msl: true }) })],
    ['configSecurityOff: overrides', 'file_open', () =>
      core.securityOff({ capability: capability(), overrides: given({ file_opne() {} }) })],
    ['bootKernel: mounts[0]: device', 'readOnly', () => bootKernel({
      stack: stack(), mounts: [{ type: 'tmpfs', target: '/a', device: given({ name: 'sda', readonly: true }) }],
    })],
    ['Shell: executionLimits', 'maxOutputSize', () => bash(given({ executionLimits: { maxOutputSiez: 1 } }))],
    ['aFile', 'inode', () => createBuilders().aFile(given({ indoe: null }))],
    ['aTask', 'euid', () => createBuilders().aTask(given({ eudi: 0 }))],
  ])('%s: did you mean %s', async (place, hint, call) => {
    expect(await failure(call)).toMatchObject({ code: 'unknown-option', place, hint: `did you mean \`${hint}\`?` })
  })
})

describe('another type', () => {
  test.each<[place: string, message: string, call: () => unknown]>([
    ['runWasi: limits', "`time` is not milliseconds, or text like '10 s', or 'none'", () =>
      runWasi(any, any, { program: '/x', limits: given({ time: '1 fortnight' }) })],
    ['runWasi', '`program` is not a string or a Uint8Array or a Module or a Program', () => runWasi(any, any, any)],
    ['runWasi', '`env.PATH` is not a string', () => runWasi(any, any, { program: '/x', env: given({ PATH: 1 }) })],
    ['bootKernel', '`stack` is not an object', () => bootKernel(any)],
    ['bootKernel: mounts[0]', '`type` is not a string or a function', () =>
      bootKernel({ stack: stack(), mounts: [given({ type: 1, target: '/' })] })],
    ['hostfs', '`path` is not a string', () => hostfs(any)],
    ['selinux', '`policy` is not a Uint8Array', () => selinux(given({ policy: 'policy.33' }))],
    ['selinux', '`enforcing` is not a boolean', () => selinux(given({ enforcing: 'no' }))],
    ['smack', '`policy` is not a Policy', () => smack(given({ policy: {} }))],
    ['yama', '`ptraceScope` is not one of 0, 1, 2, 3', () => yama(given({ ptraceScope: '1' }))],
    ['lockdown', '`level` is not one of none, integrity, confidentiality', () => lockdown(given({ level: 'all' }))],
    ['safesetid', '`uidPolicy` is not a policy', () => safesetid(given({ uidPolicy: '1:2' }))],
    ['loadpin', '`exclude[0]` is not a kind of file', () => loadpin(given({ exclude: ['modules'] }))],
    ['aTask', '`comm` is not a string', () => createBuilders().aTask(given({ comm: 7 }))],
  ])('%s: %s', async (place, message, call) => {
    expect(await failure(call)).toMatchObject({ code: 'bad-option', place, summary: message })
  })

  test.each([null, 1, 'x', []])('%j instead of options', async (wrong) => {
    const hint = 'with `lsms`'
    expect(await failure(() => core.createStack(wrong as never))).toMatchObject({
      code: 'bad-option', summary: '`createStack` takes one object', hint,
    })
    expect(await failure(() => yama(wrong as never))).toMatchObject({ code: 'bad-option', hint: null })
  })
})
