// The floor that managers are measured against: one thread that does the least a manager of services can do. For each
// service it makes a cgroup, connects a stream for the output, and spawns straight into the cgroup with a pidfd. A second
// process stands for the log daemon; it accepts the streams and keeps them.
//
//	floor start    DIR PROGRAM N        start N services, then stop them: SIGTERM to each, reap each
//	floor chain    DIR PROGRAM N        N commands, each awaited before the next
//	floor layers   DIR PROGRAM N WIDTH  N commands, WIDTH at a time
//	floor restart  DIR PROGRAM HELLO    one service that says hello; spawned again whenever it dies, until SIGTERM
//
// DIR is an empty cgroup v2 directory. Prints "NAME NANOSECONDS" lines.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sockaddr_un journal;
static socklen_t journal_size;
static char stack[64 << 10] __attribute__((aligned(16)));

static void fail(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

struct service {
	pid_t pid;
	int pidfd, group;
	char *const *argv;
	int out;
};

// child runs on a stack of its own, in the parent's memory, while the parent waits for exec.
static void child(struct service *s)
{
	setsid();
	dup2(s->out, 1);
	dup2(s->out, 2);
	execv(s->argv[0], s->argv);
	_exit(127);
}

static long spawn_child(struct clone_args *args, void (*fn)(struct service *), struct service *s)
{
#if defined(__x86_64__)
	long ret;
	register void *f __asm__("r12") = fn;
	register void *a __asm__("r13") = s;
	__asm__ volatile("syscall\n\ttest %%rax,%%rax\n\tjnz 1f\n\txor %%ebp,%%ebp\n\tmov %%r13,%%rdi\n\tcall *%%r12\n\thlt\n1:"
			 : "=a"(ret) : "a"(SYS_clone3), "D"(args), "S"(sizeof *args), "r"(f), "r"(a) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = SYS_clone3;
	register long ret __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = sizeof *args;
	register void *f __asm__("x20") = fn;
	register void *a __asm__("x21") = s;
	__asm__ volatile("svc 0\n\tcbnz x0,1f\n\tmov x29,#0\n\tmov x0,x21\n\tblr x20\n\tbrk 0\n1:"
			 : "+r"(ret) : "r"(x8), "r"(x1), "r"(f), "r"(a) : "x30", "memory");
#endif
	if (ret < 0) {
		errno = -ret;
		return -1;
	}
	return ret;
}

static void spawn(struct service *s)
{
	s->out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->out < 0 || connect(s->out, (struct sockaddr *)&journal, journal_size) < 0)
		fail("connect");
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_INTO_CGROUP | CLONE_CLEAR_SIGHAND,
		.pidfd = (uintptr_t)&s->pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = sizeof stack,
		.cgroup = s->group,
	};
	s->pid = spawn_child(&args, child, s);
	if (s->pid < 0)
		fail("clone3");
	close(s->out);
}

static void start(struct service *s, const char *dir, int i, char *const *argv)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/s%d", dir, i);
	if (mkdir(path, 0755) < 0)
		fail(path);
	s->group = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->group < 0)
		fail(path);
	s->argv = argv;
	spawn(s);
}

static void reap(struct service *s)
{
	siginfo_t ended;
	if (waitid(P_PIDFD, s->pidfd, &ended, WEXITED) < 0)
		fail("waitid");
	close(s->pidfd);
}

// listen_journal starts the process that accepts every stream; it dies with this one.
static void listen_journal(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	journal.sun_family = AF_UNIX;
	journal_size = sizeof(sa_family_t) + 1 + snprintf(journal.sun_path + 1, 100, "davit-floor-%d", getpid());
	if (fd < 0 || bind(fd, (struct sockaddr *)&journal, journal_size) < 0 || listen(fd, 4096) < 0)
		fail("listen");
	pid_t pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			if (accept4(fd, NULL, NULL, SOCK_CLOEXEC) < 0)
				_exit(1);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		return 2;
	const char *mode = argv[1], *dir = argv[2];
	char *sleeper[] = { argv[3], NULL };
	char *command[] = { argv[3], "exit", NULL };
	char *hello[] = { argv[3], "hello", argv[4], NULL };
	int n = atoi(argv[4]);
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	listen_journal();
	struct service *all = calloc(n > 0 ? n : 1, sizeof *all);
	int64_t begin = now();
	if (!strcmp(mode, "start")) {
		for (int i = 0; i < n; i++)
			start(&all[i], dir, i, sleeper);
		printf("start %lld\n", (long long)(now() - begin));
		begin = now();
		for (int i = 0; i < n; i++)
			kill(all[i].pid, SIGTERM);
		for (int i = 0; i < n; i++)
			reap(&all[i]);
		printf("stop %lld\n", (long long)(now() - begin));
	} else if (!strcmp(mode, "chain") || !strcmp(mode, "layers")) {
		int width = argc > 5 ? atoi(argv[5]) : 1;
		for (int i = 0; i < n; i += width) {
			for (int j = i; j < i + width && j < n; j++)
				start(&all[j], dir, j, command);
			for (int j = i; j < i + width && j < n; j++)
				reap(&all[j]);
		}
		printf("%s %lld\n", mode, (long long)(now() - begin));
	} else if (!strcmp(mode, "restart")) {
		for (start(all, dir, 0, hello);; spawn(all))
			reap(all);
	}
	return 0;
}
