/** A user-space kernel that calls every LSM hook. */
export {}
