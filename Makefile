# make          t5peft, with OpenMP where the compiler has it
# make test     everything that needs only cc and make
# make install  PREFIX=/usr/local DESTDIR=

CC ?= cc
CFLAGS ?= -O2
PREFIX ?= /usr/local
WARNINGS = -std=c11 -Wall -Wextra -pedantic
OPENMP := $(shell echo 'int main(void) { return 0; }' > .openmp.c; $(CC) -fopenmp .openmp.c -o .openmp 2>/dev/null && echo -fopenmp; rm -f .openmp .openmp.c)

t5peft: t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(OPENMP) $(LDFLAGS) t5peft.c -lm -o $@

tests/test: tests/*.c tests/*.h t5peft.c t5peft.h
	$(CC) $(WARNINGS) -Wno-unused-function $(CFLAGS) $(OPENMP) $(LDFLAGS) tests/test.c -lm -o $@

test: t5peft tests/test
	@CC="$(CC)" sh tests/run.sh

clean:
	rm -f t5peft tests/test

.PHONY: test clean
