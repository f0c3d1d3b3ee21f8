/** The help of `--local`, which several commands have. The reader of the files is loaded when it is needed. */

export const LOCAL_TEXT = 'changes of semanage: text of its export, a .local file, or a store (may be repeated)'

/** Of commands that compare two policies. */
export const LOCAL_BOTH_TEXT = `in both policies: ${LOCAL_TEXT}`
export const LOCAL_AFTER_TEXT = 'the same in the second policy alone (may be repeated)'
