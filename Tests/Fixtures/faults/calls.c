// The calls that the failing disk stands before.

#include "disk.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <sys/ioctl.h>

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

static char *paths[MOST_FILES];  // by descriptor; NULL for files that do not count

static const char *path_of(int descriptor) {
    return descriptor >= 0 && descriptor < MOST_FILES ? paths[descriptor] : NULL;
}

// Performs a call on a path that counts, under the lock, so that numbers and trace are in the order of what happened.
#define CALL(type, name, path, more, perform, done)                                                                   \
    enum verdict verdict = GO_ON;                                                                                     \
    if (!counts(path)) return perform;                                                                                \
    begin_call();                                                                                                     \
    verdict = arrive();                                                                                               \
    type result = verdict == FAIL ? -1 : perform;                                                                     \
    if (result >= 0) { done; }                                                                                        \
    tell(name, (long)result, path, more);                                                                             \
    end_call();                                                                                                       \
    return result

#define SHORTER(count) (verdict == CUT_SHORT && (count) > 1 ? (count) / 3 + 1 : (count))

#define TEXT(...)                                                                                                     \
    char text[128];                                                                                                   \
    snprintf(text, sizeof text, __VA_ARGS__)

// MARK: - Opening

static int open_at(const char *name, const char *path, int flags, mode_t mode) {
    int (*really)(const char *, int, ...) = (int (*)(const char *, int, ...))real(name);
    struct stat info;
    int is_new = (flags & O_CREAT) && lstat(path, &info);
    const char *more = flags & O_CREAT ? "create" : (flags & O_ACCMODE) == O_RDONLY ? "read" : "write";
    CALL(int, "open", path, more, really(path, flags, mode), {
        if (result < MOST_FILES) paths[result] = strdup(path);
        if (is_new) note_change(CREATED, NULL, path, NULL);
    });
}

