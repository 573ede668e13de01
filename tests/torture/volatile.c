/* Keeps of every change to the files below a folder what a disk with a volatile cache could still lose; volatile.py
   takes it back. For one process; system calls are made directly, so nothing here comes back to itself. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SLOTS 65536
enum { WRITE = 1, TRUNCATE = 2 };
struct change {
    int64_t kind, offset, length, old, size; /* of the range, of the bytes that follow, of the file before */
};
_Static_assert(sizeof(off_t) == 8, "files larger than 2 GiB");

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder, *side;
static size_t folder_length;
static dev_t device;
static int swallows, ready;
static useconds_t slow;
static uint64_t known[SLOTS];
static char chunk[65536];

__attribute__((constructor)) static void begin(void) {
    struct stat at;
    folder = getenv("VOLATILE_FOLDER");
    side = getenv("VOLATILE_SIDE");
    if (!folder || !side || stat(side, &at)) _exit(99);
    folder_length = strlen(folder);
    device = at.st_dev;
    swallows = getenv("VOLATILE_SWALLOWS") != NULL;
    slow = getenv("VOLATILE_SLOW") ? (useconds_t)atoi(getenv("VOLATILE_SLOW")) * 1000 : 0;
    ready = 1;
}

static int open_at(int at, const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, at, path, flags, mode);
}

static void append(const char *name, const void *data, size_t size) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", side, name);
    int file = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || syscall(SYS_write, file, data, size) != (long)size) _exit(98);
    syscall(SYS_close, file);
}

/* What is done to our files in ways that are not recorded. */
static void missed(const char *what) {
    char line[64];
    append("missed", line, (size_t)snprintf(line, sizeof line, "%s\n", what));
}

static int below(const char *path) {
    size_t length = strlen(path);
    return ready && !strncmp(path, folder, folder_length) && path[folder_length] == '/' &&
           (length < 4 || strcmp(path + length - 4, "-shm"));
}

static uint64_t *slot(uint64_t inode) {
    size_t place = inode * 0x9E3779B97F4A7C15u >> 48;
    for (size_t tried = 0; tried < SLOTS; tried++, place = (place + 1) % SLOTS) {
        uint64_t found = __atomic_load_n(&known[place], __ATOMIC_ACQUIRE);
        if (!found || found == inode) return &known[place];
    }
    _exit(97);
}

static int ours(int file, struct stat *found) {
    return ready && !fstat(file, found) && S_ISREG(found->st_mode) && found->st_dev == device &&
           *slot(found->st_ino) == found->st_ino;
}

static void side_path(char *path, ino_t inode, const char *kind) {
    snprintf(path, PATH_MAX, "%s/%ju.%s", side, (uintmax_t)inode, kind);
}

/* A link of ours keeps the file, and its number, whatever becomes of its name. */
static void learn(const char *path, const struct stat *at) {
    char link[PATH_MAX];
    if (!S_ISREG(at->st_mode)) return;
    side_path(link, at->st_ino, "data");
    if (at->st_dev != device || (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, link, 0) && errno != EEXIST)) {
        missed("a file that cannot be linked");
        return;
    }
    __atomic_store_n(slot(at->st_ino), at->st_ino, __ATOMIC_RELEASE);
}

