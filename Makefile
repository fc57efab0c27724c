# make          t5peft, with OpenMP where the compiler has it, and t5peft-convert
# make test     everything that needs only cc and make
# make install  PREFIX=/usr/local DESTDIR=

CC ?= cc
CFLAGS ?= -O2
PREFIX ?= /usr/local
WARNINGS = -std=c11 -Wall -Wextra -pedantic
OPENMP := $(shell echo 'int main(void) { return 0; }' > .openmp.c; $(CC) -fopenmp .openmp.c -o .openmp 2>/dev/null && echo -fopenmp; rm -f .openmp .openmp.c)

all: t5peft t5peft-convert

t5peft: t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(OPENMP) $(LDFLAGS) t5peft.c -lm -o $@

t5peft-convert: convert/convert.c t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) convert/convert.c -lm -o $@

tests/test: tests/*.c tests/*.h t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(OPENMP) $(LDFLAGS) tests/test.c -lm -o $@

test: t5peft t5peft-convert tests/test
	@CC="$(CC)" sh tests/run.sh

clean:
	rm -f t5peft t5peft-convert tests/test

.PHONY: all test clean
