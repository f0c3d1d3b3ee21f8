/** The texts of audit records, as the kernel prints them (avc.c and services.c). */
import { permissionNames } from '../class-map.ts'

/** The parts of an AVC record. */
export interface AvcRecord {
  readonly denied: boolean
  readonly tclass: number
  /** The permissions it is about, as bits. */
  readonly audited: number
  /** ` pid=… comm=… name=…`: the task and the object, as core's `LsmAudit.common` gives them. */
  readonly common: string
  readonly scontext: string
  readonly tcontext: string
  readonly tclassName: string
  /** For refusals only: allowed all the same. */
  readonly permissive: boolean
  /** Stored contexts that the policy does not know: the texts, made safe; null of valid ones. */
  readonly srawcon: string | null
  readonly trawcon: string | null
}

/** `avc:  denied  { read } for  pid=…`: what stands behind `msg=audit(…): `. */
export const avcText = (record: AvcRecord): string => {
  const { denied, tclass, audited, common, scontext, tcontext, tclassName, permissive, srawcon, trawcon } = record
  const head = `avc:  ${denied ? 'denied' : 'granted'} ${permissionText(tclass, audited)} for ${common}`
  const contexts = ` scontext=${scontext} tcontext=${tcontext} tclass=${tclassName}`
  const mode = denied ? ` permissive=${permissive ? 1 : 0}` : ''
  return `${head}${contexts}${mode}${rawText('srawcon', srawcon)}${rawText('trawcon', trawcon)}`
}

/** As `avc_dump_av`. */
const permissionText = (tclass: number, av: number): string =>
  av === 0 ? ' null' : ` { ${permissionNames(tclass, av).join(' ')} }`

const rawText = (name: string, context: string | null): string => (context === null ? '' : ` ${name}=${context}`)
