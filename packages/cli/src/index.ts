/** The `lsm` command: composes, explains and replays stacks of Linux Security Modules. */
export {}
