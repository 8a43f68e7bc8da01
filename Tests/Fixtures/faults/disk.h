// What the parts of the failing disk share; see disk.c.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MOST_FILES 1024

// disk.c: what was asked for, which calls count, and what happens at one.

enum verdict { GO_ON, FAIL, CUT_SHORT };

extern const char *folder;

int counts(const char *path);
int may_lose(void);
uint64_t next_random(void);
enum verdict arrive(void);
void tell(const char *call, long result, const char *path, const char *more);
void begin_call(void);
void end_call(void);

// power.c: what a power cut would lose. Calls are noted after they went well.

enum change_kind { CREATED, MOVED, EXCHANGED, REMOVED, FOLDER_REMOVED };

void note_write(int descriptor, off_t start, ssize_t count);
void note_sync(int descriptor, const char *path);
void note_change(enum change_kind kind, const char *old, const char *new, char *kept);
char *keep(const char *path);
void lose_bytes(int descriptor);
void lose(uint64_t seed);
