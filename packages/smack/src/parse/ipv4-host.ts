/** A line of netlabel: `10.0.0.0/8 Label`, `10.1.1.1 Label`, `10.2.0.0/16 -CIPSO` (smk_write_net4addr). */
import { EINVAL, PAGE_SIZE } from '@lsmkit/abi'
import type { Label } from '../label.ts'
import type { Policy } from '../policy.ts'
import { cString } from './bytes.ts'
import { sscanf } from './sscanf.ts'

/** The shortest line is `1.2.3.4 X`. */
export const SMK_NETLBLADDRMIN = 9

/** The label of a host line, 0 for the option the file knows; any other option is -EINVAL. */
export const hostLabel = ({ labels }: Policy, text: string, option: string): Label => {
  if (text.startsWith('-')) return text === option ? 0 : -EINVAL
  return labels.import(text)
}

/** The count, or -errno. Numbers of an address wrap at 256, as the kernel reads them into bytes. */
export const writeIpv4Host = (policy: Policy, data: string): number => {
  if (data.length < SMK_NETLBLADDRMIN || data.length > PAGE_SIZE - 1) return -EINVAL
  const line = cString(data)
  let fields = sscanf(line, '%hhd.%hhd.%hhd.%hhd/%u %s')
  if (fields.length !== 6) {
    const [a = 0, b = 0, c = 0, d = 0, ...label] = sscanf(line, '%hhd.%hhd.%hhd.%hhd %s')
    if (label.length === 0) return -EINVAL
    fields = [a, b, c, d, 32, ...label]
  }
  const [a, b, c, d, prefix] = fields as readonly number[]
  if (prefix! >>> 0 > 32) return -EINVAL
  const label = hostLabel(policy, String(fields[5]), '-CIPSO')
  if (label < 0) return label
  const address = [a!, b!, c!, d!].reduce((sum, byte) => sum * 256 + (byte & 0xff), 0)
  policy.ipv4Hosts.set(address, prefix!, label)
  return data.length
}
