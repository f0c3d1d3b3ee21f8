/** Builders and matchers for testing a Linux Security Module without a kernel. */
export {}
