/* A disk that fails on command. Preloaded into a process, it counts the calls that change what lies under some
   directories, and lets a fault happen at one of them. */

#define _GNU_SOURCE
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define PATHS_MAX 8
#define PATH_BYTES 4096
#define CALLS_MAX (1 << 16)

/* The values of tests.chaos.disk.Fault. */
enum fault {
    NONE,
    KILLED, /* the process ends instead of the call, or when a write has written a part */
    FULL,   /* a write writes a part, and from then on nothing grows any more */
    FAILING /* the call fails, later ones do not */
};

static char watched[PATHS_MAX][PATH_BYTES];
static int watched_count;
static enum fault fault;
static long fault_at, part_permille;
static atomic_long calls;
static char kinds[CALLS_MAX + 1];

void disk_watch(const char *path)
{
    if (watched_count < PATHS_MAX)
        strncpy(watched[watched_count++], path, PATH_BYTES - 1);
}

void disk_fail(int what, long at, long permille)
{
    fault = what, fault_at = at, part_permille = permille;
}

/* A letter for each call so far: w(rite), s(ync), or c(hange) of a name or a length; a capital one under the first
   of the directories. */
const char *disk_calls(void)
{
    return kinds;
}

static void die(void)
{
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

/* Whether the fault is that of this call. A process that is killed does not return, but from a write. */
static int meets(const char *path, char kind)
{
    for (int i = 0; i < watched_count; i++) {
        if (strncmp(path, watched[i], strlen(watched[i])) != 0)
            continue;
        long call = ++calls;
        if (call <= CALLS_MAX)
            kinds[call - 1] = i ? kind : toupper(kind);
        if (fault == KILLED && call == fault_at && kind != 'w')
            die();
        return fault == FULL ? call >= fault_at : fault != NONE && call == fault_at;
    }
    return 0;
}

static int file_meets(int file, char kind)
{
    char name[64], path[PATH_BYTES];
    int before = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t size = readlink(name, path, sizeof path - 1);
    errno = before;
    if (size < 0)
        return 0;
    path[size] = 0;
    return meets(path, kind);
}

static int refused(int error)
{
    errno = error;
    return -1;
}

static ssize_t written(int file, const void *data, size_t size, ssize_t (*real)(int, const void *, size_t, off_t),
                       off_t offset)
{
    if (!file_meets(file, 'w'))
        return real(file, data, size, offset);
    size_t part = fault == FULL && calls > fault_at ? 0 : size * part_permille / 1000;
    ssize_t done = part ? real(file, data, part, offset) : 0;
    if (fault == KILLED)
        die();
    return done > 0 ? done : refused(fault == FULL ? ENOSPC : EIO);
}

static ssize_t append(int file, const void *data, size_t size, off_t offset)
{
    (void)offset;
    return REAL(write)(file, data, size);
}

static ssize_t put(int file, const void *data, size_t size, off_t offset)
{
    return REAL(pwrite64)(file, data, size, offset);
}

ssize_t write(int file, const void *data, size_t size)
{
    return written(file, data, size, append, 0);
}

ssize_t pwrite64(int file, const void *data, size_t size, off_t offset)
{
    return written(file, data, size, put, offset);
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset)
{
    return written(file, data, size, put, offset);
}

int fsync(int file)
{
    return file_meets(file, 's') && fault == FAILING ? refused(EIO) : REAL(fsync)(file);
}

int fdatasync(int file)
{
    return file_meets(file, 's') && fault == FAILING ? refused(EIO) : REAL(fdatasync)(file);
}

int ftruncate64(int file, off_t size)
{
    return file_meets(file, 'c') && fault == FAILING ? refused(EIO) : REAL(ftruncate64)(file, size);
}

int ftruncate(int file, off_t size)
{
    return ftruncate64(file, size);
}

int rename(const char *from, const char *to)
{
    return meets(to, 'c') && fault == FAILING ? refused(EIO) : REAL(rename)(from, to);
}

int unlink(const char *path)
{
    return meets(path, 'c') && fault == FAILING ? refused(EIO) : REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    return meets(path, 'c') ? refused(fault == FULL ? ENOSPC : EIO) : REAL(mkdir)(path, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    int makes = (flags & O_CREAT) && access(path, F_OK) != 0;
    return makes && meets(path, 'c') ? refused(fault == FULL ? ENOSPC : EIO) : REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open64(path, flags, mode);
}
