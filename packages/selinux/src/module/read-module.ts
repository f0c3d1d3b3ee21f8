/** Reads the policy of a module: the format of kernel policies with other symbols, and rules as they were written. */
import { ByteReader } from '../policydb/byte-reader.ts'
import {
  POLICYDB_VERSION_CONSTRAINT_NAMES, POLICYDB_VERSION_INFINIBAND, POLICYDB_VERSION_NEVERAUDIT,
} from '../policydb/constants.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { readConstraints } from '../policydb/read-constraints.ts'
import { readGenfs, readOcontexts } from '../policydb/read-ocontexts.ts'
import { readLevel } from '../policydb/read-mls.ts'
import type { Category, Common, ObjectClass, Permission, Sensitivity } from '../policydb/policydb.ts'
import { symbolKinds } from './module.ts'
import type {
  Declaration, ModuleBool, ModuleConditional, ModuleRole, ModuleRule, ModuleSymbols, ModuleType, ModuleUser, NameSet,
  PolicyModule, Scopes, WrittenLevel,
} from './module.ts'

export const MODULE_MAGIC = 0xf97cff8d
const MODULE_STRING = 'SE Linux Module'
const BASE = 1
const MODULE = 2
/** The first release with the fields that are read here, of 2011, and the last one known. */
const FIRST = 14
const LAST = 22
const NEW_OBJECT_DEFAULTS = 15
const DEFAULT_TYPE = 16
const XPERMS = 18
const INFINIBAND = 19
const SELF_TYPETRANS = 21
const XPERMS_KINDS = 0xf00
const SCOPE_DECLARED = 2

const list = <T>(r: ByteReader, size: number, what: string, read: () => T): T[] => r.list(r.count(size, what), read)

class ModuleReader {
  readonly #r: ByteReader
  #version = 0
  #isBase = false

  constructor(bytes: Uint8Array) {
    this.#r = new ByteReader(bytes)
  }

