/* one call that has its reason here */
const char *x = getenv("CREDENTIALS_DIRECTORY");
