/** The Smack LSM: labels, rules, access decisions and smackfs. */
export {}