  read(): PolicyModule {
    const r = this.#r
    this.#readHeader()
    const config = r.u32('config')
    if (r.u32('number of symbol tables') !== symbolKinds.length) r.fail('bad-value', 'a module has 8 tables of symbols')
    r.u32('number of contexts')
    const name = this.#isBase ? 'base' : r.string('name of the module')
    if (!this.#isBase) r.take(r.u32('version of the module'), 'version of the module')
    const policycaps = r.ebitmap('policy capabilities')
    const { symbols, nprim } = this.#symbols()
    const blocks = this.#blocks()
    const declaredIn = Object.fromEntries(symbolKinds.map((kind) => [kind, this.#scopes()]))
    const mls = (config & 1) !== 0
    const limits = {
      classes: nprim[1]!, roles: nprim[2]!, types: nprim[3]!, users: nprim[4]!, sensitivities: nprim[6]!,
      categories: nprim[7]!,
    }
    const contexts = this.#isBase ? readOcontexts(r, this.#version < INFINIBAND
      ? POLICYDB_VERSION_INFINIBAND - 1 : POLICYDB_VERSION_NEVERAUDIT, mls, limits) : noContexts
    const genfs = readGenfs(r, mls, limits)
    return {
      name, isBase: this.#isBase, mls, policycaps, symbols, blocks, contexts, genfs,
      handleUnknown: (config & 4) !== 0 ? 'allow' : (config & 2) !== 0 ? 'reject' : 'deny',
      declaredIn: declaredIn as unknown as PolicyModule['declaredIn'],
    }
  }

  #readHeader(): void {
    const r = this.#r
    if (r.u32('magic number') !== MODULE_MAGIC) r.fail('not-a-policy', 'this is not a policy module', null, 0)
    if (r.string('policy string') !== MODULE_STRING) r.fail('not-a-policy', 'this is not a policy module', null, 4)
    const type = r.u32('type of the module')
    if (type !== BASE && type !== MODULE) r.fail('bad-value', `a module of type ${type}`, null, r.at - 4)
    this.#isBase = type === BASE
    this.#version = r.u32('version')
    if (this.#version < FIRST || this.#version > LAST) {
      const hint = `versions ${FIRST} to ${LAST} are read`
      r.fail('unsupported-version', `a module of version ${this.#version}`, hint, r.at - 4)
    }
  }

  #symbols(): { symbols: ModuleSymbols; nprim: number[] } {
    const nprim: number[] = []
    const table = <T>(size: number, what: string, read: () => T): T[] => {
      nprim.push(this.#r.u32(what))
      return list(this.#r, size, what, read)
    }
    const symbols = {
      commons: table(17, 'commons', () => this.#common()),
      classes: table(25, 'classes', () => this.#tclass()),
      roles: table(40, 'roles', () => this.#role()),
      types: table(33, 'types', () => this.#type()),
      users: table(40, 'users', () => this.#user()),
      booleans: table(17, 'booleans', () => this.#boolean()),
      sensitivities: table(25, 'sensitivities', () => this.#sensitivity()),
      categories: table(13, 'categories', () => this.#category()),
    }
    return { symbols, nprim }
  }

  #permissions(nprim: number, count: number): { nprim: number; items: Permission[] } {
    return { nprim, items: this.#r.list(count, () => {
      const length = this.#r.u32('permission')
      const value = this.#r.value(32, 'value of a permission')
      return { name: this.#r.text(length, 'permission'), value }
    }) }
  }

  #common(): Common {
    const r = this.#r
    const [length, value, nprim] = [r.u32('common'), r.u32('common'), r.u32('permissions')]
    const count = r.count(8, 'permissions')
    const name = r.text(length, 'common')
    return { name, value, permissions: this.#permissions(nprim, count) }
  }

  #tclass(): ObjectClass {
    const r = this.#r
    const [length, commonLength] = [r.u32('class'), r.u32('common of a class')]
    const [value, nprim] = [r.u32('class'), r.u32('permissions')]
    const [count, constraints] = [r.count(8, 'permissions'), r.count(8, 'constraints')]
    const name = r.text(length, 'class')
    const common = commonLength === 0 ? null : r.text(commonLength, 'common of a class')
    const permissions = this.#permissions(nprim, count)
    const rules = readConstraints(r, POLICYDB_VERSION_CONSTRAINT_NAMES, constraints)
    const validatetrans = this.#isBase
      ? readConstraints(r, POLICYDB_VERSION_CONSTRAINT_NAMES, r.count(8, 'validatetrans')) : []
    const defaults = this.#isBase && this.#version >= NEW_OBJECT_DEFAULTS
    const [user, role, range] = defaults ? [r.u32('default'), r.u32('default'), r.u32('default')] : [0, 0, 0]
    return {
      name, value, common, permissions, constraints: rules, validatetrans, defaultUser: user, defaultRole: role,
      defaultRange: range, defaultType: this.#isBase && this.#version >= DEFAULT_TYPE ? r.u32('default') : 0,
    }
  }

  #set(what: string): NameSet {
    return { names: this.#r.ebitmap(what), without: this.#r.ebitmap(what), flags: this.#r.u32(what) }
  }

  /** Of roles none are left out. */
  #roleSet(what: string): NameSet {
    return { names: this.#r.ebitmap(what), without: Ebitmap.empty, flags: this.#r.u32(what) }
  }

  #role(): ModuleRole {
    const r = this.#r
    const [length, value, bounds] = [r.u32('role'), r.u32('role'), r.u32('role')]
    const name = r.text(length, 'role')
    r.ebitmap('roles dominated')
    const types = this.#set('types of a role')
    return { name, value, bounds, types, isAttribute: r.u32('kind of a role') === 1, members: r.ebitmap('roles') }
  }

  #type(): ModuleType {
    const r = this.#r
    const [length, value, primary] = [r.u32('type'), r.u32('type'), r.u32('type')]
    const [properties, bounds] = [r.u32('type'), r.u32('type')]
    const members = r.ebitmap('types of an attribute')
    return { name: r.text(length, 'type'), value, primary, properties, bounds, members }
  }

  #level(): WrittenLevel {
    const r = this.#r
    const sens = r.u32('sensitivity')
    return { sens, cats: list(r, 8, 'categories', () => [r.u32('category'), r.u32('category')] as const) }
  }

  #range(): ModuleUser['range'] {
    return { low: this.#level(), high: this.#level() }
  }

  #user(): ModuleUser {
    const r = this.#r
    const [length, value, bounds] = [r.u32('user'), r.u32('user'), r.u32('user')]
    const name = r.text(length, 'user')
    return { name, value, bounds, roles: this.#roleSet('roles of a user'), range: this.#range(), level: this.#level() }
  }

  #boolean(): ModuleBool {
    const r = this.#r
    const [value, state, length] = [r.u32('boolean'), r.u32('boolean'), r.u32('boolean')]
    const name = r.text(length, 'boolean')
    return { name, value, state: state !== 0, isTunable: (r.u32('boolean') & 1) !== 0 }
  }

  #sensitivity(): Sensitivity {
    const r = this.#r
    const [length, isAlias] = [r.u32('sensitivity'), r.u32('sensitivity')]
    return { name: r.text(length, 'sensitivity'), isAlias: isAlias !== 0, level: readLevel(r, 'sensitivity') }
  }

  #category(): Category {
    const r = this.#r
    const [length, value, isAlias] = [r.u32('category'), r.u32('category'), r.u32('category')]
    return { name: r.text(length, 'category'), value, isAlias: isAlias !== 0 }
  }

  #rule(): ModuleRule {
    const r = this.#r
    const [specified, flags] = [r.u32('rule'), r.u32('rule')]
    const [sources, targets] = [this.#set('sources of a rule'), this.#set('targets of a rule')]
    const perms = list(r, 8, 'classes of a rule', () => ({ tclass: r.u32('class'), data: r.u32('permissions') }))
    const xperms = (specified & XPERMS_KINDS) === 0 ? null
      : { kind: r.u8('xperms'), driver: r.u8('xperms'), bits: Array.from({ length: 8 }, () => r.u32('xperms')) }
    if (xperms !== null && this.#version < XPERMS) r.fail('bad-value', 'extended permissions in an older module')
    return { specified, flags, sources, targets, perms, xperms }
  }

  #rules(): ModuleRule[] {
    return list(this.#r, 44, 'rules', () => this.#rule())
  }

  #conditional(): ModuleConditional {
    const r = this.#r
    r.u32('state of a conditional')
    const expression = list(r, 8, 'nodes', () => ({ kind: r.u32('node'), bool: r.u32('node') }))
    const [whenTrue, whenFalse] = [this.#rules(), this.#rules()]
    return { expression, whenTrue, whenFalse, isTunable: (r.u32('conditional') & 1) !== 0 }
  }

  #blocks(): Declaration[] {
    const r = this.#r
    return list(r, 4, 'blocks', () => list(r, 8, 'branches', () => this.#declaration()))
      .flatMap((branches) => branches.slice(0, 1))
  }

  #declaration(): Declaration {
    const r = this.#r
    const id = r.u32('block')
    r.u32('block')
    return {
      id,
      conditionals: list(r, 16, 'conditionals', () => this.#conditional()),
      rules: this.#rules(),
      roleTransitions: list(r, 16, 'role transitions', () => ({
        roles: this.#roleSet('roles'), types: this.#set('types'), classes: r.ebitmap('classes'), newRole: r.u32('role'),
      })),
      roleAllows: list(r, 32, 'role allows', () =>
        ({ roles: this.#roleSet('roles'), newRoles: this.#roleSet('roles') })),
      nameTransitions: list(r, 16, 'name transitions', () => ({
        name: r.string('name'), sources: this.#set('types'), targets: this.#set('types'), tclass: r.u32('class'),
        type: r.u32('type'), flags: this.#version >= SELF_TYPETRANS ? r.u32('flags') : 0,
      })),
      rangeTransitions: list(r, 16, 'range transitions', () => ({
        sources: this.#set('types'), targets: this.#set('types'), classes: r.ebitmap('classes'), range: this.#range(),
      })),
      required: this.#scopeIndex(),
      declared: this.#scopeIndex(),
      added: this.#symbols().symbols,
    }
  }

  #scopeIndex(): Scopes {
    const r = this.#r
    const scopes = Object.fromEntries(symbolKinds.map((kind) => [kind, r.ebitmap(kind)])) as unknown as Scopes
    list(r, 12, 'permissions of classes', () => r.ebitmap('permissions'))
    return scopes
  }

  #scopes(): Map<string, number[]> {
    const r = this.#r
    const found = new Map<string, number[]>()
    const count = r.count(12, 'scopes')
    for (let i = 0; i < count; i++) {
      const name = r.string('name')
      const scope = r.u32('scope')
      const blocks = list(r, 4, 'blocks', () => r.u32('block'))
      if (scope === SCOPE_DECLARED) found.set(name, blocks)
    }
    return found
  }
}

const noContexts: PolicyModule['contexts'] = {
  initialSids: [], fsContexts: [], ports: [], netifs: [], nodes: [], fsUses: [], nodes6: [], ibPkeys: [],
  ibEndports: [],
}

/** Throws PolicyError. */
export const readModule = (bytes: Uint8Array): PolicyModule => new ModuleReader(bytes).read()
