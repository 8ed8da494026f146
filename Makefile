# d2db: a database workstation for the terminal.
#
#   make            the release build: build/d2db
#   make run        install what is missing (apt), build, open the workstation
#   make check      install what is missing for the tests, build, run them all      [T=word: only those named so]
#   make lint       warnings as errors with gcc and clang, format, cppcheck, layers, budgets, names
#   make debug | asan | ubsan | tsan      the same program in build/MODE/; `make check MODE=asan` tests it
#   make bench      the measured comparison with SQLite
#   make fuzz FUZZ=name SECONDS=60        one libFuzzer target
#   make install PREFIX=/usr/local        program, themes and man page
#   make format | clean | help            V=1 shows the commands
#
# One file, no recursion: every object of a mode lives under build/MODE, so switching modes rebuilds nothing twice.

MODE   ?= release
Q      := $(if $(V),,@)
CC     ?= cc
PREFIX ?= /usr/local
VERSION := 0.1.0
B      := build/$(MODE)

PKGS       := ncursesw panelw libssl libcrypto yaml-0.1 libutf8proc libpcre2-8
TEST_PKGS  := cmocka vterm libpq
BENCH_PKGS := sqlite3

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wpointer-arith -Werror
OPT_release := -O2 -g1 -fno-plt -D_FORTIFY_SOURCE=2
OPT_debug   := -O0 -g3
OPT_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
OPT_ubsan   := -O1 -g -fsanitize=undefined -fno-sanitize-recover=undefined
OPT_tsan    := -O1 -g -fsanitize=thread
OPT_fuzz    := -O1 -g -fsanitize=address,undefined,fuzzer-no-link -fno-omit-frame-pointer
ifeq ($(OPT_$(MODE)),)
$(error MODE=$(MODE) is not one of: release debug asan ubsan tsan fuzz)
endif
ifeq ($(MODE),fuzz)
CC := clang
endif

PKG_CFLAGS := $(shell pkg-config --silence-errors --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --silence-errors --libs $(PKGS) 2>/dev/null)
CPPFLAGS   += -I. -D_GNU_SOURCE $(PKG_CFLAGS) -DD2DB_PREFIX='"$(PREFIX)"' -DD2DB_VERSION='"$(VERSION)"'
CFLAGS     += -std=c17 -pthread -fstack-protector-strong $(WARN) $(OPT_$(MODE))
LDFLAGS    += -pthread -Wl,-z,relro,-z,now $(filter -fsanitize%,$(OPT_$(MODE)))
LDLIBS     += $(PKG_LIBS) -lm

ROOMS     := engine net export analytics tui
MAIN_SRC  := tui/main.c
LIB_SRC   := $(filter-out $(MAIN_SRC),$(shell find $(ROOMS) -name '*.c' | LC_ALL=C sort))
LIB_OBJ   := $(LIB_SRC:%.c=$(B)/%.o)
TEST_SRC  := $(shell find tests/unit tests/crash tests/tui tests/net -name 'test_*.c' 2>/dev/null | LC_ALL=C sort)
TEST_BIN  := $(TEST_SRC:%.c=$(B)/%)
TOOL_SRC  := $(shell find tests/tools tests/crash -name 'tool_*.c' 2>/dev/null | LC_ALL=C sort)
TOOL_BIN  := $(TOOL_SRC:%.c=$(B)/%)
KIT_SRC   := $(shell find tests -name 'kit_*.c' 2>/dev/null | LC_ALL=C sort)
KIT_OBJ   := $(KIT_SRC:%.c=$(B)/%.o)
BENCH_SRC := $(shell find tests/bench -name 'bench_*.c' 2>/dev/null | LC_ALL=C sort)
BENCH_BIN := $(BENCH_SRC:%.c=$(B)/%)
FUZZ_SRC  := $(shell find tests/fuzz -name 'fuzz_*.c' 2>/dev/null | LC_ALL=C sort)
SQL_DATA  := $(shell find tui/samples -name '*.sql' 2>/dev/null | LC_ALL=C sort)

.DELETE_ON_ERROR:
.SECONDARY: $(KIT_OBJ)
.PHONY: all build deps deps-check run check check-full check-corpora lint debug asan ubsan tsan bench fuzz install format clean help tools tests
.DEFAULT_GOAL := all

# build/d2db is always the mode that was asked for last.
all: $(B)/d2db
	@ln -f $< build/d2db 2>/dev/null || cp -f $< build/d2db

$(B)/d2db: $(B)/$(MAIN_SRC:.c=.o) $(B)/libd2db.a
	@echo "  link $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libd2db.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  cc   $<"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Sample scripts are data inside the program (.incbin), so the objects follow them.
$(B)/tui/samples.o: $(SQL_DATA)
$(B)/tui/core/theme_builtin.o: $(wildcard themes/*.yaml)

$(B)/tests/%: tests/%.c $(KIT_OBJ) $(B)/libd2db.a Makefile
	@mkdir -p $(@D)
	@echo "  test $<"
	$(Q)$(CC) $(CPPFLAGS) $(shell pkg-config --cflags $(TEST_PKGS) $(BENCH_PKGS)) $(CFLAGS) -MMD -MP -MT $@ -MF $@.d $(LDFLAGS) \
	    -o $@ $< $(KIT_OBJ) $(B)/libd2db.a $(shell pkg-config --libs $(TEST_PKGS) $(BENCH_PKGS)) $(LDLIBS)

tools: $(TOOL_BIN)
tests: $(TEST_BIN) $(TOOL_BIN)

deps:
	@sh tests/tools/deps.sh run
deps-check:
	@sh tests/tools/deps.sh check

run:
	@sh tests/tools/deps.sh run
	@$(MAKE) --no-print-directory all
	@build/d2db

check:
	@sh tests/tools/deps.sh check
	@$(MAKE) --no-print-directory all tests
	@MODE=$(MODE) sh tests/tools/run_tests.sh $(T)

check-full: export D2DB_FULL = 1
check-full: check

# Foreign scripts, which the project does not hold: CORPORA=DIR. Files that tests/corpora.txt names must be whole.
CORPORA ?= ../shared/corpora/slt
check-corpora:
	@$(MAKE) --no-print-directory $(B)/tests/tools/tool_sqltest
	@MODE=$(MODE) sh tests/tools/corpora.sh $(CORPORA) tests/corpora.txt

debug asan ubsan tsan:
	@$(MAKE) --no-print-directory MODE=$@ all

bench:
	@sh tests/tools/deps.sh check
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory $(BENCH_BIN)
	@sh tests/bench/run.sh

SECONDS ?= 60
fuzz:
	@sh tests/tools/fuzz.sh $(FUZZ) $(SECONDS)

lint:
	@sh tests/tools/deps.sh check
	@sh tests/tools/lint.sh

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/d2db/themes $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(B)/d2db $(DESTDIR)$(PREFIX)/bin/d2db
	install -m 644 themes/*.yaml $(DESTDIR)$(PREFIX)/share/d2db/themes/
	install -m 644 tui/d2db.1 $(DESTDIR)$(PREFIX)/share/man/man1/

clean:
	rm -rf build

help:
	@sed -n '/^#   /s/^#   //p' Makefile

-include $(LIB_OBJ:.o=.d) $(B)/$(MAIN_SRC:.c=.d) $(KIT_OBJ:.o=.d) $(TEST_BIN:%=%.d) $(TOOL_BIN:%=%.d) $(BENCH_BIN:%=%.d)
