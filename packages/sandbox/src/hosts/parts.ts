/** The parts of `allow.hosts` for this repository's fuzzers. */
export { addressText, isInRange, parseAddress, parseRange } from './address.ts'
export { hostName } from './host-name.ts'
export { isMistake, isPathBelow, namesHost, parseRule, plainPath } from './host-rule.ts'
export { Hosts } from './hosts.ts'
export { specialAddresses, specialOf } from './special-addresses.ts'
