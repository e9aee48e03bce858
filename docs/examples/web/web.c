/* A small web program for examples, demonstrations and measurements: gcc -O2 -static -pthread -o web web.c
 *
 *   /         "version V instance I", after LATENCY, or 500 for a share ERRORS of all requests
 *   /healthz  "ok"
 *   /metrics  what it answered, in the Prometheus text form
 *
 * From the environment: PORT (8080; 0 takes a free one), ADDRESS (0.0.0.0), VERSION (0), INSTANCE (the host's name),
 * ERRORS (0; a share, 0.25 is every fourth request), LATENCY (0; milliseconds).
 *
 * HTTP/1.1 with keep-alive, one thread a connection. SIGTERM and SIGINT end it gracefully: it accepts what has already
 * connected, finishes what it is answering, says "Connection: close", and leaves when no connection is at work. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_MAX = 8192,       /* bytes of a request's head */
    IDLE_SECONDS = 60,     /* a connection with nothing to do is closed after that */
    LINGER_US = 20000,     /* the program ends when nothing was asked for five times that long */
    LINGER_TIMES = 5
};

static const char *version, *instance;
static double error_share;
static long latency_ms;
static atomic_long requests, errors, busy;
static atomic_bool ending;

static const char *setting(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* Whether this request is one of the share that fails: the shares add up, so that 0.25 is every fourth, not by chance. */
static bool fails(long number) {
    return (long)((double)number * error_share) != (long)((double)(number - 1) * error_share);
}

static bool send_all(int connection, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(connection, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes += sent;
        count -= (size_t)sent;
    }
    return true;
}

/* Answers one request; returns whether the connection may be used again. */
static bool answer(int connection, const char *head) {
    char body[1024], text[2048];
    const char *status = "200 OK", *path = strchr(head, ' ');
    bool close_after = strcasestr(head, "\r\nconnection: close") != NULL || strstr(head, " HTTP/1.0\r\n") != NULL;
    bool only_head = strncmp(head, "HEAD ", 5) == 0;
    if (path == NULL || (!only_head && strncmp(head, "GET ", 4) != 0)) {
        status = "405 Method Not Allowed";
        snprintf(body, sizeof body, "only GET and HEAD\n");
        close_after = true; /* a body that we do not read may follow */
    } else if (strncmp(path, " /healthz ", 10) == 0) {
        snprintf(body, sizeof body, "ok\n");
    } else if (strncmp(path, " /metrics ", 10) == 0) {
        snprintf(body, sizeof body,
                 "# TYPE web_requests_total counter\n"
                 "web_requests_total{version=\"%.100s\",instance=\"%.100s\"} %ld\n"
                 "# TYPE web_errors_total counter\n"
                 "web_errors_total{version=\"%.100s\",instance=\"%.100s\"} %ld\n",
                 version, instance, requests, version, instance, errors);
    } else {
        if (latency_ms > 0) {
            struct timespec pause = {latency_ms / 1000, latency_ms % 1000 * 1000000};
            nanosleep(&pause, NULL);
        }
        if (fails(++requests)) {
            ++errors;
            status = "500 Internal Server Error";
        }
        snprintf(body, sizeof body, "version %.100s instance %.100s\n", version, instance);
    }
    close_after = close_after || ending;
    int count = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n%s\r\n%s",
                         status, strlen(body), close_after ? "Connection: close\r\n" : "", only_head ? "" : body);
    return send_all(connection, text, (size_t)count) && !close_after;
}

static void *serve(void *argument) {
    int connection = (int)(long)argument;
    char head[HEAD_MAX + 1];
    size_t filled = 0;
    bool open = true;
    while (open) {
        head[filled] = '\0';
        char *end = strstr(head, "\r\n\r\n");
        if (end != NULL) {
            ++busy;
            char after = end[4];
            end[4] = '\0';
            open = answer(connection, head);
            end[4] = after;
            filled -= (size_t)(end + 4 - head);
            memmove(head, end + 4, filled);
            --busy;
            continue;
        }
        if (filled == HEAD_MAX) break;
        ssize_t got = recv(connection, head + filled, HEAD_MAX - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += (size_t)got;
    }
    shutdown(connection, SHUT_WR);
    close(connection);
    return NULL;
}

static void welcome(int connection) {
    int on = 1;
    struct timeval idle = {IDLE_SECONDS, 0};
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &small, serve, (void *)(long)connection) != 0) close(connection);
    pthread_attr_destroy(&small);
}

static int listen_at(const char *address, int port) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (inet_pton(AF_INET, address, &place.sin_addr) != 1) errno = EINVAL;
    else if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
             bind(listener, (struct sockaddr *)&place, sizeof place) == 0 && listen(listener, 1024) == 0)
        return listener;
    fprintf(stderr, "web: cannot listen at %s:%d: %s\n", address, port, strerror(errno));
    exit(1);
}

int main(void) {
    static char host[256];
    gethostname(host, sizeof host - 1);
    version = setting("VERSION", "0");
    instance = setting("INSTANCE", host);
    error_share = atof(setting("ERRORS", "0"));
    latency_ms = atol(setting("LATENCY", "0"));
    /* Blocked in every thread, so that none is disturbed in the middle of an answer. */
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    int asked = signalfd(-1, &ends, SFD_CLOEXEC);
    int listener = listen_at(setting("ADDRESS", "0.0.0.0"), atoi(setting("PORT", "8080")));
    struct sockaddr_in place;
    socklen_t size = sizeof place;
    getsockname(listener, (struct sockaddr *)&place, &size);
    printf("version %s listens at port %d\n", version, ntohs(place.sin_port));
    fflush(stdout);

    struct pollfd watched[2] = {{.fd = listener, .events = POLLIN}, {.fd = asked, .events = POLLIN}};
    while (!ending) {
        if (poll(watched, 2, -1) < 0 && errno != EINTR) return 1;
        ending = (watched[1].revents & POLLIN) != 0;
        for (int connection; (connection = accept(listener, NULL, NULL)) >= 0;) welcome(connection);
    }
    /* Who had connected is served; who comes from here on is refused, and tries elsewhere. */
    close(listener);
    for (int quiet = 0; quiet < LINGER_TIMES; quiet = busy == 0 ? quiet + 1 : 0) usleep(LINGER_US);
    return 0;
}
