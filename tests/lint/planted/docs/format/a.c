const char *x = "peluit-thing/v1\n";