static void record(int file, const struct stat *at, int64_t kind, int64_t offset, int64_t length) {
    char path[PATH_MAX];
    int64_t end = kind == WRITE && offset + length < at->st_size ? offset + length : at->st_size;
    struct change told = {kind, offset, length, end > offset ? end - offset : 0, at->st_size};
    int source = file, readable = (fcntl(file, F_GETFL) & O_ACCMODE) == O_RDWR;
    if (!readable) {
        side_path(path, at->st_ino, "data");
        source = open_at(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    }
    side_path(path, at->st_ino, "undo");
    int undo = open_at(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int whole = source >= 0 && undo >= 0 && syscall(SYS_write, undo, &told, sizeof told) == sizeof told;
    for (int64_t done = 0; whole && done < told.old;) {
        size_t wanted = told.old - done < (int64_t)sizeof chunk ? (size_t)(told.old - done) : sizeof chunk;
        long got = syscall(SYS_pread64, source, chunk, wanted, offset + done);
        whole = got > 0 && syscall(SYS_write, undo, chunk, got) == got;
        done += got;
    }
    if (!whole) _exit(98);
    syscall(SYS_close, undo);
    if (!readable) syscall(SYS_close, source);
}

static long written(int file, int64_t offset, int64_t length, long call, const void *data, long count) {
    struct stat at;
    long done;
    int recorded = ours(file, &at), placed = offset >= 0;
    if (recorded) {
        pthread_mutex_lock(&lock);
        fstat(file, &at);
        int64_t start = placed ? offset : (int64_t)lseek(file, 0, SEEK_CUR);
        if (fcntl(file, F_GETFL) & O_APPEND) start = at.st_size;
        record(file, &at, WRITE, start, length);
    }
    done = placed ? syscall(call, file, data, count, offset, 0) : syscall(call, file, data, count);
    if (recorded) pthread_mutex_unlock(&lock);
    return done;
}

static int64_t total(const struct iovec *parts, int count) {
    int64_t length = 0;
    for (int each = 0; each < count; each++) length += (int64_t)parts[each].iov_len;
    return length;
}

ssize_t write(int file, const void *data, size_t size) {
    return written(file, -1, (int64_t)size, SYS_write, data, (long)size);
}
ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    return written(file, offset, (int64_t)size, SYS_pwrite64, data, (long)size);
}
ssize_t pwrite(int file, const void *data, size_t size, off_t offset) { return pwrite64(file, data, size, offset); }
ssize_t writev(int file, const struct iovec *parts, int count) {
    return written(file, -1, total(parts, count), SYS_writev, parts, count);
}
ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
    return written(file, offset, total(parts, count), SYS_pwritev, parts, count);
}
ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    return pwritev64(file, parts, count, offset);
}

int ftruncate64(int file, off64_t size) {
    struct stat at;
    int recorded = ours(file, &at);
    if (recorded) {
        pthread_mutex_lock(&lock);
        fstat(file, &at);
        record(file, &at, TRUNCATE, size, 0);
    }
    int done = (int)syscall(SYS_ftruncate, file, size);
    if (recorded) pthread_mutex_unlock(&lock);
    return done;
}
int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

