// What a power cut would lose: bytes that no fsync saw to the disk, and changes of names in folders not synced since.

#include "disk.h"

#define MOST_CHANGES 4096

struct range { off_t start; size_t count; struct range *next; };
struct file { dev_t device; ino_t inode; int descriptor; struct range *unsynced; };
static struct file files[MOST_FILES];
static int file_count;

// A change of names: `new` came to be, from `old` where it was renamed; what it replaced or removed is `kept`.
struct change { enum change_kind what; char *old, *new, *kept; };
static struct change changes[MOST_CHANGES];
static int change_count;

static struct file *file_of(int descriptor) {
    struct stat info;
    if (fstat(descriptor, &info)) return NULL;
    for (int i = 0; i < file_count; i++)
        if (files[i].inode == info.st_ino && files[i].device == info.st_dev) return &files[i];
    if (file_count == MOST_FILES) abort();
    // A descriptor of our own: the program may close its before the power goes.
    files[file_count] = (struct file){info.st_dev, info.st_ino, fcntl(descriptor, F_DUPFD_CLOEXEC, MOST_FILES), NULL};
    return &files[file_count++];
}

void note_write(int descriptor, off_t start, ssize_t count) {
    struct file *file = may_lose() && count > 0 ? file_of(descriptor) : NULL;
    if (!file) return;
    struct range *range = malloc(sizeof *range);
    *range = (struct range){start, (size_t)count, file->unsynced};
    file->unsynced = range;
}

static char *folder_of(const char *path) {
    char *copy = strdup(path), *slash = strrchr(copy, '/');
    if (slash) *slash = 0;
    return copy;
}

static int lies_in(const char *path, const char *parent) {
    char *own = folder_of(path);
    int result = !strcmp(own, parent);
    free(own);
    return result;
}

// Gives a path another beginning, where it has that one.
static char *moved(char *path, const char *from, const char *to) {
    size_t length = strlen(from);
    if (!path || strncmp(path, from, length) || (path[length] && path[length] != '/')) return path;
    char *result = NULL;
    return asprintf(&result, "%s%s", to, path + length) < 0 ? path : result;
}

// A change of names that is on the disk now: what changed in a folder before it moved has moved with it.
static void settle(int number) {
    struct change *change = &changes[number];
    if (change->what != MOVED && change->what != EXCHANGED) return;
    for (int i = 0; i < number; i++) {
        char *before = changes[i].new;
        changes[i].new = moved(before, change->old, change->new);
        changes[i].old = moved(changes[i].old, change->old, change->new);
        if (change->what != EXCHANGED || changes[i].new != before) continue;
        changes[i].new = moved(before, change->new, change->old);
    }
}

void note_sync(int descriptor, const char *path) {
    if (!may_lose()) return;
    struct file *file = file_of(descriptor);
    if (file) file->unsynced = NULL;
    struct stat info;
    if (fstat(descriptor, &info) || !S_ISDIR(info.st_mode)) return;
    for (int i = 0; i < change_count; i++)
        if (changes[i].new && lies_in(changes[i].new, path)) {
            settle(i);
            changes[i].new = NULL;
        }
}

void note_change(enum change_kind what, const char *old, const char *new, char *kept) {
    if (!may_lose()) return;
    if (change_count == MOST_CHANGES) abort();
    changes[change_count++] = (struct change){what, old ? strdup(old) : NULL, strdup(new), kept};
}

// A second name, outside of the folder, for a file that is about to lose its own.
char *keep(const char *path) {
    static int number;
    struct stat info;
    if (!may_lose() || lstat(path, &info) || !S_ISREG(info.st_mode)) return NULL;
    char *name = NULL;
    if (asprintf(&name, "%s.kept.%d", folder, number++) < 0) return NULL;
    return syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, name, 0) ? NULL : name;
}

// Turns what a file has not synced into rubbish: all of it, or some.
static void rot(struct file *file, int some) {
    for (struct range *range = file->unsynced; range; range = range->next) {
        if (some && next_random() % 2) continue;
        char *rubbish = malloc(range->count);
        memset(rubbish, 0xDB, range->count);
        if (syscall(SYS_pwrite64, file->descriptor, rubbish, range->count, range->start) < 0) abort();
        free(rubbish);
    }
    file->unsynced = NULL;
}

// What a write-back that failed leaves behind.
void lose_bytes(int descriptor) {
    struct file *file = may_lose() ? file_of(descriptor) : NULL;
    if (file) rot(file, 0);
}

static void put(const char *old, const char *new, unsigned flags) {
    syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, flags);
}

void lose(uint64_t seed) {
    for (int i = 0; i < file_count; i++) rot(&files[i], seed != 0);
    int unsynced = 0;
    for (int i = 0; i < change_count; i++) unsynced += changes[i].new != NULL;
    int lost = seed && unsynced ? (int)(next_random() % (uint64_t)(unsynced + 1)) : unsynced;
    for (int i = change_count - 1; i >= 0 && lost > 0; i--) {
        struct change *change = &changes[i];
        if (!change->new) continue;
        lost--;
        switch (change->what) {
        case CREATED:
            if (!syscall(SYS_unlinkat, AT_FDCWD, change->new, 0)) break;
            syscall(SYS_unlinkat, AT_FDCWD, change->new, AT_REMOVEDIR);
            break;
        case MOVED:
            put(change->new, change->old, 0);
            if (change->kept) put(change->kept, change->new, 0);
            break;
        case EXCHANGED: put(change->new, change->old, RENAME_EXCHANGE); break;
        case FOLDER_REMOVED: syscall(SYS_mkdirat, AT_FDCWD, change->new, 0755); break;
        case REMOVED:
            if (change->kept) put(change->kept, change->new, 0);
            break;
        }
    }
}
