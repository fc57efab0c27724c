# make          t5peft and t5peft-convert
# make test     everything that needs only cc and make
# make matrix   every target whose compiler is installed: builds, tests, losses
# make parity   the numbers against transformers, peft, sentencepiece and rouge_score
# make demo     original, full tuning, LoRA and a soft prompt side by side, in less than a minute
# make web      demo/web/index.html, the demo as a page; wants emscripten
# make fuzz     every reader under libFuzzer (clang), SECONDS=60 each
# make torture  every fault and kill that make test takes some of, and large inputs, under the sanitizers: an hour
# make cuda-test t5peft.cu beside the CPU: on the CPU too, by headers that stand in for CUDA (c++); with CUDA=1 on the card
# make coverage which lines the tests run (gcov)
# make test-web that page in headless Chromium (Python 3's standard library)
# make lib      libt5peft.a, libt5peft.so (macOS: .dylib) and t5peft.pc
# make install  PREFIX=/usr/local DESTDIR=    the programs, the library, the demo
# OPENMP=1      threads by OpenMP instead of the program's own
# CUDA=1        t5peft with --device cuda (NVCC: nvcc; CUDA_HOME: where the toolkit's libraries are)
# MPI=1         t5peft for mpirun: several processes, also on several machines, share a command's work (MPICC: mpicc)

CC ?= cc
CFLAGS ?= -O2 -pthread
PREFIX ?= /usr/local
OPENMP =
OPENMP_1 = -fopenmp
MPI =
MPICC ?= mpicc
MPI_1 = -DT5PEFT_MPI
CUDA =
NVCC ?= nvcc
CUDA_HOME ?= /usr/local/cuda
CUDA_CARDS ?= 75 80 86 89 90 100
CUDA_1 = -DT5PEFT_CUDA
CUDA_OBJECT_1 = t5peft_cu.o
CUDA_LIBS_1 = t5peft_cu.o -L$(CUDA_HOME)/lib64 -lcudart -lcublasLt
COMPILER_ = $(CC)
COMPILER_1 = $(MPICC)
WARNINGS = -std=c11 -Wall -Wextra -pedantic $(OPENMP_$(OPENMP))

all: t5peft t5peft-convert

t5peft: t5peft.c t5peft.h $(CUDA_OBJECT_$(CUDA))
	$(COMPILER_$(MPI)) $(WARNINGS) $(MPI_$(MPI)) $(CUDA_$(CUDA)) $(CFLAGS) $(LDFLAGS) t5peft.c $(CUDA_LIBS_$(CUDA)) -lm -o $@

# For each card its code, for newer ones what the driver compiles. Without what would want the C++ library.
t5peft_cu.o: t5peft.cu t5peft.c
	$(NVCC) -O2 --threads 0 $$(for card in $(CUDA_CARDS); do echo "-gencode arch=compute_$$card,code=[sm_$$card,compute_$$card]"; done) \
		-Xcompiler -Wall,-Wextra,-fno-exceptions,-fno-threadsafe-statics -Werror all-warnings -c t5peft.cu -o $@

t5peft-convert: convert/convert.c t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) convert/convert.c -lm -o $@

# The library. t5peft_options grows with the options, so that only versions with the same first two numbers stand for each other.
SONAME = libt5peft.so.$$(sed -n 's/.*T5PEFT_VERSION "\(.*\)\..*"/\1/p' t5peft.h)
SHARED = $$(if [ "$$(uname -s)" = Darwin ]; then echo libt5peft.dylib; else echo libt5peft.so; fi)

libt5peft.o: t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) -fPIC -DT5PEFT_NO_MAIN -c t5peft.c -o $@

libt5peft.a: libt5peft.o
	rm -f $@
	$(AR) rcs $@ libt5peft.o

libt5peft.so: libt5peft.o
	$(CC) -shared -Wl,-soname,$(SONAME) $(CFLAGS) $(LDFLAGS) libt5peft.o -lm -o $@

libt5peft.dylib: libt5peft.o
	$(CC) -dynamiclib -install_name "$(PREFIX)/lib/$@" $(CFLAGS) $(LDFLAGS) libt5peft.o -lm -o $@

lib: libt5peft.a
	@$(MAKE) $(SHARED)

