// A disk that fails when it is told to: preloaded into a program, it stands before the calls that change files.
//
// Calls on paths below FAULT_FOLDER are numbered from 1. What happens at number FAULT_AT is FAULT_KIND:
//
//   kill     the process dies, as by SIGKILL
//   cut      the process dies and the power goes: what no fsync has seen to the disk is lost
//   stop     the process stops (SIGSTOP) until somebody lets it go on
//   short    the call moves fewer bytes than it was asked to
//   rot      the call fails with EIO, and what the file had not yet synced is lost, as when write-back fails
//   <errno>  the call fails with that number; with FAULT_LASTS=1 all later ones do too
//
// FAULT_TRACE names a file that gets a line for each call: number, call, what it returned, path, and what else there
// is to say. FAULT_SEED chooses how much a cut loses; 0 for everything that can be lost.
//
// A cut is modelled as file systems with a journal behave: bytes written since a file's last fsync become rubbish,
// and the youngest changes of names whose folder has not been synced since are undone, youngest first.

#include "disk.h"

#include <pthread.h>
#include <signal.h>

enum kind { NONE, KILL, CUT, STOP, SHORT, ROT, ERRNO };

const char *folder;
static size_t folder_length;
static long fault_at;
static enum kind fault_kind;
static int fault_errno;
static int fault_lasts;
static uint64_t seed;
static int trace = -1;

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static long call_number;

__attribute__((constructor)) static void begin(void) {
    folder = getenv("FAULT_FOLDER");
    folder_length = folder ? strlen(folder) : 0;
    const char *at = getenv("FAULT_AT"), *kind = getenv("FAULT_KIND"), *path = getenv("FAULT_TRACE");
    const char *lasts = getenv("FAULT_LASTS"), *chosen = getenv("FAULT_SEED");
    fault_at = at ? atol(at) : 0;
    fault_lasts = lasts && *lasts == '1';
    seed = chosen ? strtoull(chosen, NULL, 10) : 0;
    if (kind) {
        fault_kind = !strcmp(kind, "kill")    ? KILL
                     : !strcmp(kind, "cut")   ? CUT
                     : !strcmp(kind, "stop")  ? STOP
                     : !strcmp(kind, "short") ? SHORT
                     : !strcmp(kind, "rot")   ? ROT
                                              : ERRNO;
        fault_errno = fault_kind == ROT ? EIO : atoi(kind);
    }
    if (path) trace = (int)syscall(SYS_open, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

uint64_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

int may_lose(void) { return fault_kind == CUT || fault_kind == ROT; }

int counts(const char *path) {
    if (!folder || !path || strncmp(path, folder, folder_length)) return 0;
    return path[folder_length] == '/' || !path[folder_length];
}

enum verdict arrive(void) {
    call_number++;
    int is_due = call_number == fault_at || (fault_lasts && fault_at && call_number > fault_at);
    if (!is_due) return GO_ON;
    switch (fault_kind) {
    case NONE: return GO_ON;
    case CUT: lose(seed); // and then
    case KILL:
        kill(getpid(), SIGKILL);
        for (;;) pause();
    case STOP: raise(SIGSTOP); return GO_ON;
    case SHORT: return CUT_SHORT;
    case ROT:
    case ERRNO: errno = fault_errno; return FAIL;
    }
    return GO_ON;
}

void tell(const char *call, long result, const char *path, const char *more) {
    if (trace < 0) return;
    int error = errno;
    char line[8192];
    if (!more) more = "";
    int length = snprintf(line, sizeof line, "%ld\t%s\t%ld\t%s\t%s\n", call_number, call, result, path, more);
    syscall(SYS_write, trace, line, (size_t)length);
    errno = error;
}

// The lock keeps numbers and trace in the order of what happened.
void begin_call(void) { pthread_mutex_lock(&lock); }
void end_call(void) { pthread_mutex_unlock(&lock); }