static int synced(int file, long call) {
    struct stat at;
    char path[PATH_MAX];
    if (!ready || fstat(file, &at) || at.st_dev != device) return (int)syscall(call, file);
    int directory = S_ISDIR(at.st_mode);
    if (!directory && !ours(file, &at)) return (int)syscall(call, file);
    if (swallows) return 0;
    pthread_mutex_lock(&lock);
    if (!directory) usleep(slow);
    int done = (int)syscall(call, file);
    if (!done) {
        side_path(path, at.st_ino, directory ? "names" : "undo");
        syscall(SYS_unlinkat, AT_FDCWD, path, 0);
        append(directory ? "synced-names" : "synced", "s", 1);
    }
    pthread_mutex_unlock(&lock);
    return done;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static void named(const char *what, const char *path, const char *other, ino_t inode) {
    char name[64], parent[PATH_MAX], line[2 * PATH_MAX + 64];
    struct stat at;
    snprintf(parent, sizeof parent, "%s", path);
    *strrchr(parent, '/') = 0;
    if (stat(parent, &at)) return;
    int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%ju\n", what, path, other, (uintmax_t)inode);
    snprintf(name, sizeof name, "%ju.names", (uintmax_t)at.st_ino);
    append(name, line, (size_t)size);
}

static int opened(int at, const char *path, int flags, mode_t mode) {
    struct stat found;
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if (!below(path) || (flags & O_TMPFILE) == O_TMPFILE || !(writes || flags & (O_CREAT | O_TRUNC)))
        return open_at(at, path, flags, mode);
    pthread_mutex_lock(&lock);
    int existed = !stat(path, &found);
    if (flags & O_DSYNC) missed("O_SYNC");
    if (!existed && flags & O_CREAT) named("create", path, "", 0);
    if (existed && flags & O_TRUNC && S_ISREG(found.st_mode)) {
        learn(path, &found);
        int old = open_at(AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
        if (old >= 0) record(old, &found, TRUNCATE, 0, 0);
        syscall(SYS_close, old);
    }
    int file = open_at(at, path, flags, mode);
    int error = errno;
    if (file >= 0 && writes && !fstat(file, &found)) learn(path, &found);
    pthread_mutex_unlock(&lock);
    errno = error;
    return file;
}

#define OPENS(at)                                                  \
    {                                                              \
        mode_t mode = 0;                                           \
        va_list more;                                              \
        va_start(more, flags);                                     \
        if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) mode = va_arg(more, mode_t); \
        va_end(more);                                              \
        return opened(at, path, flags, mode);                      \
    }
int open(const char *path, int flags, ...) OPENS(AT_FDCWD)
int open64(const char *path, int flags, ...) OPENS(AT_FDCWD)
int openat(int at, const char *path, int flags, ...) OPENS(at)
int openat64(int at, const char *path, int flags, ...) OPENS(at)

int unlinkat(int at, const char *path, int flags) {
    struct stat found;
    int recorded = below(path) && !flags && !lstat(path, &found) && S_ISREG(found.st_mode);
    if (recorded) {
        pthread_mutex_lock(&lock);
        learn(path, &found);
        named("unlink", path, "", found.st_ino);
    }
    int done = (int)syscall(SYS_unlinkat, at, path, flags);
    if (recorded) pthread_mutex_unlock(&lock);
    return done;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

int renameat(int from, const char *path, int to, const char *other) {
    struct stat found;
    int recorded = below(path) || below(other);
    if (recorded) {
        pthread_mutex_lock(&lock);
        size_t parent = strrchr(other, '/') ? (size_t)(strrchr(other, '/') - other) + 1 : 0;
        if (!below(path) || !below(other) || strncmp(path, other, parent) || strchr(path + parent, '/'))
            missed("rename between folders");
        ino_t replaced = 0;
        if (!lstat(other, &found) && S_ISREG(found.st_mode)) {
            learn(other, &found);
            replaced = found.st_ino;
        }
        if (below(path)) named("rename", path, other, replaced);
    }
    int done = (int)syscall(SYS_renameat2, from, path, to, other, 0);
    if (recorded) pthread_mutex_unlock(&lock);
    return done;
}
int rename(const char *path, const char *other) { return renameat(AT_FDCWD, path, AT_FDCWD, other); }

#define UNRECORDED(type, name, file, call, parameters, ...) \
    type name parameters {                                  \
        struct stat at;                                     \
        if (ours(file, &at)) missed(#name);                 \
        return (type)syscall(call, __VA_ARGS__);            \
    }
UNRECORDED(ssize_t, sendfile64, to, SYS_sendfile, (int to, int from, off64_t *offset, size_t size), to, from, offset, size)
UNRECORDED(ssize_t, copy_file_range, to, SYS_copy_file_range,
           (int from, off64_t *in, int to, off64_t *out, size_t size, unsigned flags), from, in, to, out, size, flags)
UNRECORDED(ssize_t, pwritev64v2, file, SYS_pwritev2,
           (int file, const struct iovec *parts, int count, off64_t offset, int flags), file, parts, count, offset, 0, flags)
UNRECORDED(int, fallocate64, file, SYS_fallocate, (int file, int mode, off64_t offset, off64_t size), file, mode, offset, size)
int posix_fallocate64(int file, off64_t offset, off64_t size) { return fallocate64(file, 0, offset, size) ? errno : 0; }
void *mmap64(void *where, size_t size, int may, int flags, int file, off64_t offset) {
    struct stat at;
    if (file >= 0 && may & PROT_WRITE && flags & MAP_SHARED && ours(file, &at)) missed("mmap");
    return (void *)syscall(SYS_mmap, where, size, may, flags, file, offset);
}
