#pragma once
#include <fcntl.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <zlib.h>

/* git_libgit2_opts is variadic, which Swift cannot call: one wrapper for each option that is set. */

static inline int reconcile_git_set_search_path(int level, const char *path) {
    return git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level, path);
}

static inline int reconcile_git_set_owner_validation(int enabled) {
    return git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, enabled);
}

static inline int reconcile_git_set_cache_size(ssize_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, bytes);
}

static inline int reconcile_git_set_cached_object_size(git_object_t type, size_t bytes) {
    return git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, type, bytes);
}

static inline int reconcile_git_set_windows(size_t window_bytes, size_t mapped_bytes) {
    int result = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, window_bytes);
    return result < 0 ? result : git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, mapped_bytes);
}

static inline int reconcile_git_set_window_files(size_t files) {
    return git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, files);
}

static inline int reconcile_git_set_authorities(const char *file) {
    return git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, (const char *)0);
}

/* Exchanges two paths in one step; the C library shows renameat2 to GNU sources only. 0, or -1 and errno. */
static inline int reconcile_exchange_paths(const char *one, const char *other) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, 2 /* RENAME_EXCHANGE */);
}

/* What the library writes received packs through, and one such pack; `guard` is ours. */
typedef struct {
    git_odb_backend parent;
    void *guard;
} reconcile_guard_backend;

typedef struct {
    git_odb_writepack parent;
    git_indexer *indexer;
    void *guard;
} reconcile_guard_pack;