#define OPEN(name)                                                                                                    \
    int name(const char *path, int flags, ...) {                                                                      \
        va_list rest;                                                                                                 \
        va_start(rest, flags);                                                                                        \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                                     \
        va_end(rest);                                                                                                 \
        return open_at(#name, path, flags, mode);                                                                     \
    }
OPEN(open)
OPEN(open64)

int close(int descriptor) {
    if (descriptor >= 0 && descriptor < MOST_FILES) paths[descriptor] = NULL;
    return ((int (*)(int))real("close"))(descriptor);
}

// MARK: - Bytes

static ssize_t read_at(int descriptor, void *bytes, size_t count, off_t offset) {
    TEXT("%ld+%zu", (long)offset, count);
    CALL(ssize_t, "read", path_of(descriptor), text,
         syscall(SYS_pread64, descriptor, bytes, SHORTER(count), offset), {});
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
    return read_at(descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off_t offset) {
    return read_at(descriptor, bytes, count, offset);
}

static ssize_t write_at(int descriptor, const void *bytes, size_t count, off_t offset) {
    TEXT("%ld+%zu", (long)offset, count);
    CALL(ssize_t, "write", path_of(descriptor), text, syscall(SYS_pwrite64, descriptor, bytes, SHORTER(count), offset),
         note_write(descriptor, offset, result));
}
ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return write_at(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
    return write_at(descriptor, bytes, count, offset);
}

ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *offset, size_t count, unsigned flags) {
    off64_t place = offset ? *offset : 0;
    TEXT("%ld+%zu", (long)place, count);
    CALL(ssize_t, "copy", path_of(to), text,
         syscall(SYS_copy_file_range, from, start, to, offset, SHORTER(count), flags), note_write(to, place, result));
}

int ioctl(int descriptor, unsigned long request, ...) {
    va_list rest;
    va_start(rest, request);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (request != FICLONERANGE) return (int)syscall(SYS_ioctl, descriptor, request, argument);
    struct file_clone_range range = *(struct file_clone_range *)argument;
    TEXT("%llu+%llu", (unsigned long long)range.dest_offset, (unsigned long long)range.src_length);
    CALL(int, "clone", path_of(descriptor), text, (int)syscall(SYS_ioctl, descriptor, request, argument),
         note_write(descriptor, (off_t)range.dest_offset, (ssize_t)range.src_length));
}

static int allocate(int descriptor, int mode, off_t offset, off_t length) {
    TEXT("%ld+%ld", (long)offset, (long)length);
    CALL(int, "allocate", path_of(descriptor), text,
         (int)syscall(SYS_fallocate, descriptor, mode, offset, length), {});
}
int fallocate(int descriptor, int mode, off_t offset, off_t length) {
    return allocate(descriptor, mode, offset, length);
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
    return allocate(descriptor, mode, offset, length);
}

static int truncate_to(int descriptor, off_t length) {
    TEXT("%ld", (long)length);
    CALL(int, "truncate", path_of(descriptor), text, (int)syscall(SYS_ftruncate, descriptor, length), {});
}
int ftruncate(int descriptor, off_t length) { return truncate_to(descriptor, length); }
int ftruncate64(int descriptor, off64_t length) { return truncate_to(descriptor, length); }

// MARK: - To the disk

static int sync_with(const char *call, int descriptor, long number, off_t offset, off_t count, unsigned flags) {
    TEXT("%ld+%ld %u", (long)offset, (long)count, flags);
    const char *path = path_of(descriptor);
    if (!counts(path)) return (int)syscall(number, descriptor, offset, count, flags);
    begin_call();
    int result = arrive() == FAIL ? -1 : (int)syscall(number, descriptor, offset, count, flags);
    int error = errno;
    if (result) lose_bytes(descriptor);
    if (!result && number != SYS_sync_file_range) note_sync(descriptor, path);
    errno = error;
    tell(call, result, path, text);
    end_call();
    return result;
}
int fsync(int descriptor) { return sync_with("sync", descriptor, SYS_fsync, 0, 0, 0); }
int fdatasync(int descriptor) { return sync_with("datasync", descriptor, SYS_fdatasync, 0, 0, 0); }
int sync_file_range(int descriptor, off64_t offset, off64_t count, unsigned flags) {
    return sync_with("writeback", descriptor, SYS_sync_file_range, offset, count, flags);
}

// MARK: - Names

static int rename_with(const char *old, const char *new, unsigned flags) {
    char *kept = flags || !counts(old) ? NULL : keep(new);
    enum change_kind what = flags & RENAME_EXCHANGE ? EXCHANGED : MOVED;
    const char *call = flags & RENAME_EXCHANGE ? "exchange" : flags & RENAME_NOREPLACE ? "rename-new" : "rename";
    CALL(int, call, old, new,
         (int)syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, flags), note_change(what, old, new, kept));
}
int rename(const char *old, const char *new) { return rename_with(old, new, 0); }
int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
    (void)from, (void)to;
    return rename_with(old, new, flags);
}

int link(const char *old, const char *new) {
    CALL(int, "link", new, old, (int)syscall(SYS_linkat, AT_FDCWD, old, AT_FDCWD, new, 0),
         note_change(CREATED, NULL, new, NULL));
}
int symlink(const char *target, const char *new) {
    CALL(int, "symlink", new, target, (int)syscall(SYS_symlinkat, target, AT_FDCWD, new),
         note_change(CREATED, NULL, new, NULL));
}
int mkdir(const char *path, mode_t mode) {
    CALL(int, "mkdir", path, NULL, (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode),
         note_change(CREATED, NULL, path, NULL));
}

static int remove_with(const char *path, int flags) {
    char *kept = counts(path) ? keep(path) : NULL;
    CALL(int, "remove", path, NULL, (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags),
         note_change(flags ? FOLDER_REMOVED : REMOVED, NULL, path, kept));
}
int unlink(const char *path) { return remove_with(path, 0); }
int rmdir(const char *path) { return remove_with(path, AT_REMOVEDIR); }
int remove(const char *path) {
    struct stat info;
    return remove_with(path, !lstat(path, &info) && S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0);
}

int flock(int descriptor, int how) {
    CALL(int, "lock", path_of(descriptor), NULL, (int)syscall(SYS_flock, descriptor, how), {});
}
