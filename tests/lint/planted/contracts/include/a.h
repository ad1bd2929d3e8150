/* good_thing(x): what it does. */
int good_thing(int x);
int good_more(int x);

int bad_thing(int x);

static inline int
own(int x)
{
	return x;
}
