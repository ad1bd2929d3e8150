/* strcpy(in, comment) is fine, and so is "strcat(in, string)" */
static void
a(char *d, const char *s, const unsigned char *token)
{
	strcpy(d, s);
	my_strcpy(d, s);
	d = "sprintf(x)";
	printf("%d", atoi(s));
	if (memcmp(token, s, 32) == 0)
		system(s);
}
