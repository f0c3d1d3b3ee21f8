/** Policy binaries written, as apparmor_parser does it: `readPolicy` and a kernel read them. */
import { ByteSink } from './byte-sink.ts'
import type { PolicyBinary } from './policy.ts'
import { writeProfile } from './write-profile.ts'

/** One stream. Throws ApparmorError `not-expressible` where a name or a table is longer than its length can say. */
export const writePolicy = ({ version, namespace, profiles }: PolicyBinary): Uint8Array => {
  const sink = new ByteSink()
  for (const profile of profiles) {
    sink.alignFromHere()
    sink.u32(version, 'version')
    // the parser says it for all but hats and children, a kernel takes the first one
    if (namespace !== null && !profile.name.includes('//')) sink.string(namespace, 'namespace')
    writeProfile(sink, profile)
  }
  return sink.take()
}
