#if 0
static void test_that_is_off(void) {}
#endif
