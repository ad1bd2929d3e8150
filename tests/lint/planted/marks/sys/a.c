/* TODO: everything */
/* mkdtemp("/tmp/x.XXXXXX") */
