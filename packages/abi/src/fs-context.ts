/** The purpose and the phase of a `fs_context`, and the kinds of a mount parameter. */

// fc->purpose
export const FS_CONTEXT_FOR_MOUNT = 0
export const FS_CONTEXT_FOR_SUBMOUNT = 1
export const FS_CONTEXT_FOR_RECONFIGURE = 2

// fc->phase
export const FS_CONTEXT_CREATE_PARAMS = 0
export const FS_CONTEXT_CREATING = 1
export const FS_CONTEXT_AWAITING_MOUNT = 2
export const FS_CONTEXT_AWAITING_RECONF = 3
export const FS_CONTEXT_RECONF_PARAMS = 4
export const FS_CONTEXT_RECONFIGURING = 5
export const FS_CONTEXT_FAILED = 6

// param->type
export const fs_value_is_undefined = 0
export const fs_value_is_flag = 1
export const fs_value_is_string = 2
export const fs_value_is_blob = 3
export const fs_value_is_filename = 4
export const fs_value_is_file = 5
