/**
 * Helpers by program type, read from kernel sources: `helpers.ts FOLDER` prints `number name letters` for each helper
 * of a source tree; `helpers.ts FOLDER OTHER` prints what OTHER has besides and what it lacks. Letters are those of
 * packages/bpf/src/helpers/prototypes.ts. Every option of the configuration counts as on, the loader has every right.
 */
import { caseBlocks, Source } from './c-source.ts'

interface Place {
  readonly file: string
  readonly name: string
  /** Expected attach type where one function serves several letters. */
  readonly attach?: string
}

const filter = (name: string): Place => ({ file: 'net/core/filter.c', name: `${name}_func_proto` })
const cgroup = (name: string): Place => ({ file: 'kernel/bpf/cgroup.c', name: `${name}_func_proto` })
const trace = (name: string, attach?: string): Place =>
  ({ file: 'kernel/trace/bpf_trace.c', name: `${name}_func_proto`, ...(attach === undefined ? {} : { attach }) })
const lsm = (attach: string): Place => ({ file: 'kernel/bpf/bpf_lsm.c', name: 'bpf_lsm_func_proto', attach })

const places: Readonly<Record<string, Place>> = {
  S: filter('sk_filter'), T: filter('tc_cls_act'), X: filter('xdp'), K: filter('cg_skb'), k: filter('sock_filter'),
  a: filter('sock_addr'), d: cgroup('cgroup_dev'), y: cgroup('sysctl'), o: cgroup('cg_sockopt'), O: filter('sock_ops'),
  b: filter('sk_skb'), m: filter('sk_msg'), f: filter('flow_dissector'), i: filter('lwt_in'), u: filter('lwt_out'),
  x: filter('lwt_xmit'), 6: filter('lwt_seg6local'), r: filter('sk_reuseport'), l: filter('sk_lookup'),
  P: trace('kprobe_prog'), t: trace('tp_prog'), e: trace('pe_prog'), R: trace('raw_tp_prog'),
  F: trace('tracing_prog', 'BPF_TRACE_FENTRY'), B: trace('tracing_prog', 'BPF_TRACE_RAW_TP'),
  I: trace('tracing_prog', 'BPF_TRACE_ITER'), L: lsm('BPF_LSM_MAC'), C: lsm('BPF_LSM_CGROUP'),
  Y: { file: 'kernel/bpf/syscall.c', name: 'syscall_prog_func_proto', attach: 'none' },
  N: { file: 'net/netfilter/nf_bpf_link.c', name: 'bpf_nf_func_proto' },
  G: { file: 'net/ipv4/bpf_tcp_ca.c', name: 'bpf_tcp_ca_get_func_proto' },
  U: { file: 'kernel/bpf/helpers.c', name: 'bpf_base_func_proto' },
}

/** Functions that others fall back to. */
const shared: readonly Place[] = [
  filter('sk_filter'),
  { file: 'kernel/bpf/helpers.c', name: 'bpf_base_func_proto' }, filter('bpf_sk_base'), trace('bpf_tracing'),
  trace('raw_tp_prog'), trace('tracing_prog'), cgroup('cgroup_common'), cgroup('cgroup_current'), filter('lwt_out'),
  { file: 'kernel/bpf/bpf_iter.c', name: 'bpf_iter_get_func_proto' },
]

/** Iterators that have helpers of their own: any of them counts. */
const iterators: readonly Place[] = [
  { file: 'net/unix/af_unix.c', name: 'bpf_iter_unix_get_func_proto' },
  { file: 'net/ipv4/tcp_ipv4.c', name: 'bpf_iter_tcp_get_func_proto' },
]

/** Whether a condition holds for programs with that attach type; null where it depends on something else. */
const holds = (condition: string, attach: string): boolean | null => {
  const equal = /expected_attach_type\s*(==|!=)\s*(BPF_\w+)/.exec(condition)
  if (condition.includes('||')) {
    const sides = condition.split('||').map((side) => holds(side, attach))
    return sides.includes(true) ? true : sides.includes(null) ? null : false
  }
  if (condition.includes('bpf_prog_has_trampoline')) return attach === 'BPF_TRACE_FENTRY' || attach === 'BPF_LSM_MAC'
  if (equal !== null) return (equal[2] === attach) === (equal[1] === '==')
  return null
}

const isProto = (expression: string): boolean => expression.trim() !== 'NULL'

