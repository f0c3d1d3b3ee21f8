/** The differences between two policies, as a reviewer reads them; every module describes its own in this shape. */
export interface PolicyChange {
  /** More is permitted, less is, or neither can be said. */
  readonly effect: 'more' | 'less' | 'other'
  /** The subject of the change: `access`, `domains`, `labels` …; changes of one subject stand together. */
  readonly subject: string
  /** A sentence without its full stop: "httpd_t may now write user_home_t files". */
  readonly words: string
  /** The rules behind it, in the syntax of the policy. */
  readonly because: readonly string[]
}
