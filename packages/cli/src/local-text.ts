/** The help of `--local`, which several commands have. The reader of the files is loaded when it is needed. */

export const LOCAL_TEXT = 'changes of semanage: text of its export, a .local file, or a store (may be repeated)'