/** Whether a block may return a prototype. */
const returnsProto = (statements: string, attach: string | undefined): boolean => {
  if (/\bfunc = &/.test(statements)) return true
  if (attach === undefined) return /return\s+(?!NULL\s*;)/.test(statements)
  for (const found of statements.matchAll(/(?:if\s*\(((?:[^()]|\([^()]*\))*)\)\s*)?return\s+([^;]+);/g)) {
    const condition = found[1] === undefined ? true : holds(found[1], attach)
    if (condition === false) continue
    const choice = /^(.*)\?(.*):(.*)$/s.exec(found[2]!)
    const which = choice === null ? null : holds(choice[1]!, attach)
    const answers = choice === null ? [found[2]!]
      : which === null ? [choice[2]!, choice[3]!] : [which ? choice[2]! : choice[3]!]
    if (answers.some(isProto)) return true
    if (condition === true) return false
  }
  return false
}

/** The switch that is all that there is for a helper. */
const innerSwitch = (body: string, helper: string): string => {
  const start = body.indexOf(`BPF_FUNC_${helper}:`)
  return body.slice(start, body.indexOf('}', start))
}

const availability = (source: Source) => {
  const seen = new Map<string, boolean>()
  const calls = (text: string): Place[] => [...text.matchAll(/\b(\w+_func_proto)\(func_id/g)].flatMap(([, name]) =>
    [...shared.filter((place) => place.name === name), ...(name === 'bpf_iter_get_func_proto' ? iterators : [])])
  const isReached = (place: Place, attach: string | undefined): boolean =>
    attach === undefined || (!place.name.startsWith('cgroup_') || attach === 'BPF_LSM_CGROUP') &&
    (!place.name.startsWith('bpf_iter_') || attach === 'BPF_TRACE_ITER')

  const has = (place: Place, helper: string, attach: string | undefined): boolean => {
    const key = `${place.name} ${helper} ${attach}`
    const known = seen.get(key)
    if (known !== undefined) return known
    const body = source.body(place.file, place.name)
    const answer = body !== null && search(body, helper, attach)
    seen.set(key, answer)
    return answer
  }
  const fallBack = (text: string, helper: string, attach: string | undefined): boolean =>
    calls(text).some((place) => isReached(place, attach) && has(place, helper, attach))

  const search = (body: string, helper: string, attach: string | undefined): boolean => {
    const first = body.search(/\bswitch\s*\(func_id\)/)
    if (first > 0 && fallBack(body.slice(0, first), helper, attach)) return true
    const block = caseBlocks(body).find(({ labels }) => labels.includes(`BPF_FUNC_${helper}`))
    if (block !== undefined) {
      const isSwitch = block.statements.startsWith('switch')
      return isSwitch ? returnsProto(innerSwitch(body, helper), undefined) : returnsProto(block.statements, attach)
    }
    return fallBack(first < 0 ? body : body.slice(first), helper, attach)
  }
  return has
}

/** `number → name`, from the header of the ABI. */
export const helperNames = (source: Source): Map<number, string> => {
  const text = source.file('include/uapi/linux/bpf.h')
  const numbered = [...text.matchAll(/FN\((\w+),\s*(\d+)/g)].map(([, name, id]) => [Number(id), name!] as const)
  if (numbered.length > 0) return new Map(numbered)
  const listed = /#define __BPF_FUNC_MAPPER\(FN\)(.*?)\n\s*\n/s.exec(text)![1]!
  return new Map([...listed.matchAll(/FN\((\w+)\)/g)].map(([, name], id) => [id, name!]))
}

/** `number → letters`. */
export const helpersByType = (source: Source): Map<number, string> => {
  const has = availability(source)
  const lettersOf = (name: string): string =>
    Object.entries(places).filter(([, place]) => has(place, name, place.attach)).map(([letter]) => letter).join('')
  return new Map([...helperNames(source)].filter(([id]) => id > 0).map(([id, name]) => [id, lettersOf(name)]))
}

const main = ([folder, other]: readonly string[]): void => {
  const source = new Source(folder!)
  const [names, letters] = [helperNames(source), helpersByType(source)]
  if (other === undefined) {
    for (const [id, programs] of letters) console.log(`${id}\t${names.get(id)}\t${programs}`)
    return
  }
  const otherSource = new Source(other)
  for (const [id, programs] of helpersByType(otherSource)) {
    const before = letters.get(id) ?? ''
    const more = [...programs].filter((letter) => !before.includes(letter)).join('')
    const less = [...before].filter((letter) => !programs.includes(letter)).join('')
    if (more !== '' || less !== '') console.log(`${id}\t${helperNames(otherSource).get(id)}\t+${more}\t-${less}`)
  }
}

if (process.argv[1] === import.meta.filename) main(process.argv.slice(2))
