/* Records of the audit system, read as the group that follows its log. */
#include "guest.h"
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

#define RECORD_OF_LSM 1400

struct message {
	struct nlmsghdr head;
	char text[9000];
};

static int records = -1;
static unsigned marks;

void open_records(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1) };
	int room = 64 << 20;

	records = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);
	setsockopt(records, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
	if (bind(records, (void *)&address, sizeof address))
		perror("audit");
}

/* A record of our own: all earlier ones come before it. */
static void send_mark(const char *mark)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct message message = { .head = { .nlmsg_type = AUDIT_USER, .nlmsg_flags = NLM_F_REQUEST } };

	strcpy(message.text, mark);
	message.head.nlmsg_len = NLMSG_LENGTH(strlen(mark) + 1);
	sendto(records, &message, message.head.nlmsg_len, 0, (void *)&kernel, sizeof kernel);
}

void read_records(void (*found)(const char *text, size_t size, void *of), void *of)
{
	static struct message message;
	struct pollfd waits = { records, POLLIN };
	char mark[32];
	ssize_t n;

	sprintf(mark, "mark-%u.", ++marks);
	send_mark(mark);
	while (poll(&waits, 1, 5000) == 1) {
		n = recv(records, &message, sizeof message - 1, 0);
		if (n < (ssize_t)sizeof message.head)
			continue;
		size_t size = n - sizeof message.head;
		message.text[size] = 0;
		if (message.head.nlmsg_type == AUDIT_USER && strstr(message.text, mark))
			return;
		char *text = strstr(message.text, "): ");
		if (message.head.nlmsg_type == RECORD_OF_LSM && text)
			found(text + 3, size - (text + 3 - message.text), of);
	}
	found("records lost", 12, of);
}
