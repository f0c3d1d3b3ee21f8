/**
 * Texts that tools around a policy read: checks of sechecker, setrans.conf, inspected containers. They are taken, or
 * refused with a typed error; the policy of a container compiles.
 */
import { LsmkitError } from '@lsmkit/core/option-rules'
import {
  checkNeverallows, parseMapping, parseNeverallows, PropertyContexts, SeappContexts, ServiceContexts,
} from '../android/index.ts'
import { compileCil } from '../cil/compile.ts'
import { containerPolicy } from '../container/policy.ts'
import { readInspect } from '../container/inspect.ts'
import { standInPolicy } from '../container/stand-in.ts'
import { readPolicy } from '../policydb/reader.ts'
import { checkReport, runChecks } from '../query/checker/index.ts'
import { Translations } from '../labels/setrans/translations.ts'
import { mutateText } from './mutate.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const checks = `[DEFAULT]
desc = of %(check_type)s
[one]
check_type = assert_te
source = domain
target: home_t
tclass = file dir
perms = read write
exempt_source = privileged
  init_t
[two]
check_type = ro_execs
[three]
check_type = empty_typeattr
attr = privileged
`
const names = `s0=Low
s0-s0:c0.c5=Low-High
Base=levels
s1=Plain
s2:c3=Secret
ModifierGroup=g
Whitespace= ,/
Join=/
Default=c1,c2
Prefix=For
Suffix=ONLY
~c1=Not One
c4.c9=Red
s1!c3
c1>c2
`
const inspect = JSON.stringify([{
  Name: '/web', Config: { Env: ['container=podman'] }, EffectiveCaps: ['CAP_CHOWN'],
  HostConfig: { Devices: [{ PathOnHost: '/dev/fuse', CgroupPermissions: 'rw' }], CapAdd: ['ALL'] },
  Mounts: [{ Source: '/srv/a.b', Destination: '/a', RW: true }, { Source: '/etc', Destination: '/e', Options: ['ro'] }],
  NetworkSettings: { Ports: { '80/tcp': [{ HostPort: '8080' }] } },
}])
const pieces = [
  '%(desc)s', '%', '[', ']', '=', ':', '\n  ', '\n', '"', '{', '}', '[]', 'null', '\\', '-', '~', '>', '!', 'Include=x',
  'Domain=d', 'Base=b', 'c0.c1024', 's15', 'ro', '/tcp', '99999', '(', ')', ' ', 'check_type = assert_rbac',
  '__proto__',
  'ALL', 'a'.repeat(200),
]
const android = `ro. u:object_r:etc_t:s0 prefix enum a b
user=_app seinfo=a:b name=c.* domain=d levelFrom=all
* u:object_r:etc_t:s0
neverallow { domain -init_t } self:{ file dir } ~{ read };
(typeattributeset a_1 (a b)) (typeattribute a_1)
`
const texts = [checks, names, inspect, android]

export const toolsTarget = (bytes: Uint8Array): FuzzTarget => {
  const policy = readPolicy(bytes)
  const attempts: readonly ((text: string) => void)[] = [
    (text) => void checkReport(runChecks(policy, text)),
    (text) => {
      const translations = new Translations(text)
      for (const asked of ['s1:c4.c9', 's2-s1:c3', 'Secret For Red ONLY', 'Plain Not One/Red', text.slice(0, 200)]) {
        translations.untranslate(translations.translate(asked))
      }
    },
    (text) => {
      for (const facts of readInspect(JSON.parse(text))) {
        const made = containerPolicy(facts)
        const sources = [{ name: 'a', text: standInPolicy(made) }, { name: 'b', text: made.cil }]
        compileCil(sources, { version: 33, multipleDeclarations: true })
      }
    },
    (text) => {
      const [properties = '', seapp = '', services = '', rules = '', ...mapping] = text.split('\n')
      const files = (content: string) => [{ name: 'fuzzed', text: content }]
      new PropertyContexts(files(properties)).lookup(text.slice(0, 100))
      new SeappContexts(files(seapp)).lookup('domain', { uid: 10_001, seinfo: text.slice(0, 50), packageName: 'c.d' })
      new ServiceContexts(files(services)).lookup('a')
      checkNeverallows(policy, parseNeverallows(rules))
      parseMapping(mapping.join('\n'))
    },
  ]
  return {
    make(random) {
      const kind = random.below(8) === 0 ? 2 : random.pick([0, 1, 3])
      return `${kind}${random.below(6) === 0 ? texts[kind]! : mutateText(texts[kind]!, pieces, random)}`
    },
    attempt(input) {
      const text = textOf(input)
      try {
        attempts[Number(text[0]) % attempts.length || 0]!(text.slice(1))
        return true
      } catch (error) {
        if (error instanceof LsmkitError || error instanceof SyntaxError) return false
        throw error
      }
    },
  }
}
