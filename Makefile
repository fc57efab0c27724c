# make          t5peft and t5peft-convert
# make test     everything that needs only cc and make
# make install  PREFIX=/usr/local DESTDIR=

CC ?= cc
CFLAGS ?= -O2 -pthread
PREFIX ?= /usr/local
WARNINGS = -std=c11 -Wall -Wextra -pedantic

all: t5peft t5peft-convert

t5peft: t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) t5peft.c -lm -o $@

t5peft-convert: convert/convert.c t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) convert/convert.c -lm -o $@

tests/test: tests/*.c tests/*.h t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) tests/test.c -lm -o $@

test: t5peft t5peft-convert tests/test
	@CC="$(CC)" sh tests/run.sh

clean:
	rm -f t5peft t5peft-convert tests/test

.PHONY: all test clean
