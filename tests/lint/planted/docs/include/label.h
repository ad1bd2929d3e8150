#define LABEL_A "peluit/known/v1"
#define LABEL_B "peluit/unknown/v1"
