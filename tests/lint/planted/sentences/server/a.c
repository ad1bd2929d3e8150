const char *code = "busy";