# One set of kernels in it passes vectors that are wider than the processor's, which gcc would remark on.
tests/test: tests/*.c tests/*.h tests/fuzz/fuzz.c t5peft.c t5peft.h
	$(CC) $(WARNINGS) -Wno-psabi $(CFLAGS) $(LDFLAGS) tests/test.c -lm -o $@

# Unoptimized, for what they spend is the compiler's time.
tests/faults: tests/faults.c t5peft.c t5peft.h
	$(CC) $(WARNINGS) -Wno-psabi $(CFLAGS) -O1 $(LDFLAGS) tests/faults.c -lm -o $@

tests/faults-convert: tests/faults.c tests/fuzz/fuzz.c t5peft.c t5peft.h convert/convert.c
	$(CC) $(WARNINGS) -Wno-psabi $(CFLAGS) -O1 -DCONVERT $(LDFLAGS) tests/faults.c -lm -o $@

test: t5peft t5peft-convert tests/test tests/faults tests/faults-convert
	@CC="$(CC)" sh tests/run.sh

tests/dump: tests/dump.c tests/oracle.h t5peft.c t5peft.h
	$(CC) $(WARNINGS) $(CFLAGS) $(LDFLAGS) tests/dump.c -lm -o $@

# Against transformers, peft, sentencepiece and rouge_score; wants Python 3.11 or later. QUICK=--quick takes a few minutes.
parity: t5peft t5peft-convert tests/dump
	sh tests/parity_setup.sh .parity-venv
	.parity-venv/bin/python tests/parity.py $(QUICK)
	.parity-venv/bin/python tests/convert_roundtrip.py ./t5peft-convert tests/fixtures/convert

# What is fuzzed is fast enough without the wide kernels' optimization, and its compiler is done sooner.
FUZZ = clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined -Wno-psabi -Wno-macro-redefined
SECONDS = 60

tests/fuzz/fuzz: tests/fuzz/fuzz.c tests/fuzz/mutate.c t5peft.c t5peft.h
	$(FUZZ) tests/fuzz/fuzz.c -lm -o $@

tests/fuzz/fuzz-convert: tests/fuzz/fuzz.c tests/fuzz/mutate.c t5peft.c t5peft.h convert/convert.c
	$(FUZZ) -DCONVERT tests/fuzz/fuzz.c -lm -o $@

fuzz: tests/fuzz/fuzz tests/fuzz/fuzz-convert
	sh tests/fuzz/run.sh $(SECONDS) $(READERS)

cuda-test:
	CC="$(CC)" CXX="$(CXX)" CUDA="$(CUDA)" NVCC="$(NVCC)" CUDA_HOME="$(CUDA_HOME)" sh tests/cuda.sh

torture: t5peft
	sh tests/torture.sh

coverage:
	sh tests/coverage.sh

# Words choose targets: make matrix TARGETS="gcc s390x"
matrix:
	@sh tests/matrix.sh $(TARGETS)

demo: t5peft
	@sh demo/demo.sh

# WebAssembly, model and dialogues in one file, which defines one function: the worker (page.js says why). Linked with -O1, as more
# wants acorn and saves nothing here; the stack is named as old and new emscriptens know it.
demo/web/t5peft.js: demo/web/web.c demo/web/worker.js t5peft.c t5peft.h demo/model/* demo/dialogues/*
	@command -v emcc > /dev/null || { echo "make web wants emscripten: apt-get install emscripten, or https://emscripten.org" >&2; exit 1; }
	emcc -O2 -msimd128 -Wall -Wextra -Werror=incompatible-pointer-types -c demo/web/web.c -o demo/web/web.o
	emcc -O1 demo/web/web.o -sSINGLE_FILE -sENVIRONMENT=worker -sALLOW_MEMORY_GROWTH -sTOTAL_STACK=1MB \
		-sEXPORTED_RUNTIME_METHODS=ccall,FS --embed-file demo/model --embed-file demo/dialogues -o demo/web/build.js
	{ echo 'function t5peft() {'; cat demo/web/worker.js demo/web/build.js; echo '}'; } > $@
	rm -f demo/web/web.o demo/web/build.js

web: demo/web/t5peft.js

test-web: t5peft
	python3 tests/web.py

install: all lib
	mkdir -p "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/share/man/man1" "$(DESTDIR)$(PREFIX)/include" "$(DESTDIR)$(PREFIX)/lib/pkgconfig"
	cp t5peft t5peft-convert "$(DESTDIR)$(PREFIX)/bin"
	cp t5peft.h "$(DESTDIR)$(PREFIX)/include"
	cp libt5peft.a $(SHARED) "$(DESTDIR)$(PREFIX)/lib"
	if [ -f libt5peft.so ]; then name=$(SONAME) && cd "$(DESTDIR)$(PREFIX)/lib" && mv libt5peft.so "$$name" && ln -s "$$name" libt5peft.so; fi
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: t5peft' 'Description: tune FLAN-T5 with LoRA, soft prompts or every weight' \
		"Version: $$(sed -n 's/.*T5PEFT_VERSION "\(.*\)"/\1/p' t5peft.h)" 'Cflags: -I$${prefix}/include' \
		'Libs: -L$${prefix}/lib -lt5peft' 'Libs.private: -lm -pthread' > "$(DESTDIR)$(PREFIX)/lib/pkgconfig/t5peft.pc"
	cp t5peft.1 "$(DESTDIR)$(PREFIX)/share/man/man1"
	if [ -d demo/model ]; then mkdir -p "$(DESTDIR)$(PREFIX)/share/t5peft" && \
		cp -R demo/model demo/dialogues "$(DESTDIR)$(PREFIX)/share/t5peft"; fi
	if [ -f demo/web/t5peft.js ]; then mkdir -p "$(DESTDIR)$(PREFIX)/share/t5peft/web" && \
		cp demo/web/*.html demo/web/*.css demo/web/page.js demo/web/t5peft.js "$(DESTDIR)$(PREFIX)/share/t5peft/web"; fi

uninstall:
	rm -f "$(DESTDIR)$(PREFIX)/bin/t5peft" "$(DESTDIR)$(PREFIX)/bin/t5peft-convert" "$(DESTDIR)$(PREFIX)/share/man/man1/t5peft.1"
	rm -f "$(DESTDIR)$(PREFIX)/include/t5peft.h" "$(DESTDIR)$(PREFIX)/lib/pkgconfig/t5peft.pc"
	rm -f "$(DESTDIR)$(PREFIX)/lib/"libt5peft.*
	rm -rf "$(DESTDIR)$(PREFIX)/share/t5peft"

clean:
	rm -f t5peft t5peft-convert libt5peft.* tests/test tests/dump tests/faults tests/faults-convert tests/fuzz/fuzz tests/fuzz/fuzz-convert
	rm -f demo/web/t5peft.js demo/web/web.o demo/web/build.js

.PHONY: all lib test test-web matrix fuzz torture coverage parity demo web install uninstall clean
